package story

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"sync"
	"time"

	"flowlab/capture/live"
	"flowlab/diagnose"
	"flowlab/diagnose/board"
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

	rows *board.Live
	stop context.CancelFunc
	done chan struct{}

	mu    sync.Mutex
	views []diagnose.View // of connections, once watching is over
	zero  [2]time.Duration
	lost  int64
	err   error
}

// mostConnections is how many of a port are kept.
const mostConnections = 1000

func newWatched(name string, port uint16) *Watched {
	return &Watched{Name: name, Port: port, rows: board.NewLive(), stop: func() {}, done: make(chan struct{})}
}

// enter enters in the result what is watched.
func (s *Stage) enter(w *Watched) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.result.Watched = append(s.result.Watched, w)
}

// Watch has flowlab watch a port from now until the story is over. Where capturing is not
// allowed the story is told all the same: Unseen says why nothing is seen.
func (s *Stage) Watch(name string, port uint16) (*Watched, error) {
	w := newWatched(name, port)
	s.enter(w)
	source, err := live.Open(live.Options{Interface: loopback, Filter: fmt.Sprintf("tcp port %d", port)})
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, errors.ErrUnsupported):
		w.Unseen = err.Error()
		close(w.done)
		return w, nil
	case err != nil:
		close(w.done)
		return nil, fmt.Errorf("watch port %d: %w", port, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	go func() {
		defer close(w.done)
		run := &watch.Watch{Source: source, Most: mostConnections, Board: w.rows, Event: w.event, Ended: w.ended}
		seen, err := run.Run(ctx)
		w.lost, w.err = seen.Dropped, err
		if closing := source.Close(); w.err == nil {
			w.err = closing
		}
	}()
	s.AtEnd(w.End)
	return w, nil
}

// WatchAt has flowlab watch the port of an address, host:port, if the host is this machine's
// loopback. If it is not, the Watched says so in Unseen.
func (s *Stage) WatchAt(name, address string) (*Watched, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", address, err)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", address, err)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip.IsLoopback() {
		return s.Watch(name, uint16(number))
	}
	w := newWatched(name, uint16(number))
	w.Unseen = host + " is not this machine's loopback"
	close(w.done)
	s.enter(w)
	return w, nil
}

// End ends the watching before the story is over, so that the story can check what came
// of it.
func (w *Watched) End() {
	w.stop()
	<-w.done
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

// Seen tells whether packets are seen; if not, the story says why.
func (s *Stage) Seen(w *Watched) bool {
	if w.Unseen != "" {
		s.Say("The packets are not looked at: %s.", w.Unseen)
	}
	return w.Unseen == ""
}

// Connections returns all connections of the port, once watching is over. The error is
// that of watching them.
func (w *Watched) Connections() ([]diagnose.View, error) {
	<-w.done
	return w.views, w.err
}

// Lost is how many packets the kernel had no room for, once watching is over: what is said of
// bytes is then too little.
func (w *Watched) Lost() int64 {
	<-w.done
	return w.lost
}

// ZeroWindow is for how long a side of the connections, client or server, had advertised a
// window of zero and opened it again, up to now.
func (w *Watched) ZeroWindow(of flow.Side) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.zero[of]
}

// Sent is how many bytes of payload a side has sent in the connections that are meant: up to
// a quarter of a second ago, or all of them once watching is over. Segments that pass
// loopback out of order, as they may on several processors, are not all counted.
func (w *Watched) Sent(from flow.Side, meant func(flow.Conn) bool) (sum int64) {
	select {
	case <-w.done:
		for i := range w.views {
			if meant(w.views[i].ID) {
				sum += w.views[i].Directions[from].Bytes
			}
		}
	default:
		for _, r := range w.rows.Snapshot().Rows {
			if meant(r.ID) {
				sum += r.Sides[from].Bytes
			}
		}
	}
	return sum
}

// ZeroWindows is how many segments of a side advertised a window of zero, once watching is
// over.
func (w *Watched) ZeroWindows(of flow.Side) (n int) {
	<-w.done
	for i := range w.views {
		n += w.views[i].Directions[of].Events[tcpwin.ZeroWindow]
	}
	return n
}

// Longest is the longest stall of a side's sending that a cause held, once watching is
// over; its length is 0 if there was none.
func (w *Watched) Longest(from flow.Side, cause flow.Cause) (longest diagnose.Stall) {
	<-w.done
	for i := range w.views {
		for _, s := range w.views[i].Directions[from].Stalls {
			if s.Cause == cause && s.Length() > longest.Length() {
				longest = s
			}
		}
	}
	return longest
}

// Held is for how long each cause held a side's sending, in all connections, once watching
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
