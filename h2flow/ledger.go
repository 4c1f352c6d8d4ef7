package h2flow

import (
	"time"

	"flowlab/flow"
)

// Ledger keeps the accounts of a connection from the frames of both sides. See
// [NewLedger].
type Ledger struct {
	directions [2]Direction // by the side that sends
	streams    map[uint32]*Stream
	closed     []*Stream // in the order in which they were closed, the latest
	spare      []*Stream
	partial    bool // something was not seen
}

// Direction is what one side may send and has sent, apart from its streams.
type Direction struct {
	Sent     int64  // bytes of DATA with padding
	Credited int64  // bytes, by WINDOW_UPDATE of stream 0
	Updates  int64  // number of these
	Opened   int64  // streams that it has opened
	Open     int    // of these, those that are not closed
	Last     uint32 // the latest of them

	window  sum
	size    int64  // the most that the window was
	initial obeyed // SETTINGS_INITIAL_WINDOW_SIZE of the other side
	limit   obeyed // SETTINGS_MAX_CONCURRENT_STREAMS of the other side

	turn, slack time.Duration // see Turn
	timed       bool
	credit      credited
	stops       *stops // nil unless the window is not known
	heard       int64  // HEADERS and DATA of the other side
}

const (
	// NoLimit is that there is no limit for streams.
	NoLimit = 1 << 32
	// keptClosed is how many closed streams are kept, as DATA may still come on them
	// and they may hold credit.
	keptClosed = 256
)

// NewLedger returns the ledger of a connection, of which the beginning will be seen
// or not.
func NewLedger(beginning bool) *Ledger {
	l := &Ledger{streams: make(map[uint32]*Stream), partial: !beginning}
	for i := range l.directions {
		d := &l.directions[i]
		d.window.Window, d.initial.value, d.limit.value = exactly(defaultWindow), exactly(defaultWindow), exactly(NoLimit)
		d.size = defaultWindow
		if !beginning {
			d.window.Window, d.initial.value, d.limit.value = anyWindow, Window{0, MaxWindow}, Window{0, NoLimit}
			d.size = 0
		}
	}
	return l
}

// Direction returns the account of what a side sends. The caller must not change it.
func (l *Ledger) Direction(from flow.Side) *Direction { return &l.directions[from] }

// Window is the connection's.
func (d *Direction) Window() Window { return d.window.Window }

// Initial is the window of a stream that is opened now.
func (d *Direction) Initial() Window { return d.initial.bounds() }

// Acknowledged tells whether all SETTINGS that this side was sent are acknowledged.
func (d *Direction) Acknowledged() bool { return len(d.initial.pending) == 0 }

// Limit is how many streams the side may have open at once, [NoLimit] at most.
func (d *Direction) Limit() Window { return d.limit.bounds() }

// Largest is the most that the connection's window was, as far as that is known.
func (d *Direction) Largest() int64 { return d.size }

// Unreturned is how many bytes of the connection's window the side has used and not
// been given back: the largest window that there was, less that of now.
func (d *Direction) Unreturned() int64 {
	if !d.window.Known() {
		return 0
	}
	return max(0, d.size-d.window.Low)
}

// Stream returns a stream, nil if it was never seen or is forgotten.
func (l *Ledger) Stream(id uint32) *Stream { return l.streams[id] }

// Streams calls yield with each stream that is open, or was closed lately, in no
// order.
func (l *Ledger) Streams(yield func(*Stream) bool) {
	for _, s := range l.streams {
		if !yield(s) {
			return
		}
	}
}

// Window is how much a side may still send on a stream, apart from the connection's
// window.
func (l *Ledger) Window(s *Stream, from flow.Side) Window {
	return s.Halves[from].plus(l.directions[from].initial.bounds())
}

// Obeyed is the window of a stream by the SETTINGS that its sender has acknowledged:
// what it goes by itself.
func (l *Ledger) Obeyed(s *Stream, from flow.Side) Window {
	return s.Halves[from].plus(l.directions[from].initial.value)
}

// plus is the window, with that initial one.
func (h *Half) plus(initial Window) Window {
	if h.apart {
		return h.sum.Window
	}
	return initial.plus(h.sum.Window)
}

// Unreturned is how many bytes of a stream's window a side has used and not been
// given back.
func (h *Half) Unreturned() int64 {
	if !h.sum.Known() {
		return max(0, h.Sent-h.Credited)
	}
	return max(0, h.size-h.sum.Low)
}

// Begin enters the header of a frame, and appends what it shows to events.
func (l *Ledger) Begin(from flow.Side, f *Frame, t flow.Time, events []Event) []Event {
	if f.Padding > 0 && f.Padding == f.Length && f.Type == Data && f.Length > 256 {
		events = append(events, Event{Kind: LonePadding, From: from, Stream: f.Stream, Time: t, Frame: *f})
	}
	if f.Type == Data || f.Type == Headers {
		l.directions[from.Peer()].heard++
	}
	if f.Type != Data {
		return events
	}
	d, n := &l.directions[from], int64(f.Length)
	over := func(stream uint32, w Window) {
		if n > 0 && w.High < n {
			events = append(events, Event{Kind: Overrun, From: from, Stream: stream, Time: t, Value: min(n, n-w.High), Frame: *f})
		}
	}
	over(0, d.window.Window)
	d.Sent += n
	d.window.Window = d.window.add(-n)
	d.window.within(Window{}, 0, MaxWindow)

	s := l.streams[f.Stream]
	if s == nil {
		if s, events = l.unknown(from, f, t, events); s == nil {
			return events
		}
	}
	h := &s.Halves[from]
	if h.Finished {
		return append(events, Event{Kind: WrongStream, From: from, Stream: f.Stream, Time: t, Frame: *f})
	}
	over(f.Stream, l.Window(s, from))
	h.Begun = true
	h.Sent += n
	h.Padding += int64(f.Padding)
	h.sum.Window = h.sum.add(-n)
	if h.sum.within(d.initial.bounds(), 0, MaxWindow); !h.apart {
		d.initial.atLeast(-h.sum.High)
	}
	l.look(s, from, n, t)
	return events
}

// atLeast narrows a value that is not known.
func (o *obeyed) atLeast(low int64) {
	if len(o.pending) == 0 && !o.value.Known() {
		o.value.Low = min(max(o.value.Low, low), o.value.High)
	}
}

// End enters a frame that is whole, and appends what it shows to events.
func (l *Ledger) End(from flow.Side, f *Frame, t flow.Time, events []Event) []Event {
	wrong := func(k Kind, value int64) {
		events = append(events, Event{Kind: k, From: from, Stream: f.Stream, Time: t, Value: value, Frame: *f})
	}
	if k, ok := misshapen(f); !ok {
		wrong(k, int64(f.Length))
		return events
	}
	switch f.Type {
	case Data:
		if s := l.streams[f.Stream]; s != nil && f.Flags.Has(EndStream) {
			events = l.finish(s, from, t, events)
		}
	case Headers:
		events = l.headers(from, f, t, events)
	case PushPromise:
		l.promise(from, f, t)
	case RSTStream:
		events = l.reset(from, f, t, events)
	case Settings:
		events = l.settings(from, f, t, events)
	case WindowUpdate:
		events = l.update(from, f, t, events)
	}
	return events
}

// misshapen tells what is wrong with a frame's length or place, if it is not right
// (RFC 9113 6.1 to 6.10).
func misshapen(f *Frame) (k Kind, ok bool) {
	length, onStream := -1, true
	switch f.Type {
	case Priority:
		length = 5
	case RSTStream:
		length = 4
	case Ping:
		length, onStream = 8, false
	case WindowUpdate:
		length, onStream = 4, f.Stream != 0
	case Settings:
		onStream = false
		if f.Length%6 != 0 || f.Flags.Has(Ack) && f.Length != 0 {
			return WrongLength, false
		}
	case GoAway:
		onStream = false
		if f.Length < 8 {
			return WrongLength, false
		}
	case Data, Headers, PushPromise, Continuation:
	default:
		return 0, true
	}
	switch {
	case onStream != (f.Stream != 0):
		return WrongStream, false
	case length >= 0 && f.Length != length:
		return WrongLength, false
	}
	return 0, true
}

// settings enters what one side asks of the other, or that it obeys.
func (l *Ledger) settings(from flow.Side, f *Frame, t flow.Time, events []Event) []Event {
	if f.Flags.Has(Ack) {
		d := &l.directions[from]
		l.forgetStops(from)
		window, limit := d.initial.acknowledge(), d.limit.acknowledge()
		if !(window && limit) && !l.partial {
			events = append(events, Event{Kind: StrayAck, From: from, Time: t, Frame: *f})
		}
		return events
	}
	d := &l.directions[from.Peer()]
	window, given := f.Settings.Get(InitialWindowSize)
	if given && window > MaxWindow {
		events = append(events, Event{Kind: WrongSetting, From: from, Time: t, Value: int64(window), Frame: *f})
		given = false
	}
	d.initial.announce(int64(window), given)
	if given {
		l.forgetStops(from.Peer())
	}
	limit, limited := f.Settings.Get(MaxConcurrentStreams)
	d.limit.announce(int64(limit), limited)
	return events
}

// Upgraded enters the settings that a client sends in the header HTTP2-Settings. The
// answer 101 acknowledges them (RFC 7540 3.2.1).
func (l *Ledger) Upgraded(v *Values) {
	d := &l.directions[flow.Server]
	if window, given := v.Get(InitialWindowSize); given && window <= MaxWindow {
		d.initial.value = exactly(int64(window))
	}
	if limit, given := v.Get(MaxConcurrentStreams); given {
		d.limit.value = exactly(int64(limit))
	}
}

// update enters credit.
func (l *Ledger) update(from flow.Side, f *Frame, t flow.Time, events []Event) []Event {
	sender, n := from.Peer(), int64(f.Increment)
	if n == 0 {
		return append(events, Event{Kind: ZeroUpdate, From: from, Stream: f.Stream, Time: t, Frame: *f})
	}
	overflow := func(low int64) {
		if low > MaxWindow {
			events = append(events, Event{Kind: Overflow, From: from, Stream: f.Stream, Time: t, Value: low - MaxWindow, Frame: *f})
		}
	}
	d := &l.directions[sender]
	if f.Stream == 0 {
		d.Credited += n
		d.Updates++
		d.window.Window = d.window.add(n)
		d.stops.credit(n, t)
		d.credit = credited{d.Credited, t}
		overflow(d.window.Low)
		d.window.within(Window{}, -MaxWindow, MaxWindow)
		if d.window.Known() {
			d.size = max(d.size, d.window.Low)
		}
		return events
	}
	s := l.streams[f.Stream]
	if s == nil {
		if s, events = l.unknown(from, f, t, events); s == nil {
			return events
		}
	}
	h := &s.Halves[sender]
	h.Credited += n
	h.Updates++
	h.sum.Window = h.sum.add(n)
	h.stops.credit(n, t)
	h.credit = credited{h.Credited, t}
	overflow(l.Window(s, sender).Low)
	h.sum.within(d.initial.bounds(), -MaxWindow, MaxWindow)
	if h.sum.Known() {
		h.size = max(h.size, h.sum.Low)
	}
	return events
}

// Miss enters that so many bytes of a side were not seen: as many may have been DATA,
// and among them any updates and settings.
func (l *Ledger) Miss(from flow.Side, n int64) {
	l.partial = true
	own, peer := &l.directions[from], &l.directions[from.Peer()]
	own.window.Low = max(own.window.Low-n, -MaxWindow)
	peer.window.High = MaxWindow
	peer.initial.forget(0, MaxWindow)
	peer.limit.forget(0, NoLimit)
	was, limit := own.initial.bounds(), own.limit.bounds() // an acknowledgement may be missing
	own.initial.forget(was.Low, was.High)
	own.limit.forget(limit.Low, limit.High)
	own.stops, peer.stops = nil, nil
	l.forgetStops(from)
	l.forgetStops(from.Peer())
	for _, s := range l.streams {
		o, p := &s.Halves[from].sum, &s.Halves[from.Peer()].sum
		o.Low = max(o.Low-n, -MaxWindow)
		p.High = MaxWindow
	}
}
