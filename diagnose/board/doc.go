// Package board is what a screen shows of many connections: a row for each, and all there
// is of the one that was chosen.
//
// A [Snapshot] is how things stood at one instant. Nothing changes it, so it may be read
// while packets go on coming; that of an earlier instant is of the same type. Snapshots
// come from a source that is watched ([Live]), and from files (package diagnose/replay).
//
// # Rows
//
// A row shows gauges (bytes, the latest packet, whether the connection is closed) as they
// were at its instant. What held the senders is, in a row of files, what the finished
// analysis says of that instant; in one of a source that is watched, what was likely when
// it was made.
//
// Which rows a screen shows, and in which order, is for [ParseFilter] and [Sorter].
//
// # A source that is watched
//
// [Live] looks at an analysis a few times a second, on the goroutine that enters the
// packets. A row is made anew only if its connection had packets, or time alone changes
// what it says. The past is kept in 256 MiB: rows once a second for ten minutes, less if
// too many change, and of the connection that was chosen and of those that were held
// latest all there is (package diagnose/history), each from when it was chosen or
// seen to be held. Readers wait for nothing but for short locks.
package board
