package parts

import (
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
