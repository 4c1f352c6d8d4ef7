// Package h2flow keeps the accounts of an HTTP/2 connection from its bytes.
//
// A window is an account: the receiver deposits credit by WINDOW_UPDATE, the sender
// withdraws it by DATA, and at zero the sender waits (RFC 9113 5.2). Each direction
// has one account for the connection and one for each stream; DATA withdraws from
// both, with its padding (6.1, 6.9.1).
//
// A [Conn] is fed the bytes of both directions in the order in which they passed one
// point. It recognises HTTP/2 by its preface, by Upgrade: h2c, or in the middle of a
// connection by a chain of frames that fit ([Finder]); it reads the frames
// ([Reader]), and enters them in the [Ledger]. Payload is not kept.
//
// # Whose window, and since when
//
// SETTINGS_INITIAL_WINDOW_SIZE of one side says how much the other may send on each
// stream, also on those that are open: they change by the difference, and may become
// negative (6.9.2). It holds from where the other side's acknowledgement stands in
// that side's own bytes (6.5.3). Until then both the old and the new value may hold,
// and a [Window] is an interval.
//
// # What was not seen
//
// A window whose start was not seen, or in which bytes are missing that the capture
// lost, is an interval too: at least Low, at most High. A sender that obeys the
// rules narrows it: after DATA its window is not below zero, after an update not
// above 2^31-1. Where a sender stops again and again shows where its window ends, once
// [Ledger.Turn] has told how long credit takes to reach it. It is never guessed.
//
// The package is pure: it has no clock, does no I/O, and in the steady state, when no
// stream opens or closes and no header block passes, allocates nothing.
package h2flow
