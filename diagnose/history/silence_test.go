package history_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"flowlab/diagnose/history"
	"flowlab/flow"
)

// TestSilence holds a past with two silences of years to what [history.Past] promises of any: before
// them, in them and after them. It does not end where a silence is gone through step by step.
func TestSilence(t *testing.T) {
	for name, make := range transfers(t) {
		if !strings.HasPrefix(name, "made-up") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(8, 9))
			all := make(t)
			n := len(all.packets)
			around := []flow.Time{
				all.fallSilent(n/4 + random.IntN(n/4)), all.fallSilent(n/2 + random.IntN(n/4)),
			}
			for _, last := range []bool{true, false} {
				_, list := all.passed(64<<20, last)
				finished, held := all.finished()
				for k := range 20 {
					past := list[random.IntN(len(list))]
					span, whole := past.Span(), past.Whole()
					if span != whole || past.Bytes() > 32<<20 {
						t.Fatalf("of %v, %v are whole, in %d bytes", span, whole, past.Bytes())
					}
					at := span.Start.Add(time.Duration(random.Int64N(int64(span.Length()))))
					switch begins := around[random.IntN(2)]; k % 4 {
					case 1: // about when a silence begins
						at = begins.Add(time.Duration(random.Int64N(int64(4*time.Second))) - time.Second)
					case 2: // about when it ends
						at = begins.Add(years + time.Duration(random.Int64N(int64(4*time.Second))) - time.Second)
					}
					at = min(max(history.Ceil(at), span.Start), span.End/flow.Time(history.Grid)*flow.Time(history.Grid))
					got := all.sameGauges(t, past, at)
					c := finished.Connections()[got.Number-1]
					for i := range got.Directions {
						sameVerdicts(t, &got.Directions[i], held[got.Number][i], &c.Directions[i].Stalls, at)
					}
				}
			}
		})
	}
}
