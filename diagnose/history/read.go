package history

import (
	"flowlab/diagnose"
	"flowlab/flow"
)

// reader reads a block step by step.
type reader struct {
	block      *block
	connection *decoder
	sides      [2]*decoder
	streams    []*decoder // as block.streams
}

func newReader(b *block) *reader {
	r := &reader{block: b, connection: newDecoder(connectionFields, b.unit, b.connection), streams: make([]*decoder, len(b.streams))}
	for i := range r.sides {
		r.sides[i] = newDecoder(directionFields, b.unit, b.directions[i])
	}
	return r
}

// side is one direction at a step, which must not be before an earlier one.
func (r *reader) side(i, step int) (g gauges) {
	values, _ := r.sides[i].seek(step)
	f := fields{values: values, read: true}
	f.direction(&g)
	return g
}

// moment is what there was at a step, but for the directions of TCP.
func (r *reader) moment(step int) moment {
	m := moment{at: r.block.time(step)}
	values, _ := r.connection.seek(step)
	f := fields{values: values, read: true}
	f.connection(&m.state)
	for i := range r.block.layers {
		if l := &r.block.layers[i]; l.step <= step {
			m.layer = l.after(m.at)
		}
	}
	m.streams = make([]diagnose.StreamView, 0, len(r.block.streams))
	for i := range r.block.streams {
		if s, ok := r.stream(i, step, &m); ok {
			m.streams = append(m.streams, s)
		}
	}
	m.join()
	return m
}

// join puts together what is known of HTTP/2.
func (m *moment) join() {
	if !m.state.isHTTP || m.layer.HTTP2 == nil {
		return
	}
	seldom, h := m.layer.HTTP2, m.state.http
	h.Limit, h.Away, h.Refused, h.Balances, h.Violations = seldom.Limit, seldom.Away, seldom.Refused, seldom.Balances, seldom.Violations
	for i := range h.Directions {
		h.Directions[i].Holders = seldom.Directions[i].Holders
	}
	h.Streams = m.streams
	m.layer.HTTP2 = &h
}

// stream is a stream at a step. It is false if it was not shown.
func (r *reader) stream(i, step int, m *moment) (v diagnose.StreamView, ok bool) {
	t := &r.block.streams[i]
	if step > t.last {
		return v, false
	}
	if r.streams[i] == nil {
		r.streams[i] = newDecoder(streamFields, r.block.unit, t.data)
	}
	values, begun := r.streams[i].seek(step)
	if !begun {
		return v, false
	}
	v = diagnose.StreamView{ID: t.id, Path: t.path, GRPC: t.grpc, Opener: t.opener, Opened: t.opened, FirstSeen: t.firstSeen}
	f := fields{values: values, read: true}
	f.stream(&v, m.sent())
	for k := range t.stalls {
		if s := &t.stalls[k]; s.step <= step {
			for i := range v.Halves {
				v.Halves[i].Stalls = s.at(i, m.at)
			}
		}
	}
	return v, true
}

// at returns the stalls of a half at a time, if nothing but time passed.
func (s *streamStalls) at(half int, t flow.Time) []diagnose.Stall {
	list := append([]diagnose.Stall(nil), s.list[half]...)
	if s.grows[half] {
		list[len(list)-1].End = t
	}
	return list
}
