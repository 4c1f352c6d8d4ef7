package play

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flowlab/diagnose"
	"flowlab/diagnose/history"
	"flowlab/flow"
	"flowlab/scenarios"
)

// TestThePastIsWhatWasSeenLive keeps snapshots while a scenario runs, and asks for the
// same instants once it is over.
func TestThePastIsWhatWasSeenLive(t *testing.T) {
	t.Parallel()
	s := with(t, 2*time.Second, "network.rtt", "4ms", "consumer.window", "64KiB", "producer.rate", "2MB/s")
	s.Script = []scenarios.Step{{At: 500 * time.Millisecond, Set: []scenarios.Setting{{Knob: "consumer.read-rate", Value: "0"}}, Say: "It stops."}}
	run, err := Start(t.Context(), s, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var live []*Snapshot
	for done := false; !done; {
		select {
		case <-run.Done():
			done = true
		case <-time.After(tick):
			if n := run.Snapshot(); !n.Over && len(n.Views) > 0 && (len(live) == 0 || live[len(live)-1] != n) {
				live = append(live, n)
			}
		}
	}
	if len(live) < 5 {
		t.Fatalf("%d snapshots were seen, want 5 at the least", len(live))
	}
	const late = 250 * time.Millisecond
	for _, was := range live {
		got := run.Past(was.At)
		if got.Caption != was.Caption || got.Knobs.Get("consumer.read-rate") != was.Knobs.Get("consumer.read-rate") || got.Producer != was.Producer || got.Consumer != was.Consumer || got.Coarse {
			t.Errorf("at %v: %q, %+v, %+v, coarse %v, want %q, %+v, %+v", was.At, got.Caption, got.Producer, got.Consumer, got.Coarse, was.Caption, was.Producer, was.Consumer)
		}
		// What was live then had not seen the packets that waited to be entered.
		before := run.Past(was.At - late)
		if len(before.Views) > len(was.Views) {
			t.Errorf("at %v: %d views, want %d", was.At, len(before.Views), len(was.Views))
		}
		after := run.Past(was.At + history.Grid)
		for _, w := range was.Views {
			for i := range w.Directions {
				k := slices.IndexFunc(after.Views, func(v diagnose.View) bool { return v.Number == w.Number })
				if k < 0 || after.Views[k].Directions[i].Bytes < w.Directions[i].Bytes || after.Views[k].Directions[i].Segments < w.Directions[i].Segments {
					t.Errorf("at %v: less is known than was seen live at %v", after.At, was.At)
				}
			}
		}
		for _, v := range before.Views {
			w := was.Views[slices.IndexFunc(was.Views, func(w diagnose.View) bool { return w.Number == v.Number })]
			for i := range v.Directions {
				g, w := &v.Directions[i], &w.Directions[i]
				if g.Bytes > w.Bytes || g.Acked > w.Acked || g.Segments > w.Segments || g.Limits.Total() > w.Limits.Total()+20*time.Millisecond {
					t.Errorf("at %v: %d bytes, %d acknowledged, limits %v, seen live %d, %d, %v", before.At, g.Bytes, g.Acked, g.Limits, w.Bytes, w.Acked, w.Limits)
				}
			}
		}
	}
	stalled := run.Past(1500 * time.Millisecond)
	if d := stalled.Views[0].Directions[flow.Client]; d.Now.Cause != flow.ReceiveWindow || d.Window != 0 || len(d.Stalls) != 1 || stalled.Caption != "It stops." {
		t.Errorf("at 1.5 s: held by %v with a window of %d and %d stalls, %q; want the receive window", d.Now.Cause, d.Window, len(d.Stalls), stalled.Caption)
	}
	if before := run.Past(400 * time.Millisecond); before.Caption != "" || before.Views[0].Directions[flow.Client].Window == 0 || len(before.Views[0].Directions[flow.Client].Stalls) != 0 {
		t.Errorf("at 0.4 s: %q, %+v; want nothing of the stall", before.Caption, before.Views[0].Directions[flow.Client])
	}
	if last := run.Past(time.Hour); last != run.Snapshot() {
		t.Error("an instant after the end is not the latest snapshot")
	}
	marks := run.Marks()
	near := func(at time.Duration) bool {
		return slices.ContainsFunc(marks, func(m time.Duration) bool { return (m - at).Abs() < 100*time.Millisecond })
	}
	if !near(500*time.Millisecond) || !near(2*time.Second) || !slices.IsSorted(marks) {
		t.Errorf("marks %v, want those of the script and of the stall's ends", marks)
	}
}

// TestLogOfThePast holds the log of an instant to one that was given what had come by then.
func TestLogOfThePast(t *testing.T) {
	var all log
	var entries []Entry
	for i := range 3000 {
		e := Entry{At: time.Duration(i) * time.Millisecond, Who: []string{"producer", "consumer"}[i/7%2], Text: []string{"window probe: 1", "zero window: 2", "window probe: 3"}[i/5%3]}
		if i%50 == 0 {
			e.Kind = KnobTurned
		}
		entries = append(entries, e)
		all.add(e)
	}
	for _, n := range []int{0, 1, 13, 700, 2999} {
		var then log
		for _, e := range entries[:n+1] {
			then.add(e)
		}
		if d := cmp.Diff(then.latest(), all.until(entries[n].At), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("after %d entries (-want +got):\n%s", n+1, d)
		}
	}
}
