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
)

// TestKernelAgreesLive does not look at the wire's tap, but captures at the two
// devices, as on any machine.
func TestKernelAgreesLive(t *testing.T) {
	if testing.Short() {
		t.Skip("measures accuracy, which the race detector's slowness would spoil")
	}
	need.Root(t)
	all := map[string]*scenarios.Scenario{"mix": mix(t, rand.New(rand.NewPCG(0, 0)))}
	for _, name := range []string{"slow-reader", "reader-stops", "small-buffer-long-path", "tiny-reads", "healthy"} {
		s, err := scenarios.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = s
	}
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			majority(t, func() []string {
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
// window, as captured there, is not the kernel's.
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
	run := begin(t.Context(), s, Options{Network: Kernel, Seed: 1}, p)
	result, err := run.Wait()
	if err != nil {
		return nil, err
	}
	kernelSays := result.Truth.Producer.Share(flow.ReceiveWindow)
	for i, w := range seen {
		found, stats, err := w.share(result.Start.Add(result.Length))
		if err != nil {
			return nil, err
		}
		off := 100 * (found - kernelSays)
		t.Logf("captured at the %s: receive-window %.1f %% (%+.1f), %d packets, %d dropped", Interfaces()[i].Name, 100*found, off, stats.Received, stats.Dropped)
		bound := float64(worst)
		if i == ConsumerPort && len(s.Script) > 2 {
			bound = farther // a mix
		}
		if math.Abs(off) > bound || stats.Dropped > 0 {
			wrong = append(wrong, fmt.Sprintf("%s at the %s: %+.1f points, %d packets dropped", s.Name, Interfaces()[i].Name, off, stats.Dropped))
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
