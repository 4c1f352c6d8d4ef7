package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
)

// mostFindings is how many findings the JSON of an analysis has at most.
const mostFindings = 10_000

// AnalysisJSON writes the analysis of capture files as one JSON document of the
// schema flowlab/analysis/1, connection by connection, so that it takes no more
// memory for many of them. Call Add for each connection and End at last.
type AnalysisJSON struct {
	w        io.Writer
	line     bytes.Buffer
	encoder  *json.Encoder
	begun    bool
	err      error
	warnings []finding // the first ones
	notices  []finding
	omitted  int
	chains   diagnose.Chains
}

// NewAnalysisJSON returns an AnalysisJSON that writes to w. It writes little at
// a time.
func NewAnalysisJSON(w io.Writer) *AnalysisJSON {
	a := &AnalysisJSON{w: w}
	a.encoder = json.NewEncoder(&a.line)
	a.encoder.SetEscapeHTML(false)
	return a
}

// Add writes a connection. Of its source only what is known when a connection
// ends is asked for: the first time, and the interfaces. The error is the first
// that w returned.
func (a *AnalysisJSON) Add(src *survey.Source, v *diagnose.View) error {
	if a.begun {
		a.write(",\n    ")
	} else {
		a.begin("\n    ")
	}
	a.encode(connectionOf(v, pointOf(src, v)))
	a.chains.Add(v)
	for _, f := range findingsOf(v) {
		a.keep(f)
	}
	return a.err
}

// keep keeps a finding, if there is room for one of its severity.
func (a *AnalysisJSON) keep(f finding) {
	list := &a.notices
	if f.Severity == diagnose.Warning {
		list = &a.warnings
	}
	if len(*list) == mostFindings {
		a.omitted++
		return
	}
	*list = append(*list, f)
}

// End writes the rest: the findings, the chains, and what was read, up to failure if that is
// not nil.
func (a *AnalysisJSON) End(src *survey.Source, failure error) error {
	between := "\n  "
	if !a.begun {
		a.begin("")
		between = ""
	}
	a.write(between + "],\n  \"findings\": [")
	notices := a.notices[:min(len(a.notices), mostFindings-len(a.warnings))]
	a.omitted += len(a.notices) - len(notices)
	separator := "\n    "
	for _, list := range [][]finding{a.warnings, notices} {
		for i := range list {
			a.write(separator)
			a.encode(&list[i])
			separator = ",\n    "
		}
	}
	if separator[0] == ',' {
		a.write("\n  ")
	}
	a.write("],\n")
	if a.omitted > 0 {
		a.write(fmt.Sprintf("  \"findings_omitted\": %d,\n", a.omitted))
	}
	a.write("  \"chains\": ")
	a.encode(chainsOf(a.chains.Found()))
	a.write(",\n  \"source\": ")
	a.encode(surveySource(src, failure))
	a.write("\n}\n")
	return a.err
}

func (a *AnalysisJSON) begin(then string) {
	a.begun = true
	a.write(fmt.Sprintf("{\n  \"schema\": %q,\n  \"connections\": [%s", analysisSchema, then))
}

// encode writes a value in one line.
func (a *AnalysisJSON) encode(value any) {
	a.line.Reset()
	if err := a.encoder.Encode(value); err != nil && a.err == nil {
		a.err = err
	}
	a.write(string(bytes.TrimSuffix(a.line.Bytes(), []byte{'\n'})))
}

func (a *AnalysisJSON) write(text string) {
	if a.err == nil {
		_, a.err = io.WriteString(a.w, text)
	}
}

// pointOf is where a connection in capture files was observed.
func pointOf(src *survey.Source, v *diagnose.View) point {
	i := src.Interfaces[v.Interface]
	at := point{iface: i.Name, vantage: v.Vantage.String(), first: src.First, called: sides}
	if i.File < len(src.Files) {
		at.file = src.Files[i.File].Name
	}
	return at
}
