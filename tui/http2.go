package tui

import (
	"fmt"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/tui/parts"
)

// whyHTTP2 says who must act where a window of HTTP/2 holds a sender.
func whyHTTP2(c flow.Cause, by flow.HeldBy, sender, receiver string) string {
	window := "the stream's window"
	if c == flow.ConnectionWindow {
		window = "the connection's window"
	}
	switch {
	case c == flow.StreamLimit:
		return "the " + receiver + " lets no more streams be open"
	case by == flow.CreditHeld:
		return "streams that the " + receiver + " does not read have all credit"
	case by == flow.CreditLeaked:
		return "the " + receiver + " never gave back credit of streams that are over"
	case by == flow.PeerSettings:
		return "the " + receiver + "'s SETTINGS allow no more"
	case by == flow.WindowSize:
		return window + " is too small for this path"
	case by == flow.SenderLibrary:
		return "the " + sender + "'s library does not use its credit"
	case by == flow.PeerLibrary:
		return "the " + receiver + "'s library gives no credit for what was read"
	}
	return "the " + receiver + " does not read the stream"
}

// http2 is what packets show of HTTP/2, nil if it is not spoken.
func (s *scene) http2() *diagnose.HTTPView {
	if v := s.view(); v != nil {
		return v.Layer.HTTP2
	}
	return nil
}

// credit is an account of HTTP/2: how much of a window is used, and how large it is.
type credit struct {
	name       string
	used, size int64
}

// credits are the connection's account, and before it that of the producer's stream that
// was held the longest, if one is open.
func credits(h *diagnose.HTTPView) (all []credit) {
	for i := range h.Streams {
		if half := &h.Streams[i].Halves[flow.Client]; half.Wants {
			all = append(all, credit{fmt.Sprintf("stream %d", h.Streams[i].ID), half.Unreturned, half.Unreturned + max(0, half.Window.Low)})
			break
		}
	}
	d := &h.Directions[flow.Client]
	return append(all, credit{"connection", d.Unreturned, d.Unreturned + max(0, d.Window.Low)})
}

// tightest is the account to watch where there is room for one: the connection's if its
// window is shut, else the stream's.
func tightest(h *diagnose.HTTPView) credit {
	all := credits(h)
	if h.Directions[flow.Client].Window.Shut() {
		return all[len(all)-1]
	}
	return all[0]
}

// draw draws how much of the window is used, and how much is left.
func (c credit) draw(a parts.Area) {
	left, k := c.size-c.used, parts.Plain
	text := bytesText(left) + " left"
	if left <= 0 {
		k, text = parts.Alarm, "SHUT"
	}
	gauge := parts.Gauge{Name: a.IfRoom("window of ", c.name), Part: c.used, Whole: c.size, Ink: parts.Flight, Text: text, TextInk: k}
	gauge.Draw(a)
}

// streamsText counts the streams that a role has open.
func streamsText(h *diagnose.HTTPView) string {
	n := h.Directions[flow.Client].Open
	if n == 1 {
		return "1 stream"
	}
	return fmt.Sprintf("%d streams", n)
}

// leading is the direction whose verdict is shown, and the roles of its ends: the
// producer's, unless over HTTP/2 only the consumer's is held.
func (s *scene) leading() (d *diagnose.DirectionView, sender, receiver scenarios.Role) {
	d = s.sender()
	if d == nil || s.http2() == nil || d.Now.Cause != flow.Application {
		return d, scenarios.Producer, scenarios.Consumer
	}
	if other := &s.view().Directions[flow.Server]; other.Now.Cause != flow.Application {
		return other, scenarios.Consumer, scenarios.Producer
	}
	return d, scenarios.Producer, scenarios.Consumer
}
