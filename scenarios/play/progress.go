// What the applications wrote and read over time, for a chart.

package play

import "time"

// Progress is what the applications had written and read, in bytes, at the end of one part
// of a run's time.
type Progress struct{ Written, Read int64 }

// progress has one for each column of a snapshot's history.
type progress struct {
	end   time.Duration // of the run
	parts []Progress
}

// enter takes in what was so at an instant. They come in order of time; what is left out
// stays as it was.
func (p *progress) enter(at time.Duration, now Progress) {
	n := min(Columns-1, int(at*Columns/p.end))
	for len(p.parts) < n {
		p.parts = append(p.parts, p.latest())
	}
	if len(p.parts) == n {
		p.parts = append(p.parts, now)
	}
	p.parts[n] = now
}

// progress is what there was up to an instant of a run that ends at end.
func (p *past) progress(now, end time.Duration) progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	made := progress{end: end}
	for _, f := range p.figures {
		if f.at <= now {
			made.enter(f.at, Progress{Written: f.producer.Written, Read: f.consumer.Read})
		}
	}
	return made
}

func (p *progress) latest() Progress {
	if len(p.parts) == 0 {
		return Progress{}
	}
	return p.parts[len(p.parts)-1]
}
