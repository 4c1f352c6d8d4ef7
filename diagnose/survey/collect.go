package survey

import (
	"container/heap"
	"slices"

	"flowlab/diagnose"
)

// waiting is how many connections may wait, ended, for one that began earlier
// and has not ended.
const waiting = 10_000

// collector brings what the workers hand on into one order.
type collector struct {
	dealer  *dealer
	receive func(*Source, *diagnose.View)
	known   *Source
	began   []int // the first frames of all connections, in order: a place here is a number
	twice   int64
	ready   queue
}

// collect gives all connections to receive. It is called once all workers run,
// and returns when they have ended.
func (d *dealer) collect(receive func(*Source, *diagnose.View)) {
	c := collector{dealer: d, receive: receive}
	for last := false; !last; {
		last = c.round()
	}
	c.merge()
	d.source.Skipped.Doubles = c.twice
	d.source.Connections = len(c.began)
}

// round takes the outcomes of one round of all workers, and tells whether it was
// the last.
func (c *collector) round() (last bool) {
	outcomes := make([]*outcome, len(c.dealer.results))
	for i := range outcomes {
		outcomes[i] = <-c.dealer.results[i]
	}
	c.known = outcomes[0].known
	c.begin(outcomes)
	for _, o := range outcomes {
		c.twice += o.twice
		for _, v := range o.ended {
			v.Number = c.number(v.Number)
			heap.Push(&c.ready, v)
		}
	}
	for len(c.ready) > waiting {
		c.receive(c.known, heap.Pop(&c.ready).(*diagnose.View))
	}
	return outcomes[0].last
}

// begin numbers the connections that began in a round, by their first frames.
func (c *collector) begin(outcomes []*outcome) {
	before := len(c.began)
	for _, o := range outcomes {
		c.began = append(c.began, o.began...)
	}
	slices.Sort(c.began[before:])
}

// number is that of the connection with this first frame.
func (c *collector) number(frame int) int {
	at, _ := slices.BinarySearch(c.began, frame)
	return at + 1
}

// merge takes what the workers hand on at the end, which each does in order.
func (c *collector) merge() {
	streams := make([]*stream, len(c.dealer.results))
	for i := range streams {
		streams[i] = &stream{results: c.dealer.results[i], number: c.number}
	}
	for {
		var first *stream
		for _, s := range streams {
			if v := s.peek(); v != nil && (first == nil || v.Number < first.peek().Number) {
				first = s
			}
		}
		for len(c.ready) > 0 && (first == nil || c.ready[0].Number < first.peek().Number) {
			c.receive(c.known, heap.Pop(&c.ready).(*diagnose.View))
		}
		if first == nil {
			break
		}
		c.receive(c.known, first.take())
	}
	for _, s := range streams {
		c.dealer.source.Late += s.late
	}
}

// stream is what one worker hands on at the end.
type stream struct {
	results <-chan *outcome
	number  func(frame int) int
	ended   []*diagnose.View
	late    int64
}

// peek returns the next connection, nil after the last.
func (s *stream) peek() *diagnose.View {
	for len(s.ended) == 0 {
		o, more := <-s.results
		if !more {
			return nil
		}
		s.late += o.late
		s.ended = o.ended
		for _, v := range s.ended {
			v.Number = s.number(v.Number)
		}
	}
	return s.ended[0]
}

func (s *stream) take() *diagnose.View {
	v := s.ended[0]
	s.ended = s.ended[1:]
	return v
}

// queue gives the connection that began first.
type queue []*diagnose.View

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].Number < q[j].Number }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(v any)        { *q = append(*q, v.(*diagnose.View)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	v := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return v
}
