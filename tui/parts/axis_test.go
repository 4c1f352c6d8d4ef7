package parts

import (
	"strings"
	"testing"
	"time"
)

func TestSecondsStep(t *testing.T) {
	for _, c := range []struct {
		end    time.Duration
		across int
		want   time.Duration
	}{
		{6 * time.Second, 70, time.Second},
		{6 * time.Second, 190, 500 * time.Millisecond},
		{time.Hour, 70, 500 * time.Second},
		{50 * time.Millisecond, 50, 10 * time.Millisecond},
	} {
		if got := secondsStep(c.end, c.across); got != c.want {
			t.Errorf("%v on %d columns: a label each %v, want %v", c.end, c.across, got, c.want)
		}
	}
}

// TestSeconds: labels stand at round times, below the column of their instant.
func TestSeconds(t *testing.T) {
	for _, c := range []struct {
		from, to time.Duration
		want     string
	}{
		{0, 6 * time.Second, " seconds  0       1       2       3       4       5       6"},
		{62300 * time.Millisecond, 92300 * time.Millisecond, " seconds     65      70      75      80      85      90"},
		{-time.Second, 2 * time.Second, " seconds -1     -0.5      0      0.5      1      1.5      2"},
		{5 * time.Second, 5 * time.Second, " seconds"},
	} {
		canvas := blank(&Block, Gutter+49, 1)
		(&Plot{Across: 48}).Seconds(canvas.Area(), c.from, c.to)
		if got := strings.TrimSuffix(textOf(canvas), "\n"); got != c.want {
			t.Errorf("from %v to %v:\n%s\nwant\n%s", c.from, c.to, got, c.want)
		}
	}
}
