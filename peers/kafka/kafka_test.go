package kafka

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

// TestStories tells each story, holds it to what it promises, and looks at its packets.
func TestStories(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 20 s")
	}
	need.Root(t)
	for _, s := range Stories(Options{}) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			result, err := s.Run(t.Context(), func(l story.Line) { t.Logf("%6.2f s %s", l.At.Seconds(), l.Text) })
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range result.Checks {
				if t.Logf("%s: %s", c.Text, c.Found); !c.Passed {
					t.Errorf("not so: %s", c.Text)
				}
			}
			w := result.Watched[0]
			views, err := w.Connections()
			if err != nil || len(views) < 2 || w.Unseen != "" {
				t.Fatalf("%d connections were seen, %v %s", len(views), err, w.Unseen)
			}
		})
	}
}

// TestInterrupted: a story that is interrupted in the middle ends at once, and leaves
// nothing behind.
func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 5 s")
	}
	for _, s := range Stories(Options{}) {
		t.Run(s.Name, func(t *testing.T) {
			leftover.Interrupt(t, func(ctx context.Context, now func()) error {
				begun := time.Now()
				_, err := s.Run(ctx, func(story.Line) { time.AfterFunc(time.Second, now) })
				if d := time.Since(begun); d > 10*time.Second {
					t.Errorf("it went on for %v", d)
				}
				return err
			})
		})
	}
}

// TestBrokers: a broker that is there is used, and nothing of the story stays on it.
func TestBrokers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 10 s")
	}
	t.Parallel()
	var seeds []string
	var left int
	outer := &story.Story{Tell: func(ctx context.Context, s *story.Stage) error {
		c, err := Options{}.open(s)
		if err != nil {
			return err
		}
		seeds = c.seeds
		inner := slowPoll(Options{Brokers: seeds})
		result, err := inner.Run(ctx, nil)
		if err != nil {
			return err
		}
		if !result.Passed {
			t.Errorf("%+v", result.Checks)
		}
		topics, err := c.admin.ListTopics(ctx)
		left = len(topics)
		return err
	}}
	if _, err := outer.Run(t.Context(), nil); err != nil || left != 0 {
		t.Errorf("%v; %d topics are left", err, left)
	}
}
