package peer

import (
	"errors"
	"fmt"
	"math"

	"flowlab/flow"

	"golang.org/x/net/http2"
)

// limits are the SETTINGS of one side that are in force.
type limits struct {
	window  int64  // INITIAL_WINDOW_SIZE
	streams uint32 // MAX_CONCURRENT_STREAMS
	frame   uint32 // MAX_FRAME_SIZE
	table   uint32 // HEADER_TABLE_SIZE
}

var defaults = limits{window: defaultWindow, streams: math.MaxUint32, frame: minFrameSize, table: 4096}

func (l *limits) set(s http2.Setting) {
	switch s.ID {
	case http2.SettingInitialWindowSize:
		l.window = int64(s.Val)
	case http2.SettingMaxConcurrentStreams:
		l.streams = s.Val
	case http2.SettingMaxFrameSize:
		l.frame = s.Val
	case http2.SettingHeaderTableSize:
		l.table = s.Val
	}
}

// checkSettings finds values that RFC 9113 6.5.2 forbids.
func checkSettings(settings []http2.Setting) error {
	for _, s := range settings {
		switch {
		case s.ID == http2.SettingInitialWindowSize && s.Val > maxWindow:
			return &ConnError{Code: http2.ErrCodeFlowControl, Reason: fmt.Sprintf("SETTINGS_INITIAL_WINDOW_SIZE %d is above %d", s.Val, maxWindow)}
		case s.ID == http2.SettingMaxFrameSize && (s.Val < minFrameSize || s.Val > maxFrameSize):
			return &ConnError{Code: http2.ErrCodeProtocol, Reason: fmt.Sprintf("SETTINGS_MAX_FRAME_SIZE %d is not within %d to %d", s.Val, minFrameSize, maxFrameSize)}
		case s.ID == http2.SettingEnablePush && s.Val > 1:
			return &ConnError{Code: http2.ErrCodeProtocol, Reason: fmt.Sprintf("SETTINGS_ENABLE_PUSH %d is neither 0 nor 1", s.Val)}
		}
	}
	return nil
}

// ChangeSettings sends SETTINGS. They are in force when the other side has
// acknowledged them; a larger window or frame may be used as soon as it knows of it.
func (c *Conn) ChangeSettings(settings ...http2.Setting) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.gone(); err != nil {
		return err
	}
	if err := checkSettings(settings); err != nil {
		return err
	}
	c.sendSettings(settings)
	return nil
}

func (c *Conn) sendSettings(settings []http2.Setting) {
	c.unacked = append(c.unacked, settings)
	c.framer.WriteSettings(settings...)
}

// acknowledged puts this side's oldest SETTINGS in force: the other side keeps to them
// from here on.
func (c *Conn) acknowledged() {
	if len(c.unacked) == 0 {
		return // an ACK too many, of which the RFC says nothing
	}
	for _, setting := range c.unacked[0] {
		if setting.ID == http2.SettingInitialWindowSize {
			for _, s := range c.streams {
				s.recv.size += int64(setting.Val) - c.mine.window
			}
		}
		if setting.ID == http2.SettingHeaderTableSize {
			c.decoder.SetAllowedMaxDynamicTableSize(setting.Val)
		}
		c.mine.set(setting)
	}
	c.unacked = c.unacked[1:]
}

// slack is how many bytes above a stream's account may come, as SETTINGS that raise the
// initial window are on their way or not yet acknowledged.
func (c *Conn) slack() int64 {
	highest := c.mine.window
	for _, settings := range c.unacked {
		for _, s := range settings {
			if s.ID == http2.SettingInitialWindowSize {
				highest = max(highest, int64(s.Val))
			}
		}
	}
	return highest - c.mine.window
}

// longest is the payload that the other side's frames may have.
func (c *Conn) longest() uint32 {
	longest := c.mine.frame
	for _, settings := range c.unacked {
		for _, s := range settings {
			if s.ID == http2.SettingMaxFrameSize {
				longest = max(longest, s.Val)
			}
		}
	}
	return longest
}

// AckSettings puts the other side's oldest SETTINGS in force and acknowledges them,
// where Knobs.HoldAck held them back.
func (c *Conn) AckSettings() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.held) == 0 {
		return errors.New("no SETTINGS are held")
	}
	c.acknowledge()
	return nil
}

// processSettings takes the other side's SETTINGS.
func (c *Conn) processSettings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		c.acknowledged()
		return nil
	}
	c.settings = true
	settings := make([]http2.Setting, f.NumSettings())
	for i := range settings {
		settings[i] = f.Setting(i)
		if settings[i].ID == http2.SettingEnablePush && settings[i].Val == 1 && c.side == flow.Client {
			return &ConnError{Code: http2.ErrCodeProtocol, Reason: "SETTINGS_ENABLE_PUSH 1 from a server"}
		}
	}
	if err := checkSettings(settings); err != nil {
		return err
	}
	c.held = append(c.held, settings)
	if !c.knobs.HoldAck {
		return c.acknowledge()
	}
	return nil
}

// acknowledge puts the other side's oldest SETTINGS in force, and the ACK into this
// side's bytes: here, and nowhere else, do they begin to hold.
func (c *Conn) acknowledge() error {
	settings := c.held[0]
	c.held = c.held[1:]
	c.emit() // the SETTINGS themselves changed nothing yet
	for _, setting := range settings {
		if err := c.inForce(setting); err != nil {
			c.fail(err)
			return err
		}
	}
	if !c.broken.has(NoSettingsAck) {
		c.framer.WriteSettingsAck()
	}
	select {
	case <-c.first:
	default:
		close(c.first)
	}
	c.kickAll()
	c.openWaiting()
	return nil
}

func (c *Conn) inForce(setting http2.Setting) error {
	switch setting.ID {
	case http2.SettingInitialWindowSize:
		for _, s := range c.streams {
			s.send.size += int64(setting.Val) - c.peer.window
			if s.send.size > maxWindow {
				return &ConnError{Code: http2.ErrCodeFlowControl, Reason: fmt.Sprintf(
					"SETTINGS_INITIAL_WINDOW_SIZE %d makes the window of stream %d %d", setting.Val, s.id, s.send.size)}
			}
		}
	case http2.SettingHeaderTableSize:
		c.encoder.SetMaxDynamicTableSizeLimit(setting.Val)
		c.encoder.SetMaxDynamicTableSize(min(setting.Val, defaults.table))
	}
	c.peer.set(setting)
	return nil
}
