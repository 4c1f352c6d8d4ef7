package play

import (
	"slices"
	"time"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
)

// Result is what a run came to.
type Result struct {
	Scenario   *scenarios.Scenario
	Network    Network
	Notes      []string // what of the knobs this network does not keep, a sentence each
	Seed       uint64
	Knobs      scenarios.Knobs // as they were at the end
	Start      flow.Time
	Length     time.Duration
	End        time.Duration // when it was to end: the scenario's end, unless the script was held or moved on
	Stopped    bool          // before the end
	Passed     bool          // every expectation that was checked was met
	Checks     []Check
	Quiz       Quiz
	Claim      *Claim // nil if the scenario makes none, or the run did not come so far as the script has it
	Interfaces []capture.Interface
	Source     Source
	Views      []diagnose.View  // each connection, as seen at each of its hosts
	Chains     []diagnose.Chain // through the proxy, if there is one
	Truth      Truth
}

// Source counts what the analysis was given.
type Source struct {
	Packets, Skipped, Bytes int64
	First, Last             flow.Time
}

// finish concludes: what is undecided is settled, and the expectations are
// checked.
func (r *Run) finish() {
	over := flow.Time(r.over.Load())
	length := over.Sub(r.start)
	r.mu.Lock()
	script, quiz := r.script, r.quiz
	r.mu.Unlock()
	end := script.due(r.scenario.End, length)
	r.readings.look(length, over, r.analysis)
	r.until(over + 1)
	r.analysis.End(over)
	r.past.end(over)
	r.result = Result{
		Scenario: r.scenario, Network: r.options.Network, Seed: r.options.Seed, Knobs: r.knobs, Start: r.start, Length: length,
		End: end, Stopped: length < end, Interfaces: Interfaces(&r.knobs), Truth: r.truth,
		Source: Source{
			Packets: r.analysis.Packets, Skipped: r.analysis.Skipped.Total(), Bytes: r.analysis.Bytes,
			First: r.analysis.First, Last: r.analysis.Last,
		},
		Passed: true, Quiz: quiz,
		Notes: notes(r.options.Network, &r.scenario.Knobs, &r.knobs),
	}
	r.result.Views, r.result.Chains, r.result.Checks = r.seen(over, &script)
	for _, c := range r.result.Checks {
		r.result.Passed = r.result.Passed && !c.Failed()
	}
	r.result.Claim = claimOf(&r.knobs, r.checks, &r.readings, &script)
	r.publish(over)
}

// seen is what packets show at an instant, and what has become of the expectations by then.
// It is for the pipeline to call.
func (r *Run) seen(now flow.Time, script *scriptTime) (views []diagnose.View, found []diagnose.Chain, checks []Check) {
	var chains diagnose.Chains
	for _, c := range r.analysis.Connections() {
		v := c.View(now, flow.Interval{}, 0)
		chains.Add(&v)
		views = append(views, v)
	}
	found = chains.Found()
	for i := range r.checks {
		c := unchecked(r.checks[i].expect, script.same)
		if script.sound(r.checks[i].span.To) {
			c = r.checks[i].result(&r.readings, producerView(r.analysis), found, now)
		}
		checks = append(checks, c)
	}
	return views, found, checks
}

// publish makes the snapshot of now.
func (r *Run) publish(now flow.Time) {
	s := &Snapshot{At: now.Sub(r.start), Start: r.start, Over: r.over.Load() != 0}
	s.End, s.Held = r.times(s.At)
	for _, c := range r.analysis.Connections() {
		s.Views = append(s.Views, c.View(now, s.span(), Columns))
	}
	r.mu.Lock()
	// As of now, and not of a moment later: so they are the same when it is past.
	s.Knobs, s.Caption = r.changes.at(s.At, &r.scenario.Knobs)
	s.Log = r.log.latest()
	s.Quiz = r.quiz
	t := r.truth
	if !s.Over && r.connected {
		t = r.place.truth(now)
	}
	r.mu.Unlock()
	s.Producer = Producer{Sent: t.Sent, Rate: r.writeRate.observe(s.At, t.Sent.Written)}
	s.Consumer = Consumer{Read: t.Read, Rate: r.readRate.observe(s.At, t.Read), Queue: t.ReceiveQueue}
	r.past.add(figures{at: s.At, producer: s.Producer, consumer: s.Consumer})
	if r.progress.end != s.End {
		r.progress = r.past.progress(s.At, s.End)
	}
	r.progress.enter(s.At, Progress{Written: t.Sent.Written, Read: t.Read})
	s.Progress = slices.Clone(r.progress.parts)
	r.snapshot.Store(s)
}
