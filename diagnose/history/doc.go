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
// happens takes nothing; one with packets in both directions some 85 bytes (measured), and
// one in which twenty streams of HTTP/2 go on some 800. 256 steps are a block, which can be
// read by itself; its beginning has all values. A silence that follows belongs to it, and
// takes nothing either, were it years.
//
// A past has a budget. A quarter of it is for verdicts; half of the rest is whole: there every step can be shown.
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
