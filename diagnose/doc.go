// Package diagnose concludes from the ledgers who held a sender, and when.
//
// At every instant of a direction's life one cause holds its sender, and the
// question is always what the next byte waits for. Packets answer it, but
// often later: whether a sender with credit left was idle, or waited for an
// ACK, shows in what makes it send again. So time is settled gap by gap. A gap
// lasts from one flight to the next; its cause is decided by how it ends:
//
//   - it ends in a retransmission: the sender was repairing a loss, or waiting
//     for the timer that would;
//   - it ends at the arrival of credit without which the next segment had no
//     room: the receive window held it;
//   - it ends at the arrival of an ACK, with room all the time: a short segment
//     that waited until nothing was in flight is Nagle's (RFC 896); else the
//     path took no more (RFC 5681);
//   - it ends by itself: the application had nothing to send.
//
// [Analysis] does so while packets come, and keeps histories for a screen. [Bulk]
// does it for files, which may have a million connections.
//
// What is not settled yet is reported as undecided, with the cause that is
// likely so far.
//
// # Where the packets were seen
//
// What counts is what the sender knew. Far from it, an ACK passes long before
// the sender has it, and what the sender then sends passes long after. So each
// ACK is held back for one turn, from the point of observation to the sender
// and back: type inbox. Near the sender the turn is next to nothing; near the
// receiver it is the whole round trip. And a segment may have waited in a queue before
// it passed; by its time stamp it is known when it would have passed had it not: type
// waiting. So both points of view give the same answer.
package diagnose
