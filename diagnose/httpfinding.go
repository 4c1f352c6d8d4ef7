package diagnose

import (
	"fmt"
	"strings"
	"time"

	"flowlab/flow"
	"flowlab/h2flow"
)

// httpFindings returns what is to be said of an HTTP/2 connection.
func httpFindings(v *View) (all []Finding) {
	h := v.Layer.HTTP2
	if h == nil {
		return nil
	}
	add := func(f Finding) {
		if f.Rule != "" {
			f.Connection = v.Number
			all = append(all, f)
		}
	}
	add(streamLimit(h))
	add(limitLowered(h))
	add(refused(h))
	for i := range h.Directions {
		from := flow.Side(i)
		for _, rule := range []func(*View, flow.Side) Finding{creditHeld, connectionSize, tcpShut, goneAway} {
			f := rule(v, from)
			f.From = from
			add(f)
		}
	}
	for i := range h.Streams {
		s := &h.Streams[i]
		if i == mostStreamsTold {
			break
		}
		add(bothSend(v, s))
		for from := range s.Halves {
			for _, rule := range []func(*View, *StreamView, flow.Side) Finding{notRead, windowSizeOfStream, belowZero, padding, silly, unused, deafness} {
				f := rule(v, s, flow.Side(from))
				f.From, f.Stream = flow.Side(from), s.ID
				add(f)
			}
		}
	}
	for _, b := range broken(h) {
		add(b)
	}
	return all
}

// mostStreamsTold is of how many streams, those held the longest, findings are told.
const mostStreamsTold = 10

// named names a stream.
func named(s *StreamView) string {
	if s.Path == "" {
		return fmt.Sprintf("stream %d", s.ID)
	}
	return fmt.Sprintf("stream %d (%s)", s.ID, s.Path)
}

// Text names the streams, with their bytes.
func (h *Holdings) Text() string {
	var list []string
	for _, s := range h.Streams {
		text := fmt.Sprintf("stream %d", s.Stream)
		switch {
		case s.Path != "" && s.Closed:
			text += fmt.Sprintf(" (%s, over)", s.Path)
		case s.Path != "":
			text += fmt.Sprintf(" (%s)", s.Path)
		case s.Closed:
			text += " (over)"
		}
		list = append(list, fmt.Sprintf("%s has %s bytes", text, flow.Grouped(s.Bytes)))
	}
	return strings.Join(list, ", ")
}

func creditHeld(v *View, from flow.Side) Finding {
	d, h := &v.Directions[from], &v.Layer.HTTP2.Directions[from].Holders
	if total, frames := d.held(flow.ConnectionWindow, flow.CreditLeaked); total > 0 {
		return Finding{
			Rule: "connection-credit-leaked", Severity: Warning, Frames: frames,
			Text: fmt.Sprintf("the HTTP/2 connection's window kept the %v waiting for %s, because the %v never gave back credit of streams that are over: of %s bytes %s. Its library must send WINDOW_UPDATE on stream 0 for DATA of streams that were reset (RFC 9113 6.9); until then only a new connection helps.",
				from, seconds(total), from.Peer(), flow.Grouped(h.Size), h.Text()),
		}
	}
	if total, frames := d.held(flow.ConnectionWindow, flow.PeerLibrary); total > 0 {
		return Finding{
			Rule: "connection-credit-owed", Severity: Warning, Frames: frames,
			Text: fmt.Sprintf("the HTTP/2 connection's window kept the %v waiting for %s, though the %v has read: of %s bytes, %s are such as it gave back on their streams, or padding, and never on the connection. Its library must send WINDOW_UPDATE on stream 0 too (RFC 9113 6.9.1).",
				from, seconds(total), from.Peer(), flow.Grouped(h.Size), flow.Grouped(h.Library)),
		}
	}
	total, frames := d.held(flow.ConnectionWindow, flow.CreditHeld)
	if total == 0 {
		return Finding{}
	}
	return Finding{
		Rule: "connection-credit-held", Severity: Warning, Frames: frames,
		Text: fmt.Sprintf("the HTTP/2 connection's window kept all streams of the %v waiting for %s: of %s bytes %s, which the %v has not read. Its application must read or cancel them; a larger connection window only moves the end.",
			from, seconds(total), flow.Grouped(h.Size), h.Text(), from.Peer()),
	}
}

// tcpShut tells that the socket is not read though HTTP/2 has credit.
func tcpShut(v *View, from flow.Side) Finding {
	total, frames := v.Directions[from].held(flow.ReceiveWindow, flow.Reader)
	d, other := &v.Layer.HTTP2.Directions[from], &v.Directions[from.Peer()]
	if total == 0 || !d.Window.Open() {
		return Finding{}
	}
	both, _ := other.held(flow.ReceiveWindow, flow.Reader)
	if both > 0 {
		if from == flow.Server && v.Layer.HTTP2.Directions[flow.Client].Window.Open() {
			return Finding{} // it was said of the client
		}
		return Finding{
			Rule: "both-sockets-unread", Severity: Warning, Frames: frames,
			Text: fmt.Sprintf("neither side reads its socket, though HTTP/2 has credit (%v bytes for the %v): each waits for the other to read before it reads on. It is no HTTP/2 window; look at what both do when they cannot write.", d.Window, from),
		}
	}
	return Finding{
		Rule: "http2-open-tcp-shut", Severity: Warning, Frames: frames,
		Text: fmt.Sprintf("HTTP/2 gives the %v credit for %v bytes, but the %v does not read its socket: it is no HTTP/2 window. Look at what the reading side does instead; updates and PINGs in that direction are stuck as well.", from, d.Window, from.Peer()),
	}
}

// held is for how long a stream's own window held it, in stalls.
func (h *HalfView) stalled() (total time.Duration, frames []int) {
	var longest time.Duration
	for _, s := range h.Stalls {
		total += s.Length()
		if s.Length() > longest {
			longest, frames = s.Length(), s.Frames
		}
	}
	return total, frames
}

// bothSend tells of a stream of which both directions are shut at once.
func bothSend(v *View, s *StreamView) Finding {
	a, b := &s.Halves[0], &s.Halves[1]
	for _, x := range a.Stalls {
		for _, y := range b.Stalls {
			if both := x.Clip(y.Interval); both.Length() >= MinStall {
				return Finding{
					Rule: "both-sides-send", Severity: Warning, Stream: s.ID, Frames: append(x.Frames[:len(x.Frames):len(x.Frames)], y.Frames...),
					Text: fmt.Sprintf("on %s both sides send and neither reads: both windows were shut at once for %s, after %s bytes of the client and %s of the server. Each application must read while it writes.",
						named(s), seconds(both.Length()), flow.Grouped(a.Sent), flow.Grouped(b.Sent)),
				}
			}
		}
	}
	return Finding{}
}

func notRead(v *View, s *StreamView, from flow.Side) Finding {
	h := &s.Halves[from]
	total, frames := h.stalled()
	initial := v.Layer.HTTP2.Directions[from].Initial.High
	switch {
	case total == 0 || h.Lowest < 0 || h.losesPadding():
		return Finding{}
	case h.Holder == flow.PeerSettings:
		return Finding{
			Rule: "zero-initial-window", Severity: Warning, Frames: frames,
			Text: fmt.Sprintf("the %v's SETTINGS_INITIAL_WINDOW_SIZE is 0, and it kept the %v waiting for %s on %s: nothing may be sent before WINDOW_UPDATE (RFC 9113 6.9.2). It must raise the setting, or grant credit for the stream.",
				from.Peer(), from, seconds(total), named(s)),
		}
	}
	text := fmt.Sprintf("the window of %s kept the %v waiting for %s: the %v did not read %s bytes of it.", named(s), from, seconds(total), from.Peer(), flow.Grouped(h.Unreturned))
	if h.Unreturned == 0 {
		text = fmt.Sprintf("the window of %s kept the %v waiting for %s, until the %v read on.", named(s), from, seconds(total), from.Peer())
	}
	f := Finding{Rule: "stream-not-read", Severity: Warning, Frames: frames}
	todo := " Its application must read the stream."
	m := &h.Messages
	if m.Length > 0 && !m.Lost {
		text += fmt.Sprintf(" It stands %s bytes into message %d, of %s.", flow.Grouped(m.Done), m.Whole+1, flow.Grouped(m.Length))
	}
	switch {
	case h.Holder == flow.PeerLibrary:
		f.Rule = "message-larger-than-window"
		todo = fmt.Sprintf(" The message is larger than the window, and the receiver gave credit only for whole ones, %d so far: neither can go on. Its library must give credit as bytes arrive, or the window must hold the largest message.", m.Whole)
	case m.Length > initial && m.Done >= initial && !m.Lost:
		f.Rule = "message-larger-than-window"
		todo = " The message is larger than the window: where the receiver gives credit only for whole ones, neither can go on. Its application must read; if it waits for the message, its library must give credit as bytes arrive, or the window must hold the largest message."
	case h.Updates == 0 && h.Sent == initial:
		todo = " It was never given credit: its application must read the stream; if it does, its library counts on a larger window than the one that it has advertised."
	}
	if other := &s.Halves[from.Peer()]; other.Finished && s.ResetBy == 0 && h.Wants {
		f.Rule = "upload-abandoned"
		todo = fmt.Sprintf(" The %v had already ended its answer: it needs no more of the request, and must say so by RST_STREAM with NO_ERROR (RFC 9113 8.1), or read the rest.", from.Peer())
	}
	f.Text = text + todo
	return f
}

func windowSizeOfStream(v *View, s *StreamView, from flow.Side) Finding {
	h := &s.Halves[from]
	if stalls, _ := h.stalled(); stalls > 0 || h.Limits.Share(flow.StreamWindow) < substantial || h.Limits[flow.StreamWindow] < MinStall || v.RTT <= 0 || h.Updates < 3 || silly(v, s, from).Rule != "" {
		return Finding{}
	}
	return Finding{
		Rule: "http2-window-too-small", Severity: Warning,
		Text: fmt.Sprintf("the window of %s, %s bytes, is too small for a round trip of %v: it was shut for %s, %.0f %% of the time, and lets at most %.3f MB/s through. To fill a path of R bytes a second it must be R x %.4f bytes: raise SETTINGS_INITIAL_WINDOW_SIZE at the %v, and the connection's window.",
			named(s), flow.Grouped(h.Size), v.RTT.Round(100*time.Microsecond), seconds(h.Limits[flow.StreamWindow]), 100*h.Limits.Share(flow.StreamWindow), float64(h.Size)/v.RTT.Seconds()/1e6, v.RTT.Seconds(), from.Peer()),
	}
}

// connectionSize tells of a connection's window that is too small for the path.
func connectionSize(v *View, from flow.Side) Finding {
	d, h := &v.Directions[from], &v.Layer.HTTP2.Directions[from]
	held, _ := d.held(flow.ConnectionWindow, flow.CreditHeld)
	leaked, _ := d.held(flow.ConnectionWindow, flow.CreditLeaked)
	owed, _ := d.held(flow.ConnectionWindow, flow.PeerLibrary)
	if held+leaked+owed > 0 || d.Limits.Share(flow.ConnectionWindow) < substantial || v.RTT <= 0 || h.Updates < 3 || h.Shut == 0 {
		return Finding{}
	}
	text := fmt.Sprintf("the HTTP/2 connection's window, %s bytes, is too small for a round trip of %v: it was shut for %s, %.0f %% of the time, and lets at most %.3f MB/s through. To fill a path of R bytes a second it must be R x %.4f bytes: the %v must enlarge it by WINDOW_UPDATE on stream 0.",
		flow.Grouped(h.Shut), v.RTT.Round(100*time.Microsecond), seconds(d.Limits[flow.ConnectionWindow]), 100*d.Limits.Share(flow.ConnectionWindow), float64(h.Shut)/v.RTT.Seconds()/1e6, v.RTT.Seconds(), from.Peer())
	if h.Largest == standard {
		text += " It never grew from where it begins (RFC 9113 6.9.2): its library does not fit it to the path, or an option for a fixed window turned that off."
	}
	return Finding{Rule: "http2-window-too-small", Severity: Warning, Text: text}
}

func belowZero(_ *View, s *StreamView, from flow.Side) Finding {
	h := &s.Halves[from]
	if h.Lowest >= 0 || h.Overran {
		return Finding{}
	}
	total, frames := h.stalled()
	return Finding{
		Rule: "window-below-zero", Severity: Warning, Frames: frames,
		Text: fmt.Sprintf("the %v lowered SETTINGS_INITIAL_WINDOW_SIZE while %s was open: its window went down to %s bytes, and the %v could send only after updates had brought it above zero (RFC 9113 6.9.2). It waited for %s.",
			from.Peer(), named(s), flow.Grouped(h.Lowest), from, seconds(total)),
	}
}

// losesPadding tells whether the window was shut and only padding was missing.
func (h *HalfView) losesPadding() bool { return h.Padding > 0 && h.Holder == flow.PeerLibrary }

// padding tells of padding that was not given back: it shut the window, also where other
// credit made up for a part of it, or all of it is missing.
func padding(_ *View, s *StreamView, from flow.Side) Finding {
	h := &s.Halves[from]
	total, frames := h.stalled()
	shut := h.losesPadding() && total > 0
	allMissing := h.Padding > 0 && h.Unreturned >= h.Padding && h.Credited >= h.Sent-h.Padding && h.Held() > 0
	if !shut && !allMissing {
		return Finding{}
	}
	return Finding{
		Rule: "padding-not-credited", Severity: Warning, Frames: frames,
		Text: fmt.Sprintf("the %v gave back credit for the data of %s, and not for its padding: %s bytes are missing. Padding counts too (RFC 9113 6.9.1). Its library loses credit with each padded frame.",
			from.Peer(), named(s), flow.Grouped(min(h.Padding, h.Unreturned))),
	}
}

func silly(_ *View, s *StreamView, from flow.Side) Finding {
	const many, tiny = 20, 256
	h := &s.Halves[from]
	if h.Updates < many || h.Credited/h.Updates >= tiny {
		return Finding{}
	}
	return Finding{
		Rule: "tiny-updates", Severity: Warning,
		Text: fmt.Sprintf("the %v gave credit for %s in %s updates of %s bytes on average: the %v sends as little in each frame. A receiver should wait until it has more to give.",
			from.Peer(), named(s), flow.Grouped(h.Updates), flow.Grouped(h.Credited/h.Updates), from),
	}
}

// broken tells of broken rules, once for each.
func broken(h *HTTPView) (all []Finding) {
	var counts [2][h2flow.NumKinds]int
	for _, b := range h.Violations {
		counts[b.Event.From][b.Event.Kind]++
	}
	for _, b := range h.Violations {
		e := &b.Event
		n := counts[e.From][e.Kind]
		if n == 0 {
			continue
		}
		counts[e.From][e.Kind] = 0
		text := fmt.Sprintf("the %v broke a rule of RFC 9113: %s.", e.From, rules[e.Kind])
		if e.Value != 0 {
			text += fmt.Sprintf(" The number was %d, in %v.", e.Value, &e.Frame)
		}
		if n > 1 {
			text += fmt.Sprintf(" It did so %d times.", n)
		}
		all = append(all, Finding{Rule: brokenPrefix + e.Kind.String(), Severity: Warning, From: e.From, Stream: e.Stream, Text: text, Frames: []int{b.Frame}})
	}
	return all
}

// rules says what each violation is.
var rules = [h2flow.NumKinds]string{
	h2flow.Overrun:        "it sent DATA beyond the window (6.9.1)",
	h2flow.ZeroUpdate:     "a WINDOW_UPDATE of 0 (6.9)",
	h2flow.Overflow:       "a window above 2^31-1 bytes (6.9.1)",
	h2flow.WrongLength:    "a frame of a length that its type does not have (4.2)",
	h2flow.WrongStream:    "a frame on a stream where it may not be (5.1)",
	h2flow.TooManyStreams: "it opened more streams than it may (5.1.2)",
	h2flow.WrongSetting:   "a setting out of its range (6.5.2)",
	h2flow.LonePadding:    "padding longer than the frame (6.1)",
	h2flow.StrayAck:       "it acknowledged SETTINGS that it was not sent (6.5.3)",
	h2flow.BrokenBlock:    "something came between a header block's frames (4.3)",
}
