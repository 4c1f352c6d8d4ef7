// Package mask puts stand-ins in the place of addresses, names and paths, so that a screen
// or a report can be shown to others.
//
// The same address has the same stand-in for as long as a [Mask] lasts: the next free one
// of 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24 (RFC 5737), and for IPv6 of
// 2001:db8::/32 (RFC 3849). Once those of IPv4 are used up, stand-ins come from
// 240.0.0.0/4, which is reserved (RFC 1112 4). Ports stay, and so do loopback addresses
// and the unspecified one. The path of a stream becomes path-1, path-2 ..., the name of a
// server host-1; of these the same is the same among the first 100,000, and the next.
//
// What is said of a masked [diagnose.View] or [board.Snapshot] is masked too: package
// diagnose writes its sentences from what they hold.
package mask
