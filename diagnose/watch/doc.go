// Package watch follows a source of packets while it lasts: an interface of
// package capture/live, or packets that another program captures and pipes in
// (see [Pipe]). It runs for as long as it is let, in memory that depends on how
// many connections are open at a time.
//
// Whatever happens is told at once: windows that close and open, stalls while
// they last and when they are over; and once a second how things stand. Packets
// can be recorded meanwhile, into a file, a ring of files, or only when a stall
// happens, with what came before it ([Window]).
//
// One goroutine does it all, that of [Watch.Run].
package watch
