package play

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"flowlab/capture/live"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/internal/need"
	"flowlab/lab/kernel"
	"flowlab/scenarios"
	"flowlab/sockets"
)

// TestKernelAgreesLive does not look at the wire's tap, but captures at the two
// devices, as on any machine.
func TestKernelAgreesLive(t *testing.T) {
	if testing.Short() {
		t.Skip("measures accuracy, which the race detector's slowness would spoil")
	}
	need.Root(t)
	all := make(map[string]*scenarios.Scenario)
	for seed := range uint64(3) {
		all[fmt.Sprintf("mix %d", seed)] = mix(t, rand.New(rand.NewPCG(seed, 0)))
	}
	for _, s := range scenarios.Builtins() {
		if !s.Knobs.HasProxy() { // a proxy's interface has two connections
			all[s.Name] = s
		}
	}
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			need.Majority(t, func() []string {
				wrong, err := agreesLive(t, s)
				if err != nil {
					t.Fatal(err)
				}
				return wrong
			})
		})
	}
}

// agreesLive runs a scenario, and returns at which host the share of the receive
// window, as captured there, is not the kernel's. What top says of the producer's
// socket is held to it as well.
func agreesLive(t *testing.T, s *scenarios.Scenario) (wrong []string, err error) {
	p, err := build(Kernel, &s.Knobs, 1, true)
	if err != nil {
		return nil, err
	}
	var seen [2]*watcher
	for i, h := range p.hosts {
		source, err := live.Open(live.Options{Interface: kernel.Device, Namespace: h.(kernelHost).Namespace()})
		if err != nil {
			p.close()
			return nil, err
		}
		defer source.Close()
		seen[i] = watch(source)
	}
	top, err := newTop(p.hosts[ProducerPort].(kernelHost).Namespace())
	if err != nil {
		p.close()
		return nil, err
	}
	run := begin(t.Context(), s, Options{Network: Kernel, Seed: 1}, p)
	topSays, err := top.share(run.Done())
	if err != nil {
		run.Stop()
		return nil, err
	}
	result, err := run.Wait()
	if err != nil {
		return nil, err
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
			return nil, err
		}
		off := 100 * (found - kernelSays)
		t.Logf("captured at the %s: receive-window %.1f %% (%+.1f), %d packets, %d dropped", Interfaces(&s.Knobs)[i].Name, 100*found, off, stats.Received, stats.Dropped)
		if math.Abs(off) > worst || stats.Dropped > 0 {
			wrong = append(wrong, fmt.Sprintf("%s at the %s: %+.1f points, %d packets dropped", s.Name, Interfaces(&s.Knobs)[i].Name, off, stats.Dropped))
		}
	}
	return wrong, nil
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
