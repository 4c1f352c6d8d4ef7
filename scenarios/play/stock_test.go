package play

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/internal/need"
	"flowlab/peers"
	"flowlab/scenarios"
)

// onLibraries are scenarios of the catalogue that are played by stock libraries: what
// they expect of flowlab's own ends must come true of real ones. Windows that are set
// keep grpc-go from making them larger.
var onLibraries = []struct{ scenario, knobs string }{
	{"unread-stream-starves-siblings", "consumer.implementation=net-http"},
	{"unread-stream-starves-siblings", "consumer.implementation=net-http producer.implementation=net-http"},
	{"unread-stream-starves-siblings", "producer.implementation=net-http"},
	{"both-sides-send", "consumer.implementation=grpc-go producer.implementation=grpc-go"},
	{"both-sides-send", "consumer.implementation=grpc-go"},
	{"both-sides-send", "producer.implementation=grpc-go"},
	{"one-stream-not-read", "consumer.implementation=grpc-go consumer.connection-window=65535"},
	{"one-stream-not-read", "consumer.implementation=grpc-go consumer.connection-window=65535 producer.implementation=grpc-go"},
	{"stream-limit-queues-calls", "consumer.implementation=grpc-go consumer.connection-window=65535"},
	{"stream-limit-queues-calls", "consumer.implementation=grpc-go consumer.connection-window=65535 producer.implementation=grpc-go"},
}

// TestStockLibraries plays them on both networks, and holds the verdict to the
// applications' truth as well.
func TestStockLibraries(t *testing.T) {
	if testing.Short() {
		t.Skip("measures real time")
	}
	for _, network := range []Network{Userspace, Kernel} {
		for _, c := range onLibraries {
			t.Run(c.scenario+", "+c.knobs+", "+string(network), func(t *testing.T) {
				if network == Kernel {
					need.Root(t)
				}
				t.Parallel()
				s := builtinWith(t, c.scenario, strings.Fields(c.knobs)...)
				need.Majority(t, func() []string {
					r := playOn(t, s, network)
					wrong := failed(r)
					if c := r.Claim; 100*math.Abs(c.Share-c.Truth) > worst {
						wrong = append(wrong, fmt.Sprintf("%v: %.1f %%, truth %.1f %% by the %s", c.Cause, 100*c.Share, 100*c.Truth, c.By))
					}
					return wrong
				})
			})
		}
	}
}

// builtinWith is a built-in scenario with knobs turned, each written KNOB=VALUE.
func builtinWith(t *testing.T, name string, settings ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range settings {
		knob, value, _ := strings.Cut(setting, "=")
		if err := s.Knobs.Set(knob, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.CheckLibraries(); err != nil {
		t.Fatal(err)
	}
	return s
}

// What a step lets a stock library do, it does: the packets show so many bytes.
func TestStockActions(t *testing.T) {
	if testing.Short() {
		t.Skip("asks that libraries keep up with a script, which the race detector's slowness would spoil")
	}
	const ms = time.Millisecond
	grpc := func(path string, messages, answers scenarios.Bytes) scenarios.Open {
		o := post(path, messages*105)
		o.Request.Message, o.Answer.Body.Message, o.Answer.Body.Sends = 100, 100, answers*105
		return o
	}
	later := grpc("/a.B/C", 1, 0)
	later.Request.Ends, later.Answer.When = false, scenarios.Never
	silent := grpc("/a.B/C", 2000, 1)
	silent.Answer.Reads = 0
	echo := grpc("/a.B/C", 30, 0)
	echo.Answer.Echo = true
	count := grpc("/a.B/C", 2, 3)
	count.Count = 4
	send := func(from scenarios.Role) scenarios.Step {
		return do(100*ms, scenarios.Send{Path: "/a.B/C", From: from, Bytes: 200})
	}
	for library, prefixes := range map[string]int64{scenarios.NetHTTP: 0, scenarios.GRPCGo: 5} {
		// What net-http sends of messages is only their bytes.
		n := func(messages int64) int64 { return messages * (100 + prefixes) }
		for _, c := range []struct {
			name    string
			steps   []scenarios.Step
			streams int
			sent    [2]int64 // by the side that sends
		}{
			{"open", []scenarios.Step{do(0, count)}, 4, [2]int64{n(8), n(12)}},
			{"echo", []scenarios.Step{do(0, echo)}, 1, [2]int64{n(30), n(30)}},
			{"send", []scenarios.Step{do(0, later), send(scenarios.Producer), send(scenarios.Consumer)}, 1, [2]int64{n(3), n(2)}},
			{"read", []scenarios.Step{do(0, silent), do(300*ms, scenarios.Read{Path: "/a.B/C", Role: scenarios.Consumer, Rate: scenarios.Unlimited})}, 1, [2]int64{n(2000), n(1)}},
			{"reset", []scenarios.Step{do(0, later), do(100*ms, scenarios.Reset{Path: "/a.B/C", From: scenarios.Producer})}, 1, [2]int64{n(1), 0}},
		} {
			t.Run(library+", "+c.name, func(t *testing.T) {
				t.Parallel()
				s := speaking(t, 900*ms, c.steps, "producer.implementation", library, "consumer.implementation", library)
				need.Majority(t, func() []string {
					r := play(t, s)
					wrong := sentOn(r, "/a.B/C", c.streams, c.sent)
					if all := streamsOf(r.Views[ProducerPort].Layer.HTTP2, "/a.B/C"); c.name == "reset" && len(all) > 0 && all[0].Over == 0 {
						wrong = append(wrong, "the stream was not reset")
					}
					return wrong
				})
			})
		}
	}
}

// A step that cannot be done on a stock library fails the run, and says which.
func TestStockActionsThatFail(t *testing.T) {
	t.Parallel()
	s := speaking(t, time.Second, []scenarios.Step{
		do(0, post("/a", 1)),
		do(300*time.Millisecond, scenarios.Send{Path: "/a", From: scenarios.Producer, Bytes: 1}),
	}, "producer.implementation", scenarios.NetHTTP)
	run, err := Start(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Wait(); err == nil || !strings.Contains(err.Error(), "script at 300ms: no stream /a is open at the producer") {
		t.Errorf("error %v, want that no such stream is open", err)
	}
}

// While TCP holds the sender nothing is hidden; what is waited for besides is.
func TestHiddenTime(t *testing.T) {
	tcp := flow.Limits{flow.Handshake: 1, flow.Congestion: 20, flow.Application: 79}
	for _, c := range []struct{ waited, want time.Duration }{{0, 0}, {15, 0}, {50, 30}, {99, 79}, {200, 79}} {
		got := hidden(tcp, peers.Total{Waited: c.waited})
		if got[flow.Unknown] != c.want || got.Total() != tcp.Total() {
			t.Errorf("of %d waited %d are hidden, want %d; all are %d", c.waited, got[flow.Unknown], c.want, got.Total())
		}
	}
}
