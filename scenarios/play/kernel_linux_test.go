package play

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/internal/need"
	"flowlab/scenarios"
)

// TestKernelAgrees runs every scenario, the variants and random mixes on the
// kernel's TCP, and holds what the packets say of the receive window, at either
// host, against what the sending kernel says of itself (tcpi_rwnd_limited), and of
// HTTP/2's windows against what the application says. Packets are looked at on the
// wire's tap, and as captured at the two devices.
func TestKernelAgrees(t *testing.T) {
	if testing.Short() {
		t.Skip("measures accuracy, which the race detector's slowness would spoil")
	}
	need.Root(t)
	var table table
	t.Cleanup(func() {
		t.Logf("share of time by cause, in %%, and how far from the kernel's in points\n%s", &table.text)
	})
	measure := func(t *testing.T, name string, s *scenarios.Scenario) {
		t.Parallel()
		need.Majority(t, func() []string {
			r, wrong, err := playCaptured(t, s)
			if err != nil {
				t.Fatal(err)
			}
			table.add(name, r)
			wrong = append(wrong, failed(r)...)
			for _, v := range r.Views {
				for _, side := range judged(r, &v) {
					seen := known(r, side, v.Directions[side].Limits)
					for _, cause := range byKernel {
						found, kernel := seen.Share(cause), truthOf(r, side).Share(cause)
						if off := 100 * (found - kernel); math.Abs(off) > worst {
							wrong = append(wrong, fmt.Sprintf("%s at the %s, of the %v: %v %.1f %%, %+.1f points", name, r.Interfaces[v.Interface].Name, side, cause, 100*found, off))
						}
					}
				}
			}
			return wrong
		})
	}
	for _, s := range scenarios.Builtins() {
		t.Run(s.Name, func(t *testing.T) { measure(t, s.Name, s) })
	}
	for name, knobs := range variants {
		t.Run(name, func(t *testing.T) { measure(t, name, with(t, 4*time.Second, knobs...)) })
	}
	for seed := range uint64(8) {
		name := fmt.Sprintf("mix %d", seed)
		t.Run(name, func(t *testing.T) { measure(t, name, mix(t, rand.New(rand.NewPCG(seed, 0)))) })
	}
}

// byKernel are the causes of which the kernel keeps an exact account, and those of
// HTTP/2, of which the applications do, each apart or as unknown.
var byKernel = []flow.Cause{flow.Unknown, flow.ReceiveWindow, flow.ConnectionWindow, flow.StreamWindow, flow.StreamLimit}

// mix is a random sequence of phases, each of which turns a knob.
func mix(t *testing.T, random *rand.Rand) *scenarios.Scenario {
	one := func(values ...string) string { return values[random.IntN(len(values))] }
	path := []string{
		"network.rtt", one("10ms", "20ms", "50ms"), "network.rate", one("20Mbit/s", "50Mbit/s"),
		"consumer.window", one("64KiB", "128KiB", "512KiB"),
	}
	t.Log(path)
	s := with(t, 7*time.Second, path...)
	for at := time.Second; at < s.End-500*time.Millisecond; at += time.Second + time.Duration(random.IntN(500))*time.Millisecond {
		set := []scenarios.Setting{
			{Knob: "consumer.read-rate", Value: one("0", "500kB/s", "1MB/s", "3MB/s", "unlimited")},
			{Knob: "producer.rate", Value: one("100kB/s", "1MB/s", "unlimited", "unlimited")},
		}
		s.Script = append(s.Script, scenarios.Step{At: at, Set: set})
		t.Logf("%v: %v", at, set)
	}
	return s
}

// TestKernelRunsLeaveNothing stops runs in the middle, some before their
// connection is there.
func TestKernelRunsLeaveNothing(t *testing.T) {
	need.Root(t)
	round := func(length time.Duration) {
		ctx, cancel := context.WithTimeout(t.Context(), length)
		defer cancel()
		run, err := Start(ctx, with(t, time.Minute, "network.rtt", "10ms"), Options{Network: Kernel})
		if err != nil {
			t.Fatal(err)
		}
		if r, err := run.Wait(); err != nil || !r.Stopped {
			t.Errorf("stopped %v, error %v; want true and none", r.Stopped, err)
		}
	}
	open := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	round(50 * time.Millisecond)
	goroutines, descriptors := runtime.NumGoroutine(), open()
	for i := range 10 {
		round(time.Duration(1+5*i) * time.Millisecond)
	}
	for late := time.After(10 * time.Second); runtime.NumGoroutine() > goroutines || open() > descriptors; {
		select {
		case <-late:
			t.Fatalf("%d goroutines and %d descriptors before, %d and %d after", goroutines, descriptors, runtime.NumGoroutine(), open())
		case <-time.After(tick):
		}
	}
}

func TestCongestionControlOfNoNetwork(t *testing.T) {
	for _, n := range []Network{Userspace, Kernel} {
		t.Run(string(n), func(t *testing.T) {
			if n == Kernel {
				need.Root(t)
			}
			err := Try(with(t, time.Second, "producer.congestion", "cubicc"), n)
			m, ok := errors.AsType[*scenarios.Mistake](err)
			if !ok || !strings.Contains(m.Problem, "cubicc") || !strings.Contains(m.Hint, "reno") {
				t.Errorf("got %v, want a mistake that names those there are", err)
			}
		})
	}
}
