// Package backpressure is what tells a producer to slow down above the transport: queues
// with a bound and what becomes of what does not fit, token buckets, credit, pull, and
// load shedding. Each rule is that of the system that it comes from, which its
// documentation names.
//
// It is pure: no goroutine, no lock and no clock. Whoever uses it says when something
// happens, and waits where it is told to wait.
//
// Every message that a schedule holds ends in one place of an [Account], and two
// equations hold at any time:
//
//	scheduled = offered + withheld
//	offered   = delivered + dropped + shed + expired + failed + queued + lost
package backpressure
