package kafka

import (
	"context"
	"os"
	"testing"
	"time"

	"flowlab/internal/need"
	"flowlab/peers/story"
	"flowlab/peers/storytest"
)

func TestMain(m *testing.M) { os.Exit(need.Beside(m)) }

func TestStories(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 20 s")
	}
	storytest.Keep(t, Stories(Options{}), time.Minute)
}

func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 5 s")
	}
	for _, s := range Stories(Options{}) {
		t.Run(s.Name, func(t *testing.T) { storytest.InterruptStory(t, s) })
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
