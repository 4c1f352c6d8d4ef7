package h2flow

import (
	"fmt"

	"flowlab/flow"
)

// MaxWindow is the largest window that is legal, in bytes (RFC 9113 6.9.1).
const MaxWindow = 1<<31 - 1

// defaultWindow is the connection's window at the start, and a stream's before
// SETTINGS say otherwise (RFC 9113 6.9.2).
const defaultWindow = 65535

// Window is how many bytes may still be sent: at least Low, at most High. The two
// differ where something was not seen, or SETTINGS are not acknowledged. It is
// negative if a setting took away what was already sent (RFC 9113 6.9.2).
type Window struct{ Low, High int64 }

// anyWindow is one of which nothing is known.
var anyWindow = Window{-MaxWindow, MaxWindow}

// exactly is a window that is known.
func exactly(n int64) Window { return Window{n, n} }

// Known tells whether both bounds are the same.
func (w Window) Known() bool { return w.Low == w.High }

// Shut tells whether surely nothing may be sent.
func (w Window) Shut() bool { return w.High <= 0 }

// Open tells whether surely something may be sent.
func (w Window) Open() bool { return w.Low > 0 }

func (w Window) String() string {
	switch {
	case w.Known():
		return flow.Grouped(w.Low)
	case w.Low <= -MaxWindow:
		return fmt.Sprintf("at most %s", flow.Grouped(w.High))
	case w.High >= MaxWindow:
		return fmt.Sprintf("at least %s", flow.Grouped(w.Low))
	}
	return fmt.Sprintf("%s to %s", flow.Grouped(w.Low), flow.Grouped(w.High))
}

func (w Window) add(n int64) Window { return Window{w.Low + n, w.High + n} }

func (w Window) plus(o Window) Window { return Window{w.Low + o.Low, w.High + o.High} }

// sum is an account relative to another: what was deposited less what was withdrawn.
// It is inexact from where something was not seen.
type sum struct{ Window }

// within narrows the sum, where it is inexact, so that with base it lies between two
// bounds. Of two unknown parts it narrows this one only as far as the other allows.
func (s *sum) within(base Window, low, high int64) {
	if s.Known() {
		return
	}
	s.Low = min(max(s.Low, low-base.High), s.High)
	s.High = max(min(s.High, high-base.Low), s.Low)
}
