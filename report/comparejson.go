package report

import (
	"encoding/json"
	"io"

	"flowlab/scenarios/overload"
)

// comparedHead is what every comparison says first.
type comparedHead struct {
	Schema   string        `json:"schema"`
	Scenario string        `json:"scenario"`
	Over     overload.Over `json:"over"`
}

func headOf(scenario string, over overload.Over) comparedHead {
	return comparedHead{Schema: "flowlab/compare/1", Scenario: scenario, Over: over}
}

// comparison is docs/schema/compare-1.json, of an overload.
type comparison struct {
	comparedHead
	Load     loadJSON     `json:"load"`
	Policies []policyJSON `json:"policies"`
}

type loadJSON struct {
	Rate     int64   `json:"rate"`
	Work     int64   `json:"work"`
	Jitter   float64 `json:"jitter"`
	Pauses   []pause `json:"pauses"`
	For      exact   `json:"for"`
	Size     int     `json:"size"`
	Capacity int     `json:"capacity"`
	Memory   int64   `json:"memory"`
	Seed     uint64  `json:"seed"`
}

// pause is a time in which the worker does nothing.
type pause struct {
	From exact `json:"from"`
	For  exact `json:"for"`
}

// policyJSON is what one policy came to. Counts are of messages.
type policyJSON struct {
	Policy    string  `json:"policy"`
	Of        string  `json:"of"`
	Scheduled int64   `json:"scheduled"`
	Withheld  int64   `json:"withheld"`
	Offered   int64   `json:"offered"`
	Delivered int64   `json:"delivered"`
	Dropped   int64   `json:"dropped"`
	Shed      int64   `json:"shed"`
	Expired   int64   `json:"expired"`
	Failed    int64   `json:"failed"`
	Queued    int64   `json:"queued"`
	Lost      int64   `json:"lost"`
	Length    exact   `json:"length"`
	P50       exact   `json:"latency_p50"`
	P99       exact   `json:"latency_p99"`
	Max       exact   `json:"latency_max"`
	Longest   int     `json:"longest_queue"`
	MostBytes int64   `json:"most_queue_bytes"`
	Heap      int64   `json:"heap"`
	Blocked   exact   `json:"blocked"`
	Died      *exact  `json:"died"`
	Zero      *exact  `json:"zero_window"`
	Limits    []limit `json:"limits"`
}

// CompareJSON writes what the same load came to under several policies, as one JSON
// document of the schema flowlab/compare/1. The error is that of w.
func CompareJSON(w io.Writer, l overload.Load, over overload.Over, outcomes []*overload.Outcome) error {
	all := comparison{comparedHead: headOf("overload", over), Load: loadOf(&l), Policies: []policyJSON{}}
	for _, o := range outcomes {
		all.Policies = append(all.Policies, policyOf(o))
	}
	return writeIndented(w, all)
}

func loadOf(l *overload.Load) loadJSON {
	j := loadJSON{
		Rate: l.Rate, Work: l.Work, Jitter: l.Jitter, Pauses: []pause{}, For: exact(l.For), Size: l.Size, Capacity: l.Capacity, Memory: l.Memory, Seed: l.Seed,
	}
	for _, p := range l.Pauses {
		j.Pauses = append(j.Pauses, pause{From: exact(p.From), For: exact(p.For)})
	}
	return j
}

// writeIndented writes a JSON document for people's eyes as well.
func writeIndented(w io.Writer, document any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(document)
}

func policyOf(o *overload.Outcome) policyJSON {
	a := &o.Account
	policy, _ := overload.Named(o.Policy)
	j := policyJSON{
		Policy: o.Policy, Of: policy.Of,
		Scheduled: a.Scheduled, Withheld: a.Withheld, Offered: a.Offered, Delivered: a.Delivered, Dropped: a.Dropped,
		Shed: a.Shed, Expired: a.Expired, Failed: a.Failed, Queued: a.Queued, Lost: a.Lost,
		Length: exact(o.Length), P50: exact(o.Latency.P50), P99: exact(o.Latency.P99), Max: exact(o.Latency.Max),
		Longest: o.Longest, MostBytes: o.MostBytes, Heap: o.Heap, Blocked: exact(o.Blocked),
	}
	if o.Died > 0 {
		died := exact(o.Died)
		j.Died = &died
	}
	if o.Shown != nil {
		zero := exact(o.Shown.ZeroWindow)
		j.Zero, j.Limits = &zero, limitsOf(&o.Shown.Limits)
	}
	return j
}
