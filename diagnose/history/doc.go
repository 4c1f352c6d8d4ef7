// Package history keeps the past of one connection, so that a screen can show any
// instant of it as the [diagnose.View] that it would have got live.
//
// Time is cut into steps of [Grid]. At each, every gauge is looked at: those of TCP,
// those of HTTP/2, those of each stream. What an instant shows of gauges is what an
// analysis of the packets up to then says. What held the sender is told by the verdicts
// that came later: by now it is known, and then it was not.
//
// # What is kept
//
// A value is written down when it is not what was to be expected: the same as before,
// or, of what counts time, later by the time that passed. A step in which nothing else
// happens takes nothing; one with packets in both directions some 60 bytes, and each
// stream of HTTP/2 that goes on some 15 more. 256 steps are a block, which can be read
// by itself; its beginning has all values, some 100 bytes a direction and a stream.
//
// A past has a budget. The newest half of it is whole: there every step can be shown.
// Before it, four steps are one, and so on, and a view of that time says that it is
// coarse. Sums stay right, and so do the ends of long holds; what is forgotten is the
// order of short ones. What is older than the sixth coarsening is given up.
//
// # Goroutines
//
// [Past.Step] is for the goroutine that enters the packets; all that reads, for any
// other. A lock is held while a step is written, and while a reader notes which blocks
// there are: what it then reads does not change any more.
package history
