package play

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"testing"
	"time"

	"flowlab/capture/live"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/lab/kernel"
	"flowlab/scenarios"
	"flowlab/sockets"
)

// playCaptured runs a scenario on the kernel's TCP. It does not only look at the wire's
// tap, but captures at the two devices, as on any machine, and looks at the producer's
// socket, as top does. It returns at which host the share of the receive window, as
// captured there, is not the kernel's.
func playCaptured(t *testing.T, s *scenarios.Scenario) (result *Result, wrong []string, err error) {
	if s.Knobs.HasProxy() { // whose interface has two connections
		return playOn(t, s, Kernel), nil, nil
	}
	p, err := build(Kernel, &s.Knobs, 1, true)
	if err != nil {
		return nil, nil, err
	}
	var seen [2]*watcher
	for i, h := range p.hosts {
		source, err := live.Open(live.Options{Interface: kernel.Device, Namespace: h.(kernelHost).Namespace()})
		if err != nil {
			p.close()
			return nil, nil, err
		}
		defer source.Close()
		seen[i] = watch(source)
	}
	top, err := newTop(p.hosts[ProducerPort].(kernelHost).Namespace())
	if err != nil {
		p.close()
		return nil, nil, err
	}
	run := begin(t.Context(), s, Options{Network: Kernel, Seed: 1}, p)
	topSays, err := top.share(run.Done())
	if err != nil {
		run.Stop()
		return nil, nil, err
	}
	if result, err = run.Wait(); err != nil {
		return nil, nil, err
	}
	kernelSays := result.Truth.Producer.Share(flow.ReceiveWindow)
	const topWorst = 2 // points
	off := 100 * (topSays - kernelSays)
	t.Logf("by top: receive-window %.1f %% (%+.1f)", 100*topSays, off)
	if math.Abs(off) > topWorst {
		wrong = append(wrong, fmt.Sprintf("%s by top: %+.1f points", s.Name, off))
	}
	for i, w := range seen {
		found, stats, err := w.share(result.Start.Add(result.Length))
		if err != nil {
			return nil, nil, err
		}
		off := 100 * (found - kernelSays)
		t.Logf("captured at the %s: receive-window %.1f %% (%+.1f), %d packets, %d dropped", Interfaces(&s.Knobs)[i].Name, 100*found, off, stats.Received, stats.Dropped)
		if math.Abs(off) > worst || stats.Dropped > 0 {
			wrong = append(wrong, fmt.Sprintf("%s captured at the %s: %+.1f points, %d packets dropped", s.Name, Interfaces(&s.Knobs)[i].Name, off, stats.Dropped))
		}
	}
	return result, wrong, nil
}

// watcher analyses what a source captures.
type watcher struct {
	source   *live.Source
	analysis *diagnose.Analysis
	reading  sync.WaitGroup
	failure  error
}

func watch(source *live.Source) *watcher {
	w := &watcher{source: source, analysis: diagnose.New()}
	w.reading.Go(func() {
		for {
			p, err := source.Next(100 * time.Millisecond)
			switch {
			case err == nil:
				w.analysis.Observe(source.Interfaces()[p.Interface].LinkType, p)
			case errors.Is(err, live.ErrNone):
			case errors.Is(err, io.EOF), errors.Is(err, live.ErrGone):
				return // the host was closed
			default:
				w.failure = err
				return
			}
		}
	})
	return w
}

// share ends the watching, and returns for what part of the time until then the
// receive window held the client.
func (w *watcher) share(end flow.Time) (float64, live.Stats, error) {
	w.source.Stop()
	w.reading.Wait()
	stats, err := w.source.Stats()
	if w.failure != nil || err != nil {
		return 0, stats, errors.Join(w.failure, err)
	}
	w.analysis.End(end)
	all := w.analysis.Connections()
	if len(all) != 1 {
		return 0, stats, fmt.Errorf("%d connections were seen, want 1", len(all))
	}
	v := all[0].View(end, flow.Interval{}, 0)
	return v.Directions[flow.Client].Limits.Share(flow.ReceiveWindow), stats, nil
}

// top looks at the sockets of a namespace, as flowlab top does.
type top struct {
	diag    *sockets.Diag
	monitor *sockets.Monitor
}

func newTop(namespace string) (*top, error) {
	diag, err := sockets.OpenDiag(namespace)
	if err != nil {
		return nil, err
	}
	monitor, err := sockets.NewMonitor(diag)
	if err != nil {
		return nil, errors.Join(err, diag.Close())
	}
	return &top{diag, monitor}, nil
}

// share looks until the run is done, and returns for what part of the time in which
// there was a connection the receive window limited it.
func (l *top) share(done <-chan struct{}) (float64, error) {
	defer l.diag.Close()
	tick := time.NewTicker(100 * time.Millisecond) // what comes after the last one is not seen
	defer tick.Stop()
	var held, all time.Duration
	for {
		select {
		case <-done:
			return held.Seconds() / max(all.Seconds(), 1e-9), nil
		case <-tick.C:
		}
		verdicts, err := l.monitor.Next()
		if err != nil {
			return 0, err
		}
		for i := range verdicts {
			held += verdicts[i].Limits[flow.ReceiveWindow]
			all += verdicts[i].Length
		}
	}
}
