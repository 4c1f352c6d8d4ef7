package watch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/capture/live"
	"flowlab/diagnose"
	"flowlab/diagnose/export"
	"flowlab/diagnose/survey"
	"flowlab/tlsrec"
)

// A connection that was watched can be exported as long as its packets are kept: each
// of its packets is there, as it was.
func TestWatchedConnectionIsExported(t *testing.T) {
	file := made(t, 20_000)
	pipe, err := NewPipe(bytes.NewReader(file), tlsrec.NewKeys())
	if err != nil {
		t.Fatal(err)
	}
	var views []*diagnose.View
	w := &Watch{Source: pipe, Most: 100, Memory: export.NewMemory(export.UsualMemory), Ended: func(_ *survey.Source, v *diagnose.View) { views = append(views, v) }}
	if _, err := w.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(views) == 0 {
		t.Fatal("no connection")
	}
	sum := 0
	for _, v := range views {
		var b bytes.Buffer
		written, err := w.Memory.Export(&b, []*diagnose.View{v})
		if err != nil {
			t.Fatal(err)
		}
		sum += written.Packets
		again, err := NewPipe(&b, tlsrec.NewKeys())
		if err != nil {
			t.Fatal(err)
		}
		analysis := diagnose.New()
		for p, err := again.Next(time.Second); !errors.Is(err, io.EOF); p, err = again.Next(time.Second) {
			if err != nil && !errors.Is(err, live.ErrNone) {
				t.Fatal(err)
			}
			if err == nil {
				analysis.Observe(capture.Ethernet, p)
			}
		}
		found := analysis.Connections()
		if len(found) != 1 || found[0].ID != v.ID || analysis.Packets != int64(written.Packets) {
			t.Fatalf("connection %d: the export has %d connections and %d packets, want 1 and %d", v.Number, len(found), analysis.Packets, written.Packets)
		}
		for i := range v.Directions {
			if got, want := found[0].Directions[i].Account.Segments, v.Directions[i].Segments; got != want {
				t.Errorf("connection %d: %d segments with payload from the %v, want %d", v.Number, got, v.Directions[i].From, want)
			}
		}
	}
	if sum != 20_000 {
		t.Errorf("%d packets were exported, want 20000", sum)
	}
}
