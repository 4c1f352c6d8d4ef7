package tui

import (
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tcpwin"
)

const (
	testWindow = 128 << 10
	testStart  = flow.Time(1_700_000_000_000_000_000)
)

// testScene is a scenario of six seconds whose reader stops at one second and
// goes on at four, as it stood at the given time: made by hand, so that what is
// drawn from it is always the same.
func testScene(at time.Duration) *scene {
	s := &scenarios.Scenario{
		Name: "reader-stops", Title: "The reader stops", Knobs: scenarios.DefaultKnobs(), End: 6 * time.Second,
	}
	s.Knobs.Consumer.Window = testWindow
	snap := &play.Snapshot{At: at, Start: testStart, End: s.End, Knobs: s.Knobs}
	stopped := at >= time.Second && at < 4*time.Second
	sent, acks := testHistory(at)
	d := diagnose.DirectionView{
		Window: testWindow, WindowKnown: true, MaxWindow: testWindow, InFlight: 96 << 10,
		Acked: 6_000_000, MSS: 1460, History: sent,
		Now: diagnose.Now{Cause: flow.Congestion, HeldBy: flow.Path, For: 700 * time.Millisecond},
	}
	for i := range d.History {
		for c, t := range d.History[i].Limits {
			d.Limits[c] += t
		}
	}
	snap.Producer.Written = d.Acked + 512<<10
	snap.Producer.Rate, snap.Consumer.Rate = 6.25e6, 6.25e6
	snap.Log = []play.Entry{{At: 20 * time.Millisecond, Who: "consumer", Text: "window-update: 131072 bytes"}}
	if at >= time.Second {
		snap.Caption = "The consumer stops reading. Watch the window close."
		snap.Log = append(snap.Log,
			play.Entry{At: time.Second, Kind: play.ScriptLine, Text: snap.Caption},
			play.Entry{At: time.Second, Kind: play.KnobTurned, Text: "consumer.read-rate = 0"},
			play.Entry{At: 1023 * time.Millisecond, Who: "consumer", Text: "zero-window", More: 11},
			play.Entry{At: 1240 * time.Millisecond, Who: "producer", Text: "window-probe"},
		)
	}
	if stopped {
		snap.Knobs.Consumer.ReadRate = 0
		snap.Producer.Rate, snap.Producer.Writing, snap.Consumer.Rate = 0, at-1030*time.Millisecond, 0
		snap.Consumer.Queue = testWindow
		d.Window, d.InFlight = 0, 0
		d.Now = diagnose.Now{
			Cause: flow.ReceiveWindow, HeldBy: flow.Reader, For: at - 1023*time.Millisecond,
			Undecided: at - 1023*time.Millisecond,
		}
	}
	snap.Progress = testProgress(at)
	snap.Views = []diagnose.View{{
		Interface: play.ProducerPort, RTT: 20 * time.Millisecond,
		Directions: [2]diagnose.DirectionView{flow.Client: d, flow.Server: {History: acks}},
	}}
	return &scene{scenario: s, snapshot: snap, latest: snap}
}

// testProgress is that of a run of [testScene]: the producer fills its send buffer.
func testProgress(now time.Duration) (all []play.Progress) {
	const step = 6 * time.Second / play.Columns
	var p play.Progress
	for at := time.Duration(0); at < now; at += step {
		const amount = 93_750 // in a step of 15 ms, at 6.25 MB/s
		if at < time.Second || at >= 4*time.Second {
			p.Read += amount
		}
		if at < 1035*time.Millisecond || at >= 4*time.Second {
			p.Written += amount
		}
		if at == 0 {
			p.Written += 512 << 10
		}
		all = append(all, p)
	}
	return all
}

// testHistory has the columns of a run of [testScene]: of what the producer
// sends, and of the ACKs.
func testHistory(now time.Duration) (sent, acks []timeline.Bucket) {
	const n = 400
	const step = 6 * time.Second / n
	sent, acks = make([]timeline.Bucket, n), make([]timeline.Bucket, n)
	for i := range sent {
		b := &sent[i]
		at := time.Duration(i) * step
		b.Interval = flow.Interval{Start: testStart.Add(at), End: testStart.Add(at + step)}
		acks[i].Interval = b.Interval
		if at >= now {
			continue
		}
		cause, window, flight := flow.Congestion, testWindow, 96<<10
		switch {
		case at == 0:
			cause, flight = flow.Handshake, 0
		case at < 150*time.Millisecond: // slow start
			flight = min(flight, 4<<(10+i/2))
		case at >= 1020*time.Millisecond && at < 4*time.Second: // after the window has closed
			cause, window, flight = flow.ReceiveWindow, 0, 0
		}
		b.Limits[cause] = step
		b.Window = timeline.Range{Min: window, Max: window, Last: window}
		b.InFlight = timeline.Range{Min: flight, Max: flight, Last: flight}
		if at == 1020*time.Millisecond {
			b.Window.Max, b.InFlight.Max = testWindow, testWindow
		}
		switch at {
		case 1020 * time.Millisecond:
			acks[i].Events[tcpwin.ZeroWindow]++
		case 1230 * time.Millisecond, 1635 * time.Millisecond, 2430 * time.Millisecond:
			b.Events[tcpwin.WindowProbe]++
		case 4020 * time.Millisecond:
			acks[i].Events[tcpwin.WindowOpened]++
		}
	}
	return sent, acks
}

// over ends a scene's run.
func over(s *scene, checks ...play.Check) *scene {
	r := &play.Result{Scenario: s.scenario, Passed: true, Checks: checks}
	for _, c := range checks {
		r.Passed = r.Passed && c.Passed
	}
	s.snapshot.Over = true
	s.outcome = &outcome{result: r}
	return s
}
