package diagnose

import (
	"fmt"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// Severity says how much a finding matters.
type Severity string

const (
	Notice  Severity = "notice"  // worth knowing
	Warning Severity = "warning" // it cost time
)

// Finding is a sentence that a person can act on, with the frames that prove it.
type Finding struct {
	Rule       string // the rule's name, which does not change
	Severity   Severity
	Connection int    // its number
	Stream     uint32 // 0 for the connection as a whole
	From       flow.Side
	Text       string
	Frames     []int
}

// substantial is the share of a direction's time above which what holds it is
// worth a finding.
const substantial = 0.1

// Findings returns what is to be said of a connection, direction by direction.
func Findings(v *View) []Finding {
	var all []Finding
	for i := range v.Directions {
		d := &v.Directions[i]
		for _, rule := range []func(*View, *DirectionView) Finding{reading, windowSize, lostUpdate, nagle, losses, shrunk} {
			if f := rule(v, d); f.Rule != "" {
				f.Connection, f.From = v.Number, d.From
				all = append(all, f)
			}
		}
	}
	return append(all, httpFindings(v)...)
}

// held adds up the stalls of one cause that one party could have ended.
func (d *DirectionView) held(c flow.Cause, by flow.HeldBy) (total time.Duration, frames []int) {
	var longest time.Duration
	for _, s := range d.Stalls {
		if s.Cause != c || s.HeldBy != by {
			continue
		}
		total += s.Length()
		if s.Length() > longest {
			longest, frames = s.Length(), s.Frames
		}
	}
	return total, frames
}

func reading(v *View, d *DirectionView) Finding {
	total, frames := d.held(flow.ReceiveWindow, flow.Reader)
	if total == 0 || v.Layer.HTTP2 != nil && v.Layer.HTTP2.Directions[d.From].Window.Open() {
		return Finding{} // of HTTP/2 more is known: tcpShut
	}
	return Finding{
		Rule: "reader-slow", Severity: Warning, Frames: frames,
		Text: fmt.Sprintf("the %v (%v) read its socket too slowly, or not at all: its window kept the %v waiting for %s. Look at what that application does instead of reading.",
			d.From.Peer(), v.ID.Addr(d.From.Peer()), d.From, seconds(total)),
	}
}

func windowSize(v *View, d *DirectionView) Finding {
	total, frames := d.held(flow.ReceiveWindow, flow.WindowSize)
	if total == 0 || v.RTT == 0 {
		return Finding{}
	}
	return Finding{
		Rule: "window-too-small", Severity: Warning, Frames: frames,
		Text: fmt.Sprintf("the %v's window of %s bytes is too small for a round trip of %v: it lets at most %.3f MB/s through, whatever the path could carry. To fill a path of R bytes a second it must be R x %.4f bytes: enlarge the %v's receive buffer.",
			d.From.Peer(), flow.Grouped(d.MaxWindow), v.RTT.Round(100*time.Microsecond), float64(d.MaxWindow)/v.RTT.Seconds()/1e6, v.RTT.Seconds(), d.From.Peer()),
	}
}

func lostUpdate(_ *View, d *DirectionView) Finding {
	total, frames := d.held(flow.ReceiveWindow, flow.LostUpdate)
	if total == 0 {
		return Finding{}
	}
	return Finding{
		Rule: "lost-window-update", Severity: Warning, Frames: frames,
		Text: fmt.Sprintf("the %v opened its window, but the %v heard of it only in the answer to a probe: the update was lost. The stall lasted %s; updates are not acknowledged, so only probes repair this (RFC 9293 3.8.6.1).",
			d.From.Peer(), d.From, seconds(total)),
	}
}

func nagle(_ *View, d *DirectionView) Finding {
	if d.Limits.Share(flow.Nagle) < substantial {
		return Finding{}
	}
	return Finding{
		Rule: "nagle", Severity: Warning,
		Text: fmt.Sprintf("short segments of the %v waited %s for ACKs of what it had sent before (RFC 896), %.0f %% of its time: it writes in small pieces, and the %v delays its ACKs. Write each message in one piece, or set TCP_NODELAY at the %v.",
			d.From, seconds(d.Limits[flow.Nagle]), 100*d.Limits.Share(flow.Nagle), d.From.Peer(), d.From),
	}
}

func losses(_ *View, d *DirectionView) Finding {
	if d.Resent == 0 || d.Bytes == 0 {
		return Finding{}
	}
	f := Finding{
		Rule: "loss", Severity: Notice,
		Text: fmt.Sprintf("the path lost packets of the %v: %s bytes were sent again, %.2f %% of what it sent, and repairing took %s. Neither application is at fault.",
			d.From, flow.Grouped(d.Resent), 100*float64(d.Resent)/float64(d.Bytes+d.Resent), seconds(d.Limits[flow.LossRecovery])),
	}
	if d.Limits.Share(flow.LossRecovery) >= substantial {
		f.Severity = Warning
	}
	return f
}

func shrunk(v *View, d *DirectionView) Finding {
	n := v.Directions[d.From.Peer()].Events[tcpwin.WindowShrunk]
	if n == 0 {
		return Finding{}
	}
	return Finding{
		Rule: "window-shrunk", Severity: Notice,
		Text: fmt.Sprintf("the %v took back room that it had offered, %d times: its right edge moved left (RFC 9293 3.8.6 discourages it). A buffer was made smaller, or memory ran short.",
			d.From.Peer(), n),
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
