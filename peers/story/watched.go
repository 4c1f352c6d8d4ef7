package story

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"flowlab/capture/live"
	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/diagnose/watch"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// Watched is what is seen of the connections to a port of the loopback interface.
type Watched struct {
	Name   string // what the port is, to the story
	Port   uint16
	Unseen string // why no packet is seen; empty if they are

	mu    sync.Mutex
	views []diagnose.View // of connections, once the story is over
	zero  [2]time.Duration
	done  chan struct{}
	err   error
}

// mostConnections is how many of a port are kept.
const mostConnections = 1000

// Watch has flowlab watch a port from now until the story is over. Where capturing is not
// allowed the story is told all the same: Unseen says why nothing is seen.
func (s *Stage) Watch(name string, port uint16) (*Watched, error) {
	w := &Watched{Name: name, Port: port, done: make(chan struct{})}
	s.mu.Lock()
	s.result.Watched = append(s.result.Watched, w)
	s.mu.Unlock()
	source, err := live.Open(live.Options{Interface: loopback, Filter: fmt.Sprintf("tcp port %d", port)})
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, errors.ErrUnsupported):
		w.Unseen = err.Error()
		close(w.done)
		return w, nil
	case err != nil:
		return nil, fmt.Errorf("watch port %d: %w", port, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		defer close(w.done)
		run := &watch.Watch{Source: source, Most: mostConnections, Event: w.event, Ended: w.ended}
		_, w.err = run.Run(ctx)
		if closing := source.Close(); w.err == nil {
			w.err = closing
		}
	}()
	s.AtEnd(func() {
		stop()
		<-w.done
	})
	return w, nil
}

// event counts for how long windows were zero.
func (w *Watched) event(e *watch.Event) {
	if e.What != watch.Shown || e.Shown.Kind != tcpwin.WindowOpened {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.zero[e.From] += e.Shown.Length
}

func (w *Watched) ended(_ *survey.Source, v *diagnose.View) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.views = append(w.views, *v)
}

// Connections returns all connections of the port, once the story is over. The error is
// that of watching them.
func (w *Watched) Connections() ([]diagnose.View, error) {
	<-w.done
	return w.views, w.err
}

// ZeroWindow is for how long a side of the connections, client or server, had advertised a
// window of zero and opened it again, up to now.
func (w *Watched) ZeroWindow(of flow.Side) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.zero[of]
}

// Held is for how long each cause held a side's sending, in all connections, once the story
// is over.
func (w *Watched) Held(from flow.Side) (sum flow.Limits) {
	<-w.done
	for i := range w.views {
		for cause, d := range w.views[i].Directions[from].Limits {
			sum[cause] += d
		}
	}
	return sum
}
