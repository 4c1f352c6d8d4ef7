package need

import (
	"strings"
	"testing"
	"time"
)

// Majority calls f, which measures something of real time and returns what is wrong
// with it, once, and up to twice more if something is. It fails if two of the three
// went wrong: what a busy machine spoils is spoilt now and then, a wrong verdict is
// wrong each time.
//
// A run that went wrong while the machine let its programs wait is not counted, as
// nothing can be said of it, and is repeated. A machine that is busy all the time
// skips the test, which says so.
func Majority(t *testing.T, f func() []string) {
	t.Helper()
	var problems []string
	const attempts = 6
	for wrong, right, attempt := 0, 0, 1; ; attempt++ {
		found, late := observed(f)
		switch {
		case len(found) == 0:
			right++
		case late > tooLate:
			t.Logf("attempt %d is not counted: %.1f %% of its time the machine was late\n%s", attempt, 100*late, strings.Join(found, "\n"))
		default:
			wrong++
			t.Logf("attempt %d went wrong; %.1f %% of its time the machine was late", attempt, 100*late)
			problems = append(problems, found...)
		}
		switch {
		case right > wrong, right == 2:
			return
		case wrong == 2:
			t.Error(strings.Join(problems, "\n"))
			return
		case attempt == attempts:
			t.Skipf("the machine is too busy to measure: %d attempts", attempts)
		}
	}
}

const (
	nap     = time.Millisecond
	overdue = 3 * time.Millisecond // more than timers are late when nothing else runs
	tooLate = 0.05                 // of the time
)

// observed calls f, and tells which share of its time a nap beside it lasted too long.
func observed(f func() []string) (found []string, late float64) {
	end, over := make(chan struct{}), make(chan time.Duration, 1)
	go func() { over <- oversleep(end) }()
	start := time.Now()
	defer func() {
		close(end)
		late = (<-over).Seconds() / time.Since(start).Seconds()
	}()
	return f(), 0
}

// oversleep naps until the end, and returns for how long it overslept.
func oversleep(end <-chan struct{}) (sum time.Duration) {
	for last := time.Now(); ; {
		select {
		case <-end:
			return sum
		case <-time.After(nap):
		}
		now := time.Now()
		if over := now.Sub(last) - nap; over > overdue {
			sum += over
		}
		last = now
	}
}
