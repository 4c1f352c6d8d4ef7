// Package tui shows a running scenario on a terminal, lets one be chosen, and shows the
// connections of an interface while they last, or of capture files, and a host's sockets.
//
// [Lab] draws a run while it goes on: the pipe from producer to consumer, who
// holds the sender and who must let it go, the advertised window and the bytes
// in flight over time, what held the sender in each part of that time, what the
// script says, and the log of events. [Pick] is a list of scenarios to choose
// from. [Watch] is a table of connections, or one of them, of an interface, and [Replay]
// of files (docs/watch.md). [Top] is a table of sockets, by what limits them (docs/top.md).
//
//	producer       send buffer    wire, rtt 20 ms   receive buffer consumer
//	writes 0 B/s   [############] ................. [############] reads 0 B/s
//	BLOCKED        512 KiB        in flight 0 B     128 KiB FULL   STOPPED
//	held by RECEIVE WINDOW for 2.2 s: the consumer does not read its socket
//
// # Keys
//
// While a run is shown:
//
//	left, right        the picture of an earlier or a later instant, by a column of
//	                   the chart; with shift, by ten
//	[, ]               the one before or after it at which a stall began or ended, or
//	                   the script said something
//	home, end          the beginning; the present
//	space              freeze the picture, or let it go on; the run goes on either way
//	c                  the other chart, where there is room for one: what the
//	                   applications write and read
//	-, +               turn the chosen knob down or up a step: consumer.read-rate,
//	                   unless another is chosen
//	k, tab             all knobs that can be turned; up and down choose one
//	0, u               stop reading; read without limit
//	m                  the mouse: it chooses and turns knobs, and shows the instant
//	                   of the chart that it points to; or it is the terminal's
//	?                  help
//	q, Esc             quit; Ctrl-C does too
//
// # How it is drawn
//
// A picture is made from immutable snapshots ([play.Snapshot]) and from nothing else:
// that of the instant that is shown, which may be past, and the latest for the chart. It is drawn thirty times a second at most, and only if the snapshot, the size
// of the terminal or what a key chose has changed; of that, only the cells that
// differ are sent. The pipeline is never locked and never waits.
//
// A view is a file that draws on a [parts.Canvas] with what package parts has:
// plots, gauges, tables, texts in inks that are named for what they mean. Only
// screen.go knows the terminal. It turns inks into the terminal's styles, and
// what happens there into [Key], [Mouse] and [Resize].
//
// Every colour stands beside a letter or a glyph that says the same, so the
// screen can be read without colours, as it must be with NO_COLOR or where there
// are fewer than sixteen. A terminal that has no UTF-8, that gives box characters
// two columns, or whose font lacks them (TERM is linux or dumb), is drawn in
// ASCII.
//
// # Leaving the terminal as it was
//
// Lab, Watch, Replay, Top and Pick put the terminal back when they return, and also when they
// panic. To end them on SIGTERM or SIGHUP, give them a context that such a
// signal ends. What nothing within a process can outlive, a panic in any other
// goroutine or SIGKILL, is for the process around it to mend: [Supervise].
package tui
