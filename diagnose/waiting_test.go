package diagnose

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// TestSeenFromAfar lives through transfers that queue on a slow path, and holds what
// packets say of the receive window, at either end, to what their sender knew.
func TestSeenFromAfar(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 0))
		one := func(of ...float64) float64 { return of[random.IntN(len(of))] }
		p := &slowPath{delay: time.Duration(one(5, 10, 25)) * ms, link: one(2.5e6, 6.25e6), window: int(one(60, 125, 500)) << 10}
		for range 6 {
			p.phases = append(p.phases, slowPhase{
				read: one(0, 5e5, 1e6, 3e6, 1e8), chunk: int(one(4, 16, 64)) << 10,
				write: one(1e5, 1e6, 1e8, 1e8), congestion: int(one(50, 100, 1000)) * mss,
			})
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := p.live()
			want := r.truth.Share(flow.ReceiveWindow)
			for _, end := range []struct {
				name     string
				segments []tcpwin.Segment
				most     float64 // points of 100
			}{{"sender", r.near, 2}, {"receiver", r.far, 5}} {
				found := r.analyse(end.segments)
				got := found.Share(flow.ReceiveWindow)
				if off := 100 * (got - want); math.Abs(off) > end.most {
					t.Errorf("seen at the %s: receive-window %.1f %%, which is %+.1f points off\n%v", end.name, 100*got, off, p)
				}
			}
		})
	}
}

// TestWaiting has segments pass that wait for a time, stamped by clocks of all kinds.
func TestWaiting(t *testing.T) {
	const (
		each = 500 * time.Microsecond
		slip = ms + 50*time.Microsecond // the tick in which one left that did not wait, and drift since then
	)
	grows := func(i int) time.Duration { return time.Duration(i%200) * each }
	never := func(int) time.Duration { return 0 }
	tests := []struct {
		name  string
		stamp func(sent time.Duration) uint32
		waits func(i int) time.Duration
		known bool // how long they waited
	}{
		{"none waits", func(d time.Duration) uint32 { return uint32(d / ms) }, never, true},
		{"a queue grows and is gone", func(d time.Duration) uint32 { return uint32(d / ms) }, grows, true},
		{"the stamps begin anew", func(d time.Duration) uint32 { return uint32(d/ms) - 1000 }, grows, true},
		{"a clock that is slow by 50 in a million", func(d time.Duration) uint32 { return uint32((d - d/20000) / ms) }, never, true},
		{"a clock that is fast by 50 in a million", func(d time.Duration) uint32 { return uint32((d + d/20000) / ms) }, grows, true},
		{"stamps of 10 ms", func(d time.Duration) uint32 { return uint32(d / (10 * ms)) }, grows, false},
		{"stamps of a microsecond", func(d time.Duration) uint32 { return uint32(d / time.Microsecond) }, grows, false},
		{"stamps that stand still", func(time.Duration) uint32 { return 7 }, grows, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var w waiting
			for i := range 1_000_000 { // more than eight minutes
				sent := time.Duration(i) * each
				s := tcpwin.Segment{Time: at(sent + test.waits(i)), HasTS: true, TSVal: test.stamp(sent)}
				from, to := w.observe(&s)
				passed := at(sent)
				switch {
				case !test.known && (from != s.Time || to != s.Time):
					t.Fatalf("segment %d, of which nothing can be known, waited for %v to %v", i, s.Time.Sub(to), s.Time.Sub(from))
				case !test.known || sent < 100*ms:
				case from == s.Time && test.waits(i) > ms+slip:
					t.Fatalf("segment %d waited for %v, which was not found", i, test.waits(i))
				case from != s.Time && (from.Add(-slip) > passed || to.Add(slip) < passed):
					t.Fatalf("segment %d was found to have waited for %v to %v, and did for %v", i, s.Time.Sub(to), s.Time.Sub(from), test.waits(i))
				}
			}
		})
	}
}
