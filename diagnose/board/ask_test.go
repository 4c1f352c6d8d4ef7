package board_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowlab/bench/traffic"
	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/flow"
)

// TestViewIsAnsweredByALook: a connection is had whole from another goroutine, as the next
// look finds it; one that is not there is not.
func TestViewIsAnsweredByALook(t *testing.T) {
	link, list := packets(t, traffic.Traffic{Packets: 4000, Connections: 10, Open: 10, Snap: 200}, 7)
	l := board.NewLive()
	a := watched(l, link, list, time.Second/4, 0, func(*diagnose.Analysis, flow.Time) {})
	now := list[len(list)-1].Time
	there := a.Connections()[len(a.Connections())-1]

	ask := func(number int) (v *diagnose.View, err error) {
		t.Helper()
		done := make(chan struct{})
		go func() {
			v, err = l.View(t.Context(), number)
			close(done)
		}()
		for looks := time.NewTicker(time.Millisecond); ; {
			select {
			case <-done:
				return v, err
			case <-looks.C:
				l.Look(a, now, board.Source{}, eth0)
			}
		}
	}
	got, err := ask(there.Number)
	if err != nil {
		t.Fatal(err)
	}
	want := there.View(now, flow.Interval{}, 0)
	if d := cmp.Diff(want, *got, gaugesOnly[1:]); d != "" || len(want.Directions[0].Stalls)+len(want.Directions[1].Stalls) == 0 {
		t.Errorf("-is +answered:\n%s", d)
	}
	if _, err := ask(1 << 20); !errors.Is(err, board.ErrGone) {
		t.Errorf("of a connection that is not there: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := l.View(ctx, there.Number); !errors.Is(err, context.Canceled) {
		t.Errorf("once no look comes: %v", err)
	}
}
