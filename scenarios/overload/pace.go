package overload

import "time"

// pace is the time of one goroutine: it sleeps until instants of the run, or until the
// run stops.
type pace struct {
	start time.Time
	stop  <-chan struct{}
	timer *time.Timer
}

func newPace(start time.Time, stop <-chan struct{}) *pace {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &pace{start: start, stop: stop, timer: t}
}

// now is how long the run has gone on.
func (p *pace) now() time.Duration { return time.Since(p.start) }

// stopped tells whether the run is at its end.
func (p *pace) stopped() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}

// until sleeps until an instant of the run. It is false if the run stopped before.
func (p *pace) until(at time.Duration) bool {
	left := at - p.now()
	if left <= 0 {
		return !p.stopped()
	}
	p.timer.Reset(left)
	select {
	case <-p.timer.C:
		return true
	case <-p.stop:
		p.timer.Stop()
		return false
	}
}
