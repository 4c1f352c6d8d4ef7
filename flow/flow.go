// Package flow is the vocabulary that the rest of flowlab speaks: instants and
// intervals, sequence numbers, the two sides of a connection, and above all
// the causes that can hold a sender and those who can let it go.
//
// It is pure: no I/O, no clock, no state. The terms are those of RFC 9293
// (TCP), RFC 7323 (window scaling), RFC 5681 (congestion control) and RFC 9113
// (HTTP/2). Sender and receiver are the ends of one direction of a connection;
// client and server are who opened it and who was called.
package flow
