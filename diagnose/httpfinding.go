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
	for i := range h.Directions {
		from := flow.Side(i)
		for _, rule := range []func(*View, flow.Side) Finding{creditHeld, tcpShut} {
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
			for _, rule := range []func(*View, *StreamView, flow.Side) Finding{notRead, windowSizeOfStream, belowZero, padding, silly, unused, ignored} {
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
		list = append(list, fmt.Sprintf("%s has %d bytes", text, s.Bytes))
	}
	return strings.Join(list, ", ")
}

func creditHeld(v *View, from flow.Side) Finding {
	d, h := &v.Directions[from], &v.Layer.HTTP2.Directions[from].Holders
	if total, frames := d.held(flow.ConnectionWindow, flow.CreditLeaked); total > 0 {
		return Finding{
			Rule: "connection-credit-leaked", Severity: Warning, Frames: frames,
			Text: fmt.Sprintf("the HTTP/2 connection's window kept the %v waiting for %s, because the %v never gave back credit of streams that are over: of %d bytes %s. Its library must send WINDOW_UPDATE on stream 0 for DATA of streams that were reset (RFC 9113 6.9); until then only a new connection helps.",
				from, seconds(total), from.Peer(), h.Size, h.Text()),
		}
	}
	total, frames := d.held(flow.ConnectionWindow, flow.CreditHeld)
	if total == 0 {
		return Finding{}
	}
	return Finding{
		Rule: "connection-credit-held", Severity: Warning, Frames: frames,
		Text: fmt.Sprintf("the HTTP/2 connection's window kept all streams of the %v waiting for %s: of %d bytes %s, which the %v has not read. Its application must read or cancel them; a larger connection window only moves the end.",
			from, seconds(total), h.Size, h.Text(), from.Peer()),
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
					Text: fmt.Sprintf("on %s both sides send and neither reads: both windows were shut at once for %s, after %d bytes of the client and %d of the server. Each application must read while it writes.",
						named(s), seconds(both.Length()), a.Sent, b.Sent),
				}
			}
		}
	}
	return Finding{}
}

func notRead(v *View, s *StreamView, from flow.Side) Finding {
	h := &s.Halves[from]
	total, frames := h.stalled()
	if total == 0 || h.Lowest < 0 {
		return Finding{}
	}
	text := fmt.Sprintf("the window of %s kept the %v waiting for %s: the %v did not read %d bytes of it.", named(s), from, seconds(total), from.Peer(), h.Unreturned)
	if h.Unreturned == 0 {
		text = fmt.Sprintf("the window of %s kept the %v waiting for %s, until the %v read on.", named(s), from, seconds(total), from.Peer())
	}
	if m := &h.Messages; m.Length > 0 && !m.Lost {
		text += fmt.Sprintf(" It stands %d bytes into message %d, of %d.", m.Done, m.Whole+1, m.Length)
		if m.Length > v.Layer.HTTP2.Directions[from].Initial.High && m.Done >= v.Layer.HTTP2.Directions[from].Initial.High {
			return Finding{
				Rule: "message-larger-than-window", Severity: Warning, Frames: frames,
				Text: text + " The message is larger than the window, and the receiver gives credit only for whole ones: neither can go on. Its library must give credit as bytes arrive, or the window must hold the largest message.",
			}
		}
	}
	return Finding{Rule: "stream-not-read", Severity: Warning, Frames: frames, Text: text + " Its application must read the stream."}
}

func windowSizeOfStream(v *View, s *StreamView, from flow.Side) Finding {
	h := &s.Halves[from]
	if stalls, _ := h.stalled(); stalls > 0 || h.Limits.Share(flow.StreamWindow) < substantial || v.RTT <= 0 || h.Updates < 3 {
		return Finding{}
	}
	size := v.Layer.HTTP2.Directions[from].Initial.High
	return Finding{
		Rule: "http2-window-too-small", Severity: Warning,
		Text: fmt.Sprintf("the window of %s, %d bytes, is too small for a round trip of %v: it was shut for %s, %.0f %% of the time, and lets at most %.3f MB/s through. To fill a path of R bytes a second it must be R x %.4f bytes: raise SETTINGS_INITIAL_WINDOW_SIZE at the %v, and the connection's window.",
			named(s), size, v.RTT.Round(100*time.Microsecond), seconds(h.Limits[flow.StreamWindow]), 100*h.Limits.Share(flow.StreamWindow), float64(size)/v.RTT.Seconds()/1e6, v.RTT.Seconds(), from.Peer()),
	}
}

func belowZero(_ *View, s *StreamView, from flow.Side) Finding {
	h := &s.Halves[from]
	if h.Lowest >= 0 {
		return Finding{}
	}
	total, frames := h.stalled()
	return Finding{
		Rule: "window-below-zero", Severity: Warning, Frames: frames,
		Text: fmt.Sprintf("the %v lowered SETTINGS_INITIAL_WINDOW_SIZE while %s was open: its window went down to %d bytes, and the %v could send only after updates had brought it above zero (RFC 9113 6.9.2). It waited for %s.",
			from.Peer(), named(s), h.Lowest, from, seconds(total)),
	}
}

func padding(_ *View, s *StreamView, from flow.Side) Finding {
	h := &s.Halves[from]
	if h.Padding == 0 || h.Unreturned < h.Padding || h.Credited < h.Sent-h.Padding || h.Held() == 0 {
		return Finding{}
	}
	return Finding{
		Rule: "padding-not-credited", Severity: Warning,
		Text: fmt.Sprintf("the %v gave back credit for the data of %s, and never for its padding, %d bytes: padding counts too (RFC 9113 6.9.1). Its library loses credit with each padded frame.",
			from.Peer(), named(s), h.Padding),
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
		Text: fmt.Sprintf("the %v gave credit for %s in %d updates of %d bytes on average: the %v sends as little in each frame. A receiver should wait until it has more to give.",
			from.Peer(), named(s), h.Updates, h.Credited/h.Updates, from),
	}
}

func unused(v *View, s *StreamView, from flow.Side) Finding {
	h := &s.Halves[from]
	if h.Unused < time.Second || ignored(v, s, from).Rule != "" {
		return Finding{}
	}
	return Finding{
		Rule: "credit-not-used", Severity: Notice,
		Text: fmt.Sprintf("%s was out of credit, was given %v bytes %s ago, and the %v has sent nothing since: no window holds it. Its application has nothing more to send, or its library missed the update.",
			named(s), h.Window, seconds(h.Unused), from),
	}
}

// ignored tells of a sender that stops where the default window would end.
func ignored(v *View, s *StreamView, from flow.Side) Finding {
	const standard = 65535
	h, d := &s.Halves[from], &v.Layer.HTTP2.Directions[from]
	if !h.Wants || h.Sent-h.Credited != standard || !h.Window.Open() || !d.Window.Open() || d.Initial.Low <= standard {
		return Finding{}
	}
	return Finding{
		Rule: "settings-ignored", Severity: Warning,
		Text: fmt.Sprintf("the %v stopped on %s after exactly %d bytes, where the default window ends, though the %v's SETTINGS allow %v: its library does not obey SETTINGS_INITIAL_WINDOW_SIZE.",
			from, named(s), standard, from.Peer(), d.Initial),
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
		all = append(all, Finding{Rule: "broken-" + e.Kind.String(), Severity: Warning, From: e.From, Stream: e.Stream, Text: text, Frames: []int{b.Frame}})
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
