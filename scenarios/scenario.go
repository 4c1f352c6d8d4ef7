package scenarios

import (
	"time"

	"flowlab/lab"
)

// Scenario is what a scenario file says. All its times count from the start of
// the run.
type Scenario struct {
	Name    string // the built-in's name, or the file's without its ending
	Group   string // of the built-ins: TCP, HTTP/2 or gRPC; empty if read from a path
	Title   string // one line
	Teaches string // one line; may be empty
	Explain string // Markdown, at most 78 columns wide; empty if read from a path
	Knobs   Knobs  // at the start
	Script  []Step // in order of At, each before End
	End     time.Duration
	Expect  []Expectation
}

// Step is what happens at one instant: first the question, then the drop rule, then the
// settings, then what applications do.
type Step struct {
	At   time.Duration
	Ask  *Question // nil if nothing is asked; it changes nothing, unless the run is a quiz
	Set  []Setting // none of a fixed knob
	Drop *DropRule // nil if no packets are to be lost from here on
	Do   []Action  // over HTTP/2
	Say  string    // a line for whoever watches; may be empty
}

// Setting turns one knob: Knobs.Set(Knob, Value) does it without error.
type Setting struct {
	Knob, Value string
}

// Role is one of the two applications of a lab.
type Role string

const (
	Producer Role = "producer" // writes the data, and opens the connection: HTTP/2's client
	Consumer Role = "consumer" // reads it: HTTP/2's server
)

// DropRule says which packets are lost. It counts the packets of kind What
// that From sends, from the step that begins it, and loses those numbered First
// to Last.
type DropRule struct {
	What  lab.Kind
	From  Role     // "" for both
	First int      // from 1
	Last  int      // 0 if there is no last
	Until lab.Kind // ends the rule when one sent to From arrives; lab.Any if nothing does
}
