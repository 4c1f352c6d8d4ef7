package history

import (
	"math"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/h2flow"
)

// fields are the values of one thing as numbers. One function names them all, in order,
// and so writes them or reads them; those that change most come first.
type fields struct {
	values []int64
	n      int
	read   bool
}

// field is the next one.
func field[T ~int | ~int64 | ~uint8 | ~uint32](f *fields, p *T) {
	if !f.read && f.n == len(f.values) {
		f.values = append(f.values, 0)
	}
	if f.read {
		*p = T(f.values[f.n])
	} else {
		f.values[f.n] = int64(*p)
	}
	f.n++
}

// padded are the values, with zeros after them.
func (f *fields) padded(n int) []int64 {
	for len(f.values) < n {
		f.values = append(f.values, 0)
	}
	return f.values
}

func (f *fields) real(p *float64) {
	bits := int64(math.Float64bits(*p))
	field(f, &bits)
	*p = math.Float64frombits(uint64(bits))
}

// flags are one field.
func (f *fields) flags(list ...*bool) {
	var bits int64
	for i, p := range list {
		if *p {
			bits |= 1 << i
		}
	}
	field(f, &bits)
	for i, p := range list {
		*p = bits&(1<<i) != 0
	}
}

func (f *fields) window(w *h2flow.Window) {
	width := w.High - w.Low
	field(f, &w.Low)
	field(f, &width)
	w.High = w.Low + width
}

// unreturned is part of what was sent, and mostly as much less as was returned.
func (f *fields) unreturned(p *int64, sent int64) {
	returned := sent - *p
	field(f, &returned)
	*p = sent - returned
}

func (f *fields) limits(l *flow.Limits) {
	for c := range l {
		field(f, &l[c])
	}
}

// gauges are what there is of one direction of TCP.
type gauges struct {
	diagnose.DirectionView
	mean             diagnose.Mean
	window, inFlight timeline.Range // in the step; its latest value is that of the view
}

// How many fields there are of each.
var (
	connectionFields = count(func(f *fields) { f.connection(&state{isHTTP: true}) })
	directionFields  = count(func(f *fields) { f.direction(&gauges{}) })
	streamFields     = count(func(f *fields) { f.stream(&diagnose.StreamView{}, [2]int64{}) })
)

func count(name func(f *fields)) int {
	var f fields
	name(&f)
	return f.n
}

func (f *fields) direction(g *gauges) {
	f.charted(g)
	field(f, &g.Segments)
	field(f, &g.mean.Last)
	f.real(&g.mean.Area)
	f.real(&g.mean.Value)
	field(f, &g.MaxWindow)
	field(f, &g.Resent)
	field(f, &g.Unseen)
	field(f, &g.MSS)
	field(f, &g.mean.Start)
	f.flags(&g.WindowKnown, &g.mean.Any)
}

// charted are those of the fields of a direction, the first, that a chart has.
func (f *fields) charted(g *gauges) {
	field(f, &g.Bytes)
	field(f, &g.Acked)
	field(f, &g.InFlight)
	field(f, &g.inFlight.Min)
	field(f, &g.inFlight.Max)
	field(f, &g.Window)
	field(f, &g.window.Min)
	field(f, &g.window.Max)
	for k := range g.Events {
		field(f, &g.Events[k])
	}
}

// state is what there is of a whole connection.
type state struct {
	end       flow.Time
	rtt       time.Duration
	handshake bool
	vantage   diagnose.Vantage
	isHTTP    bool
	http      diagnose.HTTPView // its counts and its directions
}

func (f *fields) connection(s *state) {
	field(f, &s.end)
	field(f, &s.rtt)
	field(f, &s.vantage)
	f.flags(&s.handshake, &s.isHTTP)
	if !s.isHTTP {
		return
	}
	field(f, &s.http.Count)
	field(f, &s.http.Forgotten)
	field(f, &s.http.Broken)
	for i := range s.http.Directions {
		d := &s.http.Directions[i]
		f.window(&d.Window)
		field(f, &d.Sent)
		f.unreturned(&d.Unreturned, d.Sent)
		field(f, &d.Open)
		field(f, &d.Credited)
		field(f, &d.Updates)
		field(f, &d.Lowest)
		field(f, &d.Largest)
		field(f, &d.Shut)
		f.window(&d.Initial)
		f.window(&d.Limit)
		f.flags(&d.Known)
	}
}

// stream names what there is of a stream. What others sent since it did changes as they go on;
// what all had sent by then does not. all is what all have sent now.
func (f *fields) stream(s *diagnose.StreamView, all [2]int64) {
	for i := range s.Halves {
		h := &s.Halves[i]
		f.flags(&h.Finished, &h.Wants, &h.Overran, &h.Asleep, &h.Messages.Lost)
		field(f, &h.Quiet)
		var then int64 // all that was sent when it sent last
		if h.Wants {
			then = all[i] - h.Others
		}
		if field(f, &then); h.Wants {
			h.Others = all[i] - then
		}
		field(f, &h.Sent)
		field(f, &h.Unsent)
		f.window(&h.Window)
		f.unreturned(&h.Unreturned, h.Sent)
		field(f, &h.Now.For)
		f.limits(&h.Limits)
		field(f, &h.Now.Cause)
		field(f, &h.Now.HeldBy)
		field(f, &h.Credited)
		field(f, &h.Updates)
		field(f, &h.Lowest)
		field(f, &h.Holder)
		field(f, &h.Unused)
		field(f, &h.Messages.Whole)
		field(f, &h.Messages.Length)
		field(f, &h.Messages.Done)
		field(f, &h.Size)
		field(f, &h.Padding)
		field(f, &h.Promised)
	}
	field(f, &s.Over)
	field(f, &s.ResetBy)
	field(f, &s.Code)
	f.flags(&s.Closed, &s.Seen)
}
