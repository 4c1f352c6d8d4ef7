package report

import (
	"fmt"
	"io"
	"strings"

	"flowlab/flow"
	"flowlab/scenarios/overload"
	"flowlab/scenarios/play"
)

// ValueRun is what a scenario came to with one value of a knob.
type ValueRun struct {
	Value  string
	Result *play.Result
}

// CompareValues writes what a scenario came to with each value of a knob, a row each, by
// the packets at the producer's host. The error is that of w.
func CompareValues(w io.Writer, knob string, runs []ValueRun, style Style) error {
	p := &page{style: style}
	if len(runs) > 0 {
		r := runs[0].Result
		p.line("%s: %s", p.style.bold(r.Scenario.Name), r.Scenario.Title)
		p.line("as the packets at the producer's host show it; %s network, seed %d", r.Network, r.Seed)
	}
	names := len(knob)
	for i := range runs {
		names = max(names, len(runs[i].Value))
	}
	row := func(value, goodput, stalls, window, held string) {
		p.line("%-*s  %10s  %6s  %11s  %s", names, value, goodput, stalls, window, held)
	}
	p.line("")
	row(knob, "goodput", "stalls", "mean window", "what held the producer")
	for i := range runs {
		v := producerView(runs[i].Result)
		if v == nil {
			row(runs[i].Value, "-", "-", "-", "no packet was seen")
			continue
		}
		d := producing(v)
		row(runs[i].Value, byteRate(goodput(d)), flow.Grouped(int64(d.Count)), flow.Grouped(int64(d.MeanWindow)), mostOf(&d.Limits))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// mostOf names what held a sender for a fiftieth of the time or more, the longest first.
func mostOf(l *flow.Limits) string {
	var list []string
	for _, c := range causesOf(l) {
		if share := l.Share(c); share >= 0.02 {
			list = append(list, fmt.Sprintf("%v %.0f %%", c, 100*share))
		}
	}
	return strings.Join(list, ", ")
}

// valueComparison is docs/schema/compare-1.json, of the values of a knob.
type valueComparison struct {
	comparedHead
	Network play.Network `json:"network"`
	Seed    uint64       `json:"seed"`
	Knob    string       `json:"knob"`
	Values  []valueJSON  `json:"values"`
}

// valueJSON is what came of one value: goodput in acknowledged bytes a second, the window
// in bytes.
type valueJSON struct {
	Value      string  `json:"value"`
	Length     exact   `json:"length"`
	Acked      int64   `json:"acked"`
	Goodput    float64 `json:"goodput"`
	Stalls     int     `json:"stalls"`
	MeanWindow float64 `json:"mean_window"`
	Limits     []limit `json:"limits"`
}

// CompareValuesJSON writes what a scenario came to with each value of a knob, as one JSON
// document of the schema flowlab/compare/1. There is one run at least. The error is that
// of w.
func CompareValuesJSON(w io.Writer, knob string, runs []ValueRun) error {
	first := runs[0].Result
	all := valueComparison{comparedHead: headOf(first.Scenario.Name, overload.OverTCP), Network: first.Network, Seed: first.Seed, Knob: knob}
	for i := range runs {
		r := runs[i].Result
		j := valueJSON{Value: runs[i].Value, Length: exact(r.Length), Limits: []limit{}}
		if v := producerView(r); v != nil {
			d := producing(v)
			j.Acked, j.Goodput, j.Stalls, j.MeanWindow, j.Limits = d.Acked, goodput(d), d.Count, d.MeanWindow, limitsOf(&d.Limits)
		}
		all.Values = append(all.Values, j)
	}
	return writeIndented(w, all)
}
