// Package tcpwin keeps the accounts of a TCP connection from its segments.
//
// A window is an account: the receiver deposits room by advertising a window,
// the sender withdraws it by sending, and at zero the sender waits (RFC 9293
// 3.8.6). A [Ledger] is fed the segments of one connection as they passed one
// point, in that order, and keeps one [Account] for each direction: what was
// sent, what was acknowledged, where the right edge of the advertised window
// stands, and the round-trip times seen. Each segment raises [Event]s.
//
// A ledger is pure. It has no clock (a segment carries its time), does no I/O,
// and allocates nothing after it was made. It says what the segments say and
// nothing more: who held the sender is for package diagnose to conclude.
//
// A [Marker] says of each segment what Wireshark would, frame by frame, for
// those who know its words; its memory is its own.
//
// A window whose scale was not seen (RFC 7323 2.2: the option stands in the
// SYN only) is reported as unknown, never guessed.
package tcpwin
