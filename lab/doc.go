// Package lab is a network in one process: hosts on one wire, whose delay,
// rate, queue and loss can be set and changed while traffic runs, whose packets
// can be dropped by rule, and of which every packet can be captured.
//
// A [Wire] knows IP packets and nothing of what makes them. A host attaches
// with its addresses and gets a [Port]; what it sends is carried to the port
// that has the packet's destination address, IPv4 (RFC 791) or IPv6 (RFC 8200).
// Package flowlab/lab/netstack attaches TCP/IP stacks in user space; a kernel's
// TUN device can be attached the same way. Two or more ports may share a wire.
//
// # The way of a packet
//
// What happens to a packet that a port sends, in this order:
//
//  1. The [Tap], if there is one, sees it at the sending port, as tcpdump on
//     that host would: before anything can be lost.
//  2. A packet to an address that no port has is counted and dropped.
//  3. Rules ([Wire.Drop]) may drop it.
//  4. Loss ([Path.Loss]) may drop it, by the port's own random numbers.
//  5. It is serialised at [Path.Rate]; if too many bytes wait for that already
//     ([Path.Queue]), it is dropped.
//  6. It travels for [Path.Delay].
//  7. The tap sees it at the receiving port, and it is delivered.
//
// The packets of one port never overtake each other, whatever is changed
// meanwhile. Each port has a path of its own, so a round trip takes the delays
// of both.
//
// # Example
//
//	w := lab.NewWire(1)
//	defer w.Close()
//	tap := w.Tap()
//	a, err := w.Attach("a", []netip.Addr{netip.MustParseAddr("10.0.0.1")}, deliverToA)
//	...
//	a.SetPath(lab.Path{Delay: 10 * time.Millisecond, Rate: 50e6})
//	w.Drop(lab.Rule{From: a.Index(), What: lab.WindowUpdate, Last: 1})
//
// # Time
//
// The wire runs in real time, and [Wire.Now] is its clock: the wall clock when
// the wire was made plus the time that passed since, so it never jumps.
// Packets are delivered late by what the machine's timers are late, typically
// less than a millisecond, and never early.
package lab
