// Package live captures packets from network interfaces.
//
//	source, err := live.Open(live.Options{Interface: "eth0", Filter: "tcp port 443"})
//	…
//	for {
//		p, err := source.Next(time.Second)
//		if errors.Is(err, live.ErrNone) {
//			continue // nothing came for a second
//		}
//		…
//	}
//
// The filter holds from the first packet on, and is applied by the kernel, if it
// can be; see [filter.Filter.Program].
//
// On Linux packets come through a packet socket with a ring that is shared with
// the kernel (TPACKET_V3, packet(7)), without a copy and without cgo. [Any] takes
// all interfaces, each of which stays an interface of its own; those packets have
// a cooked header (LINKTYPE_LINUX_SLL2) in place of their link layer's. VLAN tags,
// which the kernel takes out of a packet, are put back. Packets of the loopback
// interface, which the kernel shows once as they go out and once as they come in,
// are taken once.
//
// On macOS packets come from the Berkeley packet filter (bpf(4)), on Windows from
// Npcap. There is no [Any] and no namespace there.
package live
