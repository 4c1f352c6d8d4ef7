// Package replay makes of capture files something to go back and forth in.
//
// [Open] reads the files once, as package survey does, and keeps of each connection what
// held its senders, when: the verdicts of the finished analysis. So a [board.Snapshot] of
// any instant is made without reading again. [Replay.Choose] reads the files once more, for
// one connection only, and keeps all its past (package diagnose/history).
//
// # What an instant shows
//
// Gauges of a row (bytes, the latest packet, whether the connection is closed) are those of
// the 10 ms at the instant or before, counted from 1970: what an analysis of the packets up
// to then says. What held the senders, and the stalls, are exactly what the finished
// analysis says of the instant. Connections that are over stay in the rows; of more than
// 50,000 connections only those do that stalls held the longest.
//
// # Memory
//
// A connection of a dozen packets took 600 bytes, one of 500 packets 1.4 KB: something is
// written for each time that something else holds a sender, and for each 10 ms with packets.
// All have 256 MiB: once half of it is used, connections that never stalled are left out, and once all is, all others. A snapshot says
// how many. What is kept of a connection that lasts is cut off once all is used, and
// snapshots of later instants are coarse.
package replay
