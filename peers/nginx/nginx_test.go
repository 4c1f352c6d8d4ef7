package nginx

import (
	"context"
	"os"
	"testing"
	"time"

	"flowlab/internal/leftover"
	"flowlab/internal/need"
	"flowlab/peers/story"
)

func TestMain(m *testing.M) { os.Exit(need.Beside(m)) }

// TestStories: every one keeps its promises, on the real thing.
func TestStories(t *testing.T) {
	if testing.Short() {
		t.Skip("runs nginx for seconds")
	}
	need.Program(t, "nginx")
	for _, s := range Stories() {
		t.Run(s.Name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			result, err := s.Run(ctx, func(l story.Line) { t.Logf("%4.1f s  %s", l.At.Seconds(), l.Text) })
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range result.Checks {
				t.Logf("%v: %s: %s", c.Passed, c.Text, c.Found)
			}
			for _, w := range result.Watched {
				if w.Unseen != "" && os.Getuid() == 0 {
					t.Errorf("%s: no packets are checked: %s", w.Name, w.Unseen)
				}
			}
			if !result.Passed {
				t.Error("a promise is not kept")
			}
		})
	}
}

// TestInterrupted: nothing of a story stays behind that is interrupted in the middle.
func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("runs nginx")
	}
	need.Program(t, "nginx")
	leftover.Interrupt(t, func(ctx context.Context, now func()) error {
		_, err := Stories()[0].Run(ctx, func(story.Line) { time.AfterFunc(time.Second, now) })
		return err
	})
}
