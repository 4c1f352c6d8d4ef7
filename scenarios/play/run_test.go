package play

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"flowlab/scenarios"
)

func TestExpectationsAreChecked(t *testing.T) {
	t.Parallel()
	s := with(t, 600*time.Millisecond, "network.rtt", "2ms", "producer.rate", "1MB/s", "producer.chunk", "10kB")
	whole := scenarios.Span{}
	s.Expect = []scenarios.Expectation{
		scenarios.Goodput{During: scenarios.Span{From: 200 * time.Millisecond, To: 600 * time.Millisecond}, AtLeast: 50_000, AtMost: 1_500_000},
		scenarios.Goodput{During: whole, AtLeast: 100_000_000, AtMost: scenarios.Unlimited},
		scenarios.EventCount{From: scenarios.Consumer, Between: whole, AtLeast: 1, AtMost: 1000},
	}
	r := play(t, s)
	for i, want := range []bool{true, false, false} {
		if r.Checks[i].Passed != want {
			t.Errorf("%s: found %s, passed %v, want %v", r.Checks[i].Text, r.Checks[i].Found, r.Checks[i].Passed, want)
		}
	}
	if r.Passed {
		t.Error("the run passed although expectations failed")
	}
}

func TestKnobsTurnWhileItRuns(t *testing.T) {
	t.Parallel()
	s := with(t, time.Minute, "network.rtt", "1ms", "producer.rate", "2MB/s")
	run, err := Start(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Set("consumer.read-rate", "0"); err != nil {
		t.Fatal(err)
	}
	until(t, run, "the receive buffer fills", func(s *Snapshot) bool { return s.Consumer.Queue > 100_000 })
	if err := run.Set("consumer.read-rate", "unlimited"); err != nil {
		t.Fatal(err)
	}
	until(t, run, "it is read", func(s *Snapshot) bool { return s.Consumer.Queue < 50_000 && s.Consumer.Read > 100_000 })
	var m *scenarios.Mistake
	if err := run.Set("network.mtu", "9000"); !errors.As(err, &m) {
		t.Errorf("setting a fixed knob: %v, want a mistake", err)
	}
	run.Stop()
	r, err := run.Wait()
	if err != nil || !r.Stopped {
		t.Errorf("stopped %v, error %v; want true and none", r.Stopped, err)
	}
}

// until waits for a snapshot of which something holds.
func until(t *testing.T, run *Run, what string, holds func(*Snapshot) bool) {
	t.Helper()
	for late := time.After(20 * time.Second); !holds(run.Snapshot()); {
		select {
		case <-late:
			t.Fatalf("after 20 s it does not hold that %s: %+v", what, run.Snapshot().Consumer)
		case <-time.After(tick):
		}
	}
}

func TestStopBeforeTheConnectionIsUp(t *testing.T) {
	t.Parallel()
	s := with(t, time.Minute, "network.rtt", "10s")
	run, err := Start(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	run.Stop()
	if r, err := run.Wait(); err != nil || !r.Stopped || r.Passed && len(r.Checks) > 0 {
		t.Errorf("stopped %v, error %v; want true and none", r.Stopped, err)
	}
}

func TestProducerThatEnds(t *testing.T) {
	t.Parallel()
	s := with(t, time.Second, "network.rtt", "2ms", "producer.total", "100kB", "network.ip", "6")
	r := play(t, s)
	if r.Truth.Read != 100_000 || r.Truth.Sent.Written != 100_000 {
		t.Errorf("written %d and read %d bytes, want 100000", r.Truth.Sent.Written, r.Truth.Read)
	}
	for _, v := range r.Views {
		if d := v.Directions[0]; d.Bytes != 100_000 || d.Acked != 100_000 {
			t.Errorf("interface %d: %d bytes sent, %d acknowledged, want 100000", v.Interface, d.Bytes, d.Acked)
		}
	}
}

// TestRunsLeaveNothing plays many scenarios that stall and are stopped.
func TestRunsLeaveNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		s := with(t, 50*time.Millisecond, "network.rtt", "1ms", "consumer.read-rate", "0")
		ctx, cancel := context.WithCancel(t.Context())
		run, err := Start(ctx, s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Wait(); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	for late := time.After(10 * time.Second); runtime.NumGoroutine() > before; {
		select {
		case <-late:
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		case <-time.After(tick):
		}
	}
}
