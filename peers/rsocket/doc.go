// Package rsocket has a scenario on RSocket over TCP, of npm's packages: Reactive Streams'
// request(n) across a network.
//
// A requester gives credit, in messages: in REQUEST_STREAM how many it wants first, and in
// each REQUEST_N how many more. A responder sends no more PAYLOAD frames than that. So a
// consumer that takes its time is felt by the producer above TCP, whose window stays open;
// and other streams of the connection go on. A requester that asks for 2^31-1 at once has
// given up that control.
//
// A tee between client and server reads the frames as they pass ([Reader], of "RSocket
// Protocol", version 1.0), and holds the payloads to the credit ([Credits]), before either
// side has them.
package rsocket
