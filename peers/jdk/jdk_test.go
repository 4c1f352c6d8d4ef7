package jdk

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
		t.Skip("runs java for seconds")
	}
	need.Program(t, "javac")
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
			if !result.Passed {
				t.Error("a promise is not kept")
			}
		})
	}
}

// TestInterrupted: nothing of a story stays behind that is interrupted in the middle.
func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("runs java")
	}
	need.Program(t, "javac")
	leftover.Interrupt(t, func(ctx context.Context, now func()) error {
		_, err := Stories()[0].Run(ctx, func(story.Line) { time.AfterFunc(time.Second, now) })
		return err
	})
}
