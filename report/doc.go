// Package report says what a run came to: as text for people ([Run]) and as
// JSON for programs ([RunJSON]).
//
// # The text
//
// It begins with what matters most. The verdict is one sentence: what held the
// producer, for how long, and who could have let it go. What it rests on
// follows, down to single frames, so that each step can be checked in a
// capture:
//
//   - the share of time of each cause (package flow has the causes);
//   - the findings, each a sentence that a person can act on;
//   - where a window is too small for its path, what it allows;
//   - the stalls, with the frames that prove them;
//   - the events, counted as the producer's host saw them;
//   - the transfer in numbers;
//   - the same verdict from three points of view: the packets at either host,
//     and what the sending stack itself says, against which the other two are
//     held;
//   - the expectations, with what was found.
//
// Lines have at most 80 columns. Times count from the start of the run, as
// those of the scenario's script do. Colour carries nothing that the words do
// not say too.
//
// # The JSON
//
// docs/schema has it as JSON Schema: run-1.json, and analysis-1.json for the
// part that is concluded from packets alone. Times are seconds with nine
// decimals, counted from the first packet; a run's first packet leaves as it
// starts. The number in a document's "schema" grows when a key changes its
// meaning or goes; a new key leaves it as it is.
package report
