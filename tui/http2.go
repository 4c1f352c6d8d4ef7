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

// tightest is the account of HTTP/2 to watch: the connection's if its window is shut,
// else that of the producer's stream that was held the longest, if one is open. It is
// how much of the window is used, and how large the window is.
func tightest(h *diagnose.HTTPView) (name string, used, size int64) {
	d := &h.Directions[flow.Client]
	name, used, size = "connection", d.Unreturned, d.Unreturned+max(0, d.Window.Low)
	if d.Window.Shut() {
		return name, used, size
	}
	for i := range h.Streams {
		if half := &h.Streams[i].Halves[flow.Client]; half.Wants {
			return fmt.Sprintf("stream %d", h.Streams[i].ID), half.Unreturned, half.Unreturned + max(0, half.Window.Low)
		}
	}
	return name, used, size
}

// drawCredit draws the account to watch, in place of the send buffer: how much of the
// window is used, and how much is left.
func (s *scene) drawCredit(a parts.Area, h *diagnose.HTTPView) {
	name, used, size := tightest(h)
	left, k := size-used, parts.Plain
	text := bytesText(left) + " left"
	if left <= 0 {
		k, text = parts.Alarm, "SHUT"
	}
	gauge := parts.Gauge{Name: a.IfRoom("window of ", name), Part: used, Whole: size, Ink: parts.Flight, Text: text, TextInk: k}
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
