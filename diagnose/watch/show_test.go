package watch

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/survey"
	"flowlab/tlsrec"
)

// A screen may ask for anything at any time while packets come, and in the end it is shown
// all connections that were there last.
func TestBoardIsReadWhilePacketsCome(t *testing.T) {
	l := board.NewLive()
	pipe, err := NewPipe(bytes.NewReader(made(t, 20_000)), tlsrec.NewKeys())
	if err != nil {
		t.Fatal(err)
	}
	var last []int // connections that were handed on only at the end
	w := &Watch{Source: pipe, Most: 1000, Board: l, Ended: func(_ *survey.Source, v *diagnose.View) { last = append(last, v.Number) }}
	done := make(chan struct{})
	var screen sync.WaitGroup
	screen.Go(func() {
		for number := 1; ; number++ {
			select {
			case <-done:
				return
			default:
			}
			l.Choose(1 + number/50%20)
			s := l.Snapshot()
			l.At(s.At.Add(-1e9))
			span := l.Span()
			l.At(span.Start)
			l.Marks()
			if !slices.IsSortedFunc(s.Rows, func(a, b board.Row) int { return a.Number - b.Number }) {
				t.Error("rows are not in order")
			}
		}
	})
	source, err := w.Run(context.Background())
	close(done)
	screen.Wait()
	if err != nil {
		t.Fatal(err)
	}
	s := l.Snapshot()
	if s.Source.Packets != source.Packets || s.Source.Connections != source.Connections || s.At != source.Last {
		t.Errorf("it shows %+v at %d, want what is in %+v", s.Source, s.At, source)
	}
	if len(s.Rows) == 0 {
		t.Fatal("there are no rows")
	}
	for i := range s.Rows {
		if !slices.Contains(last, s.Rows[i].Number) {
			t.Errorf("row %d is of no connection", s.Rows[i].Number)
		}
	}
}
