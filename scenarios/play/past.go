// The past of a run: what a screen needs to go back in time.

package play

import (
	"slices"
	"sort"
	"sync"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/history"
	"flowlab/flow"
)

// pastBudget is how many bytes the past of one connection may take at the most. Ten minutes
// are whole then, also with twenty streams of HTTP/2 at a time that all go on.
const pastBudget = 160 << 20

// past is what was at earlier instants.
type past struct {
	mu          sync.Mutex
	connections []*history.Past // as those of the analysis
	figures     []figures       // in order of time
	next        flow.Time       // of the grid; 0 before the first
}

// figures are what the applications said of themselves at an instant.
type figures struct {
	at       time.Duration
	producer Producer
	consumer Consumer
	coarse   bool // others, close by, are gone
}

// mostFigures is for how many instants figures are kept: 18 minutes of them. When there are
// more, every other one of the older half goes.
const mostFigures = 1 << 16

// begin begins to record connections that are new.
func (p *past) begin(list []*diagnose.Connection) {
	if len(p.connections) == len(list) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range list[len(p.connections):] {
		p.connections = append(p.connections, history.New(c, pastBudget))
	}
}

// until records all instants of the grid before t, whose packets are entered.
func (r *Run) until(t flow.Time) {
	p := &r.past
	if p.next == 0 {
		p.next = r.start
	}
	for ; p.next < t; p.next = p.next.Add(history.Grid) {
		for _, c := range p.connections {
			c.Step(p.next)
		}
	}
}

// end records what is settled now that the run is over.
func (p *past) end(t flow.Time) {
	for _, c := range p.connections {
		c.Step(t)
	}
}

// add keeps figures, if they are other than before.
func (p *past) add(f figures) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.figures); n > 0 && p.figures[n-1].producer == f.producer && p.figures[n-1].consumer == f.consumer {
		return
	}
	p.figures = append(p.figures, f)
	if len(p.figures) == mostFigures {
		p.figures = fewer(p.figures)
	}
}

// fewer drops every other one of the older half.
func fewer(list []figures) []figures {
	var kept []figures
	half := len(list) / 2
	for i := 0; i < half; i += 2 {
		f := list[i]
		f.coarse = true
		kept = append(kept, f)
	}
	return append(kept, list[half:]...)
}

// at returns the figures of an instant, and all pasts.
func (p *past) at(t time.Duration) (figures, []*history.Past) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := sort.Search(len(p.figures), func(i int) bool { return p.figures[i].at > t })
	if i == 0 {
		return figures{}, p.connections
	}
	return p.figures[i-1], p.connections
}

// Past returns the snapshot of an instant, also once the run is over. Gauges are those of
// the 10 ms at at or before; what held the senders is what is known by now. The latest
// snapshot is returned for an instant after it. It may be called from any goroutine.
func (r *Run) Past(at time.Duration) *Snapshot {
	at = max(at, 0)
	latest := r.Snapshot()
	if at >= latest.At {
		return latest
	}
	f, list := r.past.at(at)
	t := r.start.Add(at)
	s := &Snapshot{At: at, Start: r.start, End: latest.End, Held: latest.Held, Producer: f.producer, Consumer: f.consumer, Coarse: f.coarse}
	for _, c := range list {
		if c.Span().Start > t || c.Span().End == 0 {
			continue // it had not begun
		}
		v, coarse := c.At(t, s.span(), Columns)
		s.Views = append(s.Views, v)
		s.Coarse = s.Coarse || coarse
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Knobs, s.Caption = r.changes.at(at, &r.scenario.Knobs)
	s.Log = r.log.until(at)
	return s
}

// span is what a chart of the run shows.
func (s *Snapshot) span() flow.Interval {
	return flow.Interval{Start: s.Start, End: s.Start.Add(s.End)}
}

// Marks returns the instants to jump to, in order: where a stall that the producer's host
// saw began or ended, and where the script said something.
func (r *Run) Marks() (marks []time.Duration) {
	_, list := r.past.at(0)
	for _, c := range list {
		if c.Interface() != ProducerPort {
			continue
		}
		for _, stalls := range c.Stalls() {
			for _, s := range stalls {
				marks = append(marks, s.Start.Sub(r.start), s.End.Sub(r.start))
			}
		}
	}
	r.mu.Lock()
	for _, c := range r.changes {
		if c.said {
			marks = append(marks, c.at)
		}
	}
	r.mu.Unlock()
	slices.Sort(marks)
	return slices.Compact(marks)
}
