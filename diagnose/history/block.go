package history

import (
	"bytes"
	"slices"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/tcpwin"
)

const (
	blockSteps = 256     // that follow each other
	mostSteps  = 1 << 30 // with the silence after them: an int holds as many
	groupSteps = 16
	merge      = 4 // blocks that become one of the next level
	levels     = 7
)

// block is some steps, and a silence after them, in which what is expected is what there
// is. One that is full does not change any more.
type block struct {
	from       flow.Time // of its first step
	level      int       // how often it was coarsened
	unit       time.Duration
	steps      int // that were entered, or passed
	parts      []part
	connection []byte
	directions [2][]byte
	streams    []streamTrack
	layers     []layer
	groups     [2][]group
}

// part is steps that were entered, one after the other. What was passed lies between parts.
type part struct{ first, last int }

// streamTrack is a stream within a block.
type streamTrack struct {
	id        uint32
	path      string
	grpc      bool
	opener    flow.Side
	opened    flow.Time
	firstSeen int
	last      int // the last step at which it is shown; the block's end while it is
	data      []byte
	stalls    []streamStalls
}

// streamStalls are the stalls of both halves from a step on.
type streamStalls struct {
	step  int
	list  [2][]diagnose.Stall
	grows [2]bool // the latest lasts
}

// group is what happened in one direction up to a time, since the group before.
type group struct {
	to               flow.Time
	window, inFlight timeline.Range
	bytes, acked     int64 // all, ever
	events           [tcpwin.NumKinds]int
}

// end is the last step of a block.
func (b *block) end() flow.Time { return b.time(b.steps - 1) }

func (b *block) time(step int) flow.Time { return b.from.Add(time.Duration(step) * b.unit) }

// step is the one that shows t.
func (b *block) step(t flow.Time) int { return min(int(t.Sub(b.from)/b.unit), b.steps-1) }

// size is what a block takes, in bytes.
func (b *block) size() int {
	n := 400 + 16*len(b.parts) + len(b.connection) + len(b.directions[0]) + len(b.directions[1])
	for i := range b.streams {
		s := &b.streams[i]
		n += 160 + len(s.data) + len(s.stalls)*100
		for k := range s.stalls {
			n += 150 * (len(s.stalls[k].list[0]) + len(s.stalls[k].list[1]))
		}
	}
	for i := range b.layers {
		n += b.layers[i].size()
	}
	return n + 160*(len(b.groups[0])+len(b.groups[1]))
}

// each calls f with each step at which something of a direction was written, and with
// what a chart has of it.
func (b *block) each(side int, f func(step int, g *gauges)) {
	d := newDecoder(directionFields, b.unit, b.directions[side])
	var g gauges
	for d.ahead != never {
		d.next()
		in := fields{values: d.value, read: true}
		in.charted(&g)
		f(d.at, &g)
	}
}

// add enters what is at a step of a direction.
func (p *group) add(t flow.Time, g *gauges) {
	p.to = t
	p.window.Join(timeline.Range{Min: g.window.Min, Max: g.window.Max, Last: g.Window})
	p.inFlight.Join(timeline.Range{Min: g.inFlight.Min, Max: g.inFlight.Max, Last: g.InFlight})
	p.bytes, p.acked, p.events = g.Bytes, g.Acked, g.Events
}

// groupOf is a group with one step.
func groupOf(t flow.Time, g *gauges) group {
	return group{
		to:       t,
		window:   timeline.Range{Min: g.window.Min, Max: g.window.Max, Last: g.Window},
		inFlight: timeline.Range{Min: g.inFlight.Min, Max: g.inFlight.Max, Last: g.InFlight},
		bytes:    g.Bytes, acked: g.Acked, events: g.Events,
	}
}

// summarize makes the groups of a block that is full.
func (b *block) summarize() {
	for side := range b.groups {
		b.groups[side] = nil
		number := -1
		b.each(side, func(step int, g *gauges) {
			if n := step / groupSteps; n != number {
				number = n
				b.groups[side] = append(b.groups[side], groupOf(b.time(step), g))
				return
			}
			b.groups[side][len(b.groups[side])-1].add(b.time(step), g)
		})
		b.groups[side] = slices.Clip(b.groups[side])
	}
}

// trim gives back the memory that appending took too much of.
func (b *block) trim() {
	b.parts = slices.Clone(b.parts)
	b.connection = bytes.Clone(b.connection)
	for i := range b.directions {
		b.directions[i] = bytes.Clone(b.directions[i])
	}
	b.streams = slices.Clone(b.streams)
	for i := range b.streams {
		b.streams[i].data = bytes.Clone(b.streams[i].data)
	}
}

// writer writes the block that is under way.
type writer struct {
	block
	state  encoder
	sides  [2]encoder
	open   []encoder // as block.streams
	index  map[uint32]int
	spare  []encoder
	values []int64
	was    layer // at the step before
}

// begin begins a block.
func (w *writer) begin(from flow.Time, level int) {
	unit := Grid << (2 * level)
	w.block = block{from: from, level: level, unit: unit}
	w.state.begin(connectionFields, unit)
	for i := range w.sides {
		w.sides[i].begin(directionFields, unit)
	}
	w.spare = append(w.spare, w.open...)
	w.open = w.open[:0]
	if w.index == nil {
		w.index = make(map[uint32]int)
	}
	clear(w.index)
	w.was = layer{}
}

// finish ends a block of so many steps: what is there at the latest that was entered stays.
func (w *writer) finish(steps int) block {
	for i := range w.streams {
		if t := &w.streams[i]; t.last == w.steps-1 {
			t.last = steps - 1
		}
	}
	w.steps = steps
	done := w.block
	done.trim()
	done.summarize()
	return done
}

// note notes that a step was entered.
func (b *block) note(step int) {
	if n := len(b.parts); n > 0 && b.parts[n-1].last+1 == step {
		b.parts[n-1].last = step
		return
	}
	b.parts = append(b.parts, part{step, step})
}

// put enters what is there at a step.
func (w *writer) put(step int, m *moment) {
	w.steps = step + 1
	f := fields{values: w.values[:0]}
	f.connection(&m.state)
	w.state.put(step, f.padded(connectionFields))
	for i := range w.sides {
		f = fields{values: f.values[:0]}
		f.direction(&m.sides[i])
		w.sides[i].put(step, f.values)
	}
	for _, id := range m.same {
		w.streams[w.index[id]].last = step
	}
	for i := range m.streams {
		w.values = f.values
		w.stream(step, &m.streams[i], m)
		f.values = w.values
	}
	w.values = f.values
	w.layer(step, m)
	w.publish()
}

// publish makes what was written part of the block.
func (w *writer) publish() {
	w.connection = w.state.data
	for i := range w.sides {
		w.directions[i] = w.sides[i].data
	}
	for i := range w.open {
		w.streams[i].data = w.open[i].data
	}
}

// stream enters a stream.
func (w *writer) stream(step int, s *diagnose.StreamView, m *moment) {
	i, ok := w.index[s.ID]
	if !ok {
		i = len(w.open)
		w.index[s.ID] = i
		var e encoder
		if n := len(w.spare); n > 0 {
			e, w.spare = w.spare[n-1], w.spare[:n-1]
		}
		e.begin(streamFields, w.unit)
		w.open = append(w.open, e)
		w.streams = append(w.streams, streamTrack{id: s.ID, opener: s.Opener, opened: s.Opened, firstSeen: s.FirstSeen})
	}
	o, t := &w.open[i], &w.streams[i]
	t.path, t.grpc = s.Path, s.GRPC
	t.last = step
	f := fields{values: w.values[:0]}
	f.stream(s, m.sent())
	o.put(step, f.values)
	w.values = f.values
	t.note(step, s, m.at)
}

// note notes the stalls of a stream, if they are not what was to be expected.
func (t *streamTrack) note(step int, s *diagnose.StreamView, at flow.Time) {
	is := streamStalls{step: step, list: [2][]diagnose.Stall{s.Halves[0].Stalls, s.Halves[1].Stalls}}
	for i, list := range is.list {
		is.grows[i] = len(list) > 0 && list[len(list)-1].End == at
	}
	if len(is.list[0])+len(is.list[1]) == 0 && len(t.stalls) == 0 {
		return
	}
	if n := len(t.stalls); n > 0 && is.like(&t.stalls[n-1]) {
		return
	}
	t.stalls = append(t.stalls, is)
}

// like tells whether stalls are those of an earlier step.
func (s *streamStalls) like(earlier *streamStalls) bool {
	for i, list := range s.list {
		was := earlier.list[i]
		if len(list) != len(was) || s.grows[i] != earlier.grows[i] {
			return false
		}
		if n := len(list); n > 0 && !sameStall(&list[n-1], &was[n-1], s.grows[i]) {
			return false
		}
	}
	return true
}

// sameStall tells whether two stalls are one that has not changed, but perhaps grew.
func sameStall(a, b *diagnose.Stall, grows bool) bool {
	return a.Start == b.Start && (grows || a.End == b.End) && a.Cause == b.Cause && a.HeldBy == b.HeldBy && slices.Equal(a.Frames, b.Frames)
}
