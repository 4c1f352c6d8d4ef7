// Package kernel makes hosts of the Linux kernel's own TCP: each [Host] is a
// network namespace (network_namespaces(7)) of its own, with a TUN device whose
// other end is a port of a lab's wire. So delay, rate, queue, loss and drop
// rules of the wire hold for the kernel's TCP too, on any kernel, without netem.
// Hosts of this package and of package netstack can share a wire.
//
//	w := lab.NewWire(1)
//	server, err := kernel.NewHost(w, kernel.Options{Name: "server", Addrs: addrs})
//	...
//	l, err := server.Listen(80)
//	conn, err := client.Dial(ctx, netip.MustParseAddrPort("10.0.0.2:80"))
//
// It needs the capabilities CAP_SYS_ADMIN, for a namespace, and CAP_NET_ADMIN,
// and the device /dev/net/tun. On systems other than Linux there is nothing in
// it.
//
// # Namespaces
//
// A namespace has no name and is kept by a file descriptor alone: when the
// process ends, in whatever way, it is gone with its device and its sockets, and
// nothing of it is seen outside. It is quiet: no address is autoconfigured, no
// router solicited, none detected as a duplicate, and keep-alives are off. What
// is on the wire is what the sockets sent.
//
// Each namespace has settings of its own (ip-sysctl in the kernel's
// documentation). Nothing is remembered of earlier connections, small writes are
// not gathered (tcp_autocorking), and buffers are not tuned. The rest are the
// kernel's defaults: SACK, time stamps, window scaling, RACK.
//
// # Packets
//
// The device neither segments nor sums (no virtio_net_hdr): every packet on the
// wire is one of at most the MTU, with its checksums. Nor does the kernel make
// large segments of its own, to be cut up before the device (gso_max_segs is 1):
// for their sake it would wait with room in the window (tcp_tso_should_defer).
//
// # Knobs
//
// [Options.Window] is the largest window that sockets advertise, in bytes. A
// kernel knows no such number, only a receive buffer, in which a packet counts
// with all the memory that it takes. Since Linux 6.6 the share of the buffer
// that is advertised is what a full segment has of payload in its memory; before,
// it was half (tcp_adv_win_scale, tcp(7)). A host asks its kernel what a full
// packet takes, and makes the buffer that large. So a reader that stops has let
// in about a window of full segments; of small ones fewer. A window scale of 7
// or more, the units in which the window counts, rounds it up.
//
// [Options.DelayedACK] tells whether ACKs are delayed, not for how long: that is
// the kernel's own rule, 40 to 200 ms. Without it the host's routes have the
// attribute quickack (ip-route(8)), which, unlike the socket option, is steady.
//
// [Options.CongestionControl] is any that the kernel has, whatever the
// machine's default is.
//
// # The truth
//
// [Conn.Limits] is what the kernel says of itself in TCP_INFO: the time for
// which the receiver's window, and the send buffer, kept it from sending
// (tcpi_rwnd_limited, tcpi_sndbuf_limited), in units of the kernel's clock, 1 to
// 10 ms. It does not count the rest so finely. That is shared out by what it
// says after each packet and each write: to loss recovery while it recovers, or
// when a timer ran out since the last progress; to Nagle's algorithm where less
// than a segment waits; to the application where nothing waits, although data may
// be in flight; else to congestion.
//
// # Closing
//
// [Host.Close] resets what is open, and takes device and namespace away. Where a
// tap's reader has stopped, close the wire first: the host may be waiting for the
// tap.
package kernel
