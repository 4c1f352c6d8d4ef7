package play

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/internal/need"
	"flowlab/scenarios"
)

// speaking is a scenario of HTTP/2 on a short path, with knobs and steps.
func speaking(t *testing.T, end time.Duration, steps []scenarios.Step, knobs ...string) *scenarios.Scenario {
	t.Helper()
	s := with(t, end, append([]string{"producer.protocol", scenarios.H2, "network.rtt", "4ms"}, knobs...)...)
	s.Script = steps
	return s
}

// do is a step.
func do(at time.Duration, actions ...scenarios.Action) scenarios.Step {
	return scenarios.Step{At: at, Do: actions}
}

// post opens a stream that sends so much, and is answered when it was read.
func post(path string, sends scenarios.Bytes) scenarios.Open {
	return scenarios.Open{
		Path: path, Count: 1, Reads: scenarios.AsKnob,
		Request: scenarios.Body{Sends: sends, Rate: scenarios.Unlimited, Ends: sends != scenarios.Unlimited},
		Answer:  scenarios.Answer{Reads: scenarios.AsKnob, Body: scenarios.Body{Rate: scenarios.Unlimited, Ends: true}},
	}
}

// sentOn returns what is wrong with what each side sent on the streams of a path, of
// which there must be so many, as the producer's host saw it.
func sentOn(r *Result, path string, streams int, want [2]int64) (wrong []string) {
	all := streamsOf(r.Views[ProducerPort].Layer.HTTP2, path)
	if len(all) != streams {
		wrong = append(wrong, fmt.Sprintf("%d streams %s were seen, want %d", len(all), path, streams))
	}
	var got [2]int64
	for _, s := range all {
		for side := range got {
			got[side] += s.Halves[side].Sent
		}
	}
	if got != want {
		wrong = append(wrong, fmt.Sprintf("the client sent %d bytes and the server %d, want %d and %d", got[0], got[1], want[0], want[1]))
	}
	return wrong
}

// What a step lets an application do, it does: the packets show so many bytes.
func TestHTTP2Actions(t *testing.T) {
	const ms = time.Millisecond
	paced := post("/paced", 50_000)
	paced.Request.Rate, paced.Request.Message = 100_000, 995
	answered := post("/answered", 10)
	answered.Answer.When, answered.Answer.Body.Sends, answered.Answer.Body.Message = scenarios.AtOnce, 2010, 1000
	echoed := post("/echoed", 3000)
	echoed.Answer.Echo = true
	later := post("/later", 7)
	later.Request.Ends = false
	many := post("/many", 100)
	many.Count = 5
	silent := post("/silent", 200_000)
	silent.Answer.When, silent.Answer.Reads = scenarios.Never, 0
	end := post("/end", 100_000)
	end.Answer.Body.Sends, end.Answer.Body.Rate = 20_000, 200_000
	for _, c := range []struct {
		name    string
		knobs   []string
		steps   []scenarios.Step
		path    string
		streams int
		sent    [2]int64 // by the side that sends
	}{
		{"open", nil, []scenarios.Step{do(0, many)}, "/many", 5, [2]int64{500, 0}},
		{"gRPC answer at once", nil, []scenarios.Step{do(0, answered)}, "/answered", 1, [2]int64{10, 2010}},
		{"echo", nil, []scenarios.Step{do(0, echoed)}, "/echoed", 1, [2]int64{3000, 3000}},
		{"answer at the end, at a rate", nil, []scenarios.Step{do(0, end)}, "/end", 1, [2]int64{100_000, 20_000}},
		{"messages at a rate", nil, []scenarios.Step{do(0, paced)}, "/paced", 1, [2]int64{50_000, 0}},
		{"send", nil, []scenarios.Step{do(0, later), do(50*ms, scenarios.Send{Path: "/later", From: scenarios.Producer, Bytes: 1000})}, "/later", 1, [2]int64{1007, 0}},
		{"read", []string{"consumer.connection-window", "1MiB"}, []scenarios.Step{do(0, silent), do(300*ms, scenarios.Read{Path: "/silent", Role: scenarios.Consumer, Rate: scenarios.Unlimited})}, "/silent", 1, [2]int64{200_000, 0}},
		{"not read", []string{"consumer.connection-window", "1MiB"}, []scenarios.Step{do(0, silent)}, "/silent", 1, [2]int64{65_535, 0}},
		{"credit", []string{"consumer.connection-window", "1MiB"}, []scenarios.Step{do(0, silent), do(100*ms, scenarios.Credit{Path: "/silent", From: scenarios.Consumer, Bytes: 1000})}, "/silent", 1, [2]int64{66_535, 0}},
		{"credit of the connection", []string{"consumer.stream-window", "1MiB"}, []scenarios.Step{do(0, silent), do(100*ms, scenarios.Credit{From: scenarios.Consumer, Bytes: 1000})}, "/silent", 1, [2]int64{66_535, 0}},
		{"reset", nil, []scenarios.Step{do(0, silent), do(100*ms, scenarios.Reset{Path: "/silent", From: scenarios.Consumer})}, "/silent", 1, [2]int64{65_535, 0}},
		{"knobs", []string{"consumer.stream-window", "10kB", "consumer.read-rate", "0", "producer.padding", "100", "producer.frame-size", "1kB"}, []scenarios.Step{
			do(50*ms, post("/knobs", scenarios.Unlimited)),
			{At: 200 * ms, Set: []scenarios.Setting{{Knob: "consumer.stream-window", Value: "20kB"}}},
		}, "/knobs", 1, [2]int64{20_000, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			need.Majority(t, func() []string {
				r := play(t, speaking(t, 900*ms, c.steps, c.knobs...))
				return append(sentOn(r, c.path, c.streams, c.sent), accountsDiffer(r)...)
			})
		})
	}
}

// accountsDiffer returns where the ends' own account is not what packets say, though
// nothing is under way.
func accountsDiffer(r *Result) (wrong []string) {
	http := r.Views[ProducerPort].Layer.HTTP2
	if http == nil {
		return []string{"no HTTP/2 was seen"}
	}
	for side, w := range r.Truth.Windows {
		if seen := http.Directions[side]; seen.Sent != w.Send.Conn.Bytes || seen.Window.Low != w.Send.Conn.Size {
			wrong = append(wrong, fmt.Sprintf("the %v has sent %d bytes and has a window of %d; packets say %d and %v", flow.Side(side), w.Send.Conn.Bytes, w.Send.Conn.Size, seen.Sent, seen.Window))
		}
	}
	return wrong
}

// GOAWAY is sent, and the log tells what it said.
func TestHTTP2GoAway(t *testing.T) {
	t.Parallel()
	s := speaking(t, 600*time.Millisecond, []scenarios.Step{
		do(0, post("/a", scenarios.Unlimited)), do(200*time.Millisecond, scenarios.GoAway{From: scenarios.Consumer, Last: "/a"}),
	})
	s.Knobs.Consumer.ReadRate = 0 // else updates could crowd it out of the log
	run, err := Start(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, e := range run.Snapshot().Log {
		if e.Who == "consumer" && e.Text == "GOAWAY: after stream 1, NO_ERROR" {
			return
		}
	}
	t.Errorf("no GOAWAY in the log: %+v", run.Snapshot().Log)
}

// A step that cannot be done fails the run, and says which.
func TestHTTP2ActionsThatFail(t *testing.T) {
	t.Parallel()
	s := speaking(t, time.Second, []scenarios.Step{
		do(0, post("/a", 1)),
		do(200*time.Millisecond, scenarios.Reset{Path: "/a", From: scenarios.Producer}),
	})
	run, err := Start(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Wait(); err == nil || !strings.Contains(err.Error(), "script at 200ms: no stream /a is open at the producer") {
		t.Errorf("error %v, want that no such stream is open", err)
	}
}

// What the consumer does with a stream waits for it on a long path, whoever serves it.
func TestHTTP2ActionsThatWait(t *testing.T) {
	t.Parallel()
	for _, server := range []string{scenarios.Flowlab, scenarios.NetHTTP} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			o := post("/a", scenarios.Unlimited)
			o.Answer.When = scenarios.AtOnce
			s := speaking(t, 3*time.Second, []scenarios.Step{
				do(500*time.Millisecond, o),
				do(510*time.Millisecond, scenarios.Reset{Path: "/a", From: scenarios.Consumer}),
			}, "network.rtt", "300ms", "consumer.implementation", server)
			run, err := Start(t.Context(), s, Options{})
			if err != nil {
				t.Fatal(err)
			}
			r, err := run.Wait()
			if err != nil {
				t.Fatal(err)
			}
			for _, stream := range streamsOf(r.Views[ProducerPort].Layer.HTTP2, "/a") {
				if stream.Over == 0 {
					t.Errorf("%s is still open", stream.Path)
				}
			}
			log := run.Snapshot().Log
			i := slices.IndexFunc(log, func(e Entry) bool { return e.Kind == ActionDone && strings.Contains(e.Text, "resets /a") })
			if i < 0 || log[i].At < 650*time.Millisecond {
				t.Errorf("the reset was not noted behind the stream's arrival: %+v", log)
			}
		})
	}
}

// The wait for a stream that never comes ends with the script.
func TestHTTP2ActionThatWaitsInVain(t *testing.T) {
	t.Parallel()
	s := speaking(t, time.Second, []scenarios.Step{
		do(900*time.Millisecond, post("/a", 1), scenarios.Reset{Path: "/a", From: scenarios.Consumer}),
	}, "network.rtt", "400ms")
	run, err := Start(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Wait(); err == nil || !strings.Contains(err.Error(), "script at 900ms: no stream /a is open at the consumer") {
		t.Errorf("error %v, want that no such stream is open", err)
	}
}

// A side that breaks a rule ends the connection, and not the run: the packets show it.
func TestHTTP2BrokenRule(t *testing.T) {
	t.Parallel()
	s := speaking(t, 600*time.Millisecond, []scenarios.Step{do(0, post("/over", scenarios.Unlimited))},
		"producer.break", "send-beyond-window", "consumer.read-rate", "0", "consumer.credit-connection", "on-receipt")
	s.Expect = []scenarios.Expectation{scenarios.FindingCount{Rule: "broken-overrun", AtLeast: 1, AtMost: 10}}
	r := play(t, s)
	if !r.Passed || r.Stopped {
		t.Errorf("passed %v, stopped %v: %+v", r.Passed, r.Stopped, r.Checks)
	}
}

func TestHTTP2KnobsTurnWhileItRuns(t *testing.T) {
	t.Parallel()
	s := speaking(t, time.Minute, []scenarios.Step{do(0, post("/a", scenarios.Unlimited))}, "consumer.read-rate", "0")
	run, err := Start(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	until(t, run, "the window is full", func(s *Snapshot) bool { return s.Producer.Written == 65_535 })
	if err := run.Set("consumer.read-rate", "unlimited"); err != nil {
		t.Fatal(err)
	}
	until(t, run, "it is read", func(s *Snapshot) bool { return s.Consumer.Read > 200_000 })
	var m *scenarios.Mistake
	if err := run.Set("producer.rate", "0"); !errors.As(err, &m) {
		t.Errorf("setting a knob of TCP: %v, want a mistake", err)
	}
	run.Stop()
	if _, err := run.Wait(); err != nil {
		t.Error(err)
	}
}

// All runs what it is given, and keeps the order.
func TestAll(t *testing.T) {
	t.Parallel()
	var list []*scenarios.Scenario
	for _, name := range []string{"first", "second", "third", "fourth", "fifth"} {
		s := with(t, time.Second, "network.rtt", "1ms")
		s.Name = name
		list = append(list, s)
	}
	told := 0
	results, err := All(t.Context(), list, Options{}, func(*Result) { told++ })
	if err != nil || told != len(list) {
		t.Fatalf("%d results were told, error %v; want %d", told, err, len(list))
	}
	for i, r := range results {
		if r.Scenario != list[i] || r.Stopped {
			t.Errorf("result %d is of %s, stopped %v", i, r.Scenario.Name, r.Stopped)
		}
	}
	wrong := with(t, time.Second, "producer.congestion", "none")
	if _, err := All(t.Context(), append(list, wrong), Options{}, func(*Result) {}); err == nil {
		t.Error("a lab that cannot be made is no error")
	}
}
