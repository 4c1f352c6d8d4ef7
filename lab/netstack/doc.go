// Package netstack makes hosts in user space: each [Host] is a TCP/IP stack of
// its own (gVisor's) on one port of a lab's wire. It needs no privilege and no
// operating system's network, and whatever speaks through [net.Conn] and
// [net.Listener] runs on it unchanged, net/http included.
//
//	w := lab.NewWire(1)
//	server, err := netstack.NewHost(w, netstack.Options{Name: "server", Addrs: addrs})
//	...
//	l, err := server.Listen(80)
//	conn, err := client.Dial(ctx, netip.MustParseAddrPort("10.0.0.2:80"))
//
// # Knobs
//
// [Options.Window] is the largest receive window that sockets advertise, in
// bytes. The stack advertises at most half of a socket's receive buffer, so
// that is what it is given: twice the window. It never tunes the buffer by
// itself. The window field counts in units of 2^scale (RFC 7323 2.2), and what
// is advertised is rounded down to them: 128 bytes for windows up to 4 MiB.
//
// The stack acknowledges at once. [Options.DelayedACK] makes the host hold back
// pure ACKs as RFC 9293 3.8.6.3 describes.
//
// Reno or CUBIC, SACK (RFC 2018) and time stamps (RFC 7323 3) are on. RACK (RFC
// 8985) is off unless asked for: under load this stack then retransmits what is
// not lost.
//
// # The truth
//
// A connection knows what held its sender, not by looking at packets but from
// inside: [Conn.Limits] is the exact time for each cause, from what the
// application wrote, what the stack sent, and the stack's own state after each
// segment that it received. That is what an analysis of the packets is compared
// with.
//
// # Closing
//
// [Host.Close] resets what is open and ends every goroutine of the stack. Where
// a tap's reader has stopped, close the wire first: the stack may be waiting
// for the tap.
package netstack
