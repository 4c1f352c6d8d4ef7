// Package storytest is for tests of scenarios on real systems: whether they keep what they
// promise, and whether anything stays behind when they are interrupted.
package storytest

import (
	"context"
	"os"
	"testing"
	"time"

	"flowlab/peers/story"
)

// Keep tells each story in at most so much time, and fails the test unless it keeps all that
// it promises; and, where packets can be captured, unless those of its ports were.
func Keep(t *testing.T, list []*story.Story, most time.Duration) {
	for _, s := range list {
		t.Run(s.Name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), most)
			defer stop()
			result, err := s.Run(ctx, func(l story.Line) { t.Logf("%6.2f s  %s", l.At.Seconds(), l.Text) })
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range result.Checks {
				if t.Logf("%s: %s", c.Text, c.Found); !c.Passed {
					t.Errorf("not kept: %s", c.Text)
				}
			}
			if len(result.Checks) == 0 {
				t.Error("it promises nothing")
			}
			for _, w := range result.Watched {
				views, err := w.Connections()
				if os.Getuid() == 0 && (err != nil || w.Unseen != "" || len(views) == 0) {
					t.Errorf("%s: %d connections were seen, %v %s", w.Name, len(views), err, w.Unseen)
				}
			}
		})
	}
}
