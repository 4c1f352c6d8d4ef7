// Package report says what a run of a scenario came to, and what was found in
// capture files: as text for people ([Run], [Analysis]) and as JSON for programs
// ([RunJSON], [AnalysisJSON]). It also writes single packets ([Frames],
// [FramesJSON]).
//
// # The text of a run
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
// # The text about capture files
//
// It has the same parts for each of the worst connections, after an answer in two
// or three sentences: who held which sender, who must act, and which frames prove
// it. All other connections are only summed up, in a [Digest] that stays small
// however many there are. docs/analyze.md says how to read it.
//
// # The JSON
//
// docs/schema has it as JSON Schema: run-1.json; analysis-1.json for what is
// concluded from packets alone; and frame-1.json for a packet. Times are seconds
// with nine decimals, counted from the first packet; a run's first packet leaves
// as it starts. The number in a document's "schema" grows when a key changes its
// meaning or goes; a new key leaves it as it is.
package report
