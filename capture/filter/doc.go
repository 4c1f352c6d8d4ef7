// Package filter selects packets by an expression in the language of tcpdump
// (pcap-filter(7)), without libpcap and without cgo:
//
//	f, err := filter.Compile("tcp port 80 and host 192.0.2.1", capture.Ethernet)
//	…
//	if f.Match(packet.Data, packet.Length) { … }
//
// A filter selects exactly the packets that tcpdump -r FILE EXPRESSION selects.
// What it cannot do so is refused by [Compile], with the column in the
// expression and with what would be right.
//
// # What an expression is made of
//
// Primitives are joined by and (&&), or (||) and not (!). As in libpcap, and
// and or bind equally and from left to right, and not binds tightest:
// "a or b and c" means "(a or b) and c". An identifier without a keyword takes
// the qualifiers of the one before it: "port 80 or 443".
//
//   - [ip|ip6|arp|rarp] [src|dst|src or dst|src and dst] host|net ADDRESS
//   - [tcp|udp|sctp] [src|dst|…] port N, or portrange N-M
//   - ip, ip6, arp, rarp, tcp, udp, sctp, icmp, icmp6, igmp, ah, esp, pim
//   - [ip|ip6] proto N, ether proto N; a name is written \tcp
//   - ether [src|dst] host MAC, vlan [ID], [ether|ip] broadcast,
//     [ether|ip|ip6] multicast
//   - less N, greater N, and comparisons of arithmetic over len, numbers and
//     the packet's bytes: "tcp[tcpflags] & (tcp-syn|tcp-rst) != 0"
//
// # What is not in the packet
//
// A packet may have been cut when it was captured. As in a BPF program, the
// first look at a byte that is not there ends the evaluation and the packet is
// not selected, not even by an expression with not before it. The docs folder
// has a page on this and on where libpcap's own habits are followed.
//
// # In the kernel
//
// [Filter.Program] gives the filter as a classic BPF program, for a packet socket
// of Linux (SO_ATTACH_FILTER, socket(7)), for bpf(4) of the BSDs, or for Npcap.
// A filter that has none, because the kernel shows a program other bytes than
// are captured, is an error that is [ErrNoProgram]: then use [Filter.Match].
package filter
