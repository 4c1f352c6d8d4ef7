// Package scenarios reads scenario files: what a lab is made of, what happens
// in it and when, and what must then be seen. A scenario with expectations is
// a test, so a stall that was once understood can be kept from coming back.
//
// # The file
//
// A scenario is one YAML document:
//
//	title: The reader stops
//	teaches: A receiver that stops reading closes its window.
//	network: {rtt: 20ms, rate: 50Mbit/s}
//	producer: {protocol: tcp, rate: unlimited}
//	consumer: {window: 128KiB, read-rate: unlimited}
//	script:
//	  - {at: 1s, set: {consumer.read-rate: 0}, say: The consumer stops reading.}
//	  - {at: 4s, set: {consumer.read-rate: unlimited}}
//	end: 6s
//	expect:
//	  - {event: zero-window, from: consumer, between: [1s, 2s]}
//	  - {event: window-probe, from: producer, between: [1s, 4s], at-least: 2}
//	  - {limit: receive-window, of: producer, during: [2s, 4s], at-least: 95%}
//
// Only title and end are required. The sections network, producer and consumer
// give the knobs their first values; a knob that is not named has its default.
// [AllKnobs] lists them. All times count from the start of the run.
//
// # The script
//
// Each step says when (at), and one or more of: ask, a question for whoever watches, at
// which a run that is a quiz waits (type [Question]); set, the knobs to turn; drop,
// the packets to lose from then on; say, a line for whoever watches. Steps
// stand in order of time and come before the end. Within a step the question comes
// first, and the drop rule is in place before the knobs turn.
//
// A drop rule counts the packets of one kind (any, data, ack, window-update,
// window-probe, as package lab tells them), from one role or from both, and
// loses those numbered first to last. With until, the rule ends when a packet
// of that kind has arrived at the role; the answer to it is no longer lost:
//
//	drop: {what: window-update, from: consumer, until: window-probe}
//
// # HTTP/2
//
// With producer.protocol h2 the producer is an HTTP/2 client and the consumer a server,
// as package h2flow/peer has them. Both have knobs for what they grant and how they
// send (type [HTTP2]), and steps let them act (type [Action]): open streams, read, send,
// reset, give credit by hand, send GOAWAY. With a library other than flowlab a side is
// stock net/http or grpc-go ([Knobs.Stock]), and what that does not have is refused
// ([Scenario.CheckLibraries]). A stream is named by its path:
//
//	{at: 1s, open: {path: /unread, sends: unlimited, answer: {when: never, reads: 0}}}
//	{at: 2s, credit: {path: /unread, from: consumer, bytes: 1000}}
//
// # Expectations
//
// An expectation counts an event, bounds the share of time for which one cause
// held a role's sender, or bounds the goodput from producer to consumer:
//
//	{event: NAME, from: ROLE, between: [A, B], at-least: N, at-most: N}
//	{limit: CAUSE, of: ROLE, during: [A, B], at-least: P%, at-most: P%, held-by: NAME}
//	{goodput: {at-least: RATE, at-most: RATE}, during: [A, B]}
//	{goodput: {window-per-rtt: P%}, during: [A, B]}
//	{finding: RULE, stream: PATH, at-least: N, at-most: N}
//	{sent: {exactly: BYTES}, of: ROLE, stream: PATH, at: TIME}
//	{window: BYTES, of: ROLE, stream: PATH, at: TIME}
//	{chain: [producer, proxy, consumer], stream: PATH}
//
// Without between or during it is about the whole run. The causes and who can
// let a sender go are those of package flow. The form with window-per-rtt says that
// the goodput is within P % of the advertised window, averaged over time, divided
// by the round-trip time: the most that a window allows. The last three are about
// findings, bytes of DATA and windows of HTTP/2; with stream, limit is about a stream
// too, and with connection: true window is about the connection's. A chain says who waits
// for whom through the proxy that proxy.buffer puts between the two.
//
// # Writing, and choosing
//
// [Format] writes a scenario as such a file, and [Save] puts it there. [Groups] has what
// is built in, and [Own] the files of a folder, with the mistakes of those that do not
// load. [Diagram] draws a scenario's lab in three lines.
//
// # Mistakes
//
// Loading is strict. An unknown or repeated key, a value of the wrong kind or
// out of its range, a step out of order, an expectation that cannot fail or
// cannot be met: each is a [FileError] with its line, its column and what
// would be right. Load reports all of them, in the order of the file, joined
// by [errors.Join]. Anchors, aliases and tags are refused; a scenario needs
// none, and without them what is read is what is written.
package scenarios
