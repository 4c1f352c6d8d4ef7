package diagnose

import (
	"math/rand/v2"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// TestPacing tells senders that pace from those that do not, by when 400
// segments leave.
func TestPacing(t *testing.T) {
	const us = time.Microsecond
	random := rand.New(rand.NewPCG(1, 1))
	tests := []struct {
		name           string
		gap            func(i int) time.Duration
		stands         int // for how many segments the clock of the stamps stands still, 0 for none
		noTS           bool
		acked          int  // which segments follow an ACK: each second, third, ...; 0 for none
		direct, beyond bool // believed on a direct path; and where the path may have spaced them
		pace           time.Duration
	}{
		{name: "one each millisecond", gap: func(int) time.Duration { return 1000 * us }, direct: true, pace: 1000 * us},
		{name: "one each millisecond, without time stamps", noTS: true, gap: func(int) time.Duration { return 1000 * us }, direct: true, pace: 1000 * us},
		{name: "fast, then slow", gap: func(i int) time.Duration {
			if i < 100 {
				return 400 * us
			}
			return 1000 * us
		}, direct: true, beyond: true, pace: 1000 * us},
		{name: "late timers", gap: func(i int) time.Duration {
			if i%5 == 0 {
				return 1250 * us
			}
			if i%5 == 1 {
				return 750 * us
			}
			return 1000 * us
		}, direct: true, pace: 1000 * us},
		{name: "a path spreads flights of twenty", stands: 20, gap: func(i int) time.Duration {
			if i%20 == 0 {
				return 30 * time.Millisecond
			}
			return 240 * us
		}},
		{name: "a busy host", gap: func(int) time.Duration {
			return time.Duration(random.ExpFloat64() * float64(300*us))
		}},
		{name: "one at each ACK, seldom late", acked: 1, gap: func(int) time.Duration { return 1000 * us }},
		{name: "a window at once, now and then", gap: func(i int) time.Duration {
			if i%100 > 70 {
				return us
			}
			return 1000 * us
		}},
		{name: "at once", gap: func(int) time.Duration { return us }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p pacing
			now := at(0)
			s := tcpwin.Segment{Len: mss, HasTS: !test.noTS}
			for i := range 400 {
				gap := test.gap(i)
				now = now.Add(gap)
				if test.stands == 0 || i%test.stands == 0 {
					s.TSVal = uint32(now / flow.Time(ms))
				}
				if gap < leastPace {
					p.together(&s)
				} else {
					free := test.acked == 0 || i%test.acked != 0
					p.choose(free)
					p.learn(gap, &s, true)
				}
				p.sent(now, gap, &s)
			}
			if got := p.believed(true, false); got != test.direct {
				t.Errorf("believed on a direct path: %v", got)
			}
			if got := p.believed(false, false); got != test.beyond {
				t.Errorf("believed behind a path: %v", got)
			}
			if !test.direct {
				return
			}
			if got := p.interval(mss); (got - test.pace).Abs() > test.pace/20 {
				t.Errorf("%v between two segments, want %v", got, test.pace)
			}
			if got := p.release.Sub(now); got < test.pace/2 || got > test.pace+test.pace/20 {
				t.Errorf("the next leaves after %v, want about %v", got, test.pace)
			}
		})
	}
}
