// Package sockets knows what the kernel knows of TCP sockets: TCP_INFO of one's own
// connection ([Of]), and of all sockets of a host or of a network namespace by
// sock_diag(7) ([OpenDiag], [Diag.Dump]), which needs no privileges.
//
// What limits a socket is the difference of two dumps ([Between]). The kernel
// counts three times of each socket (net/ipv4/tcp_output.c, tcp_chrono_start):
// busy, while something that was written is not acknowledged; and within it
// rwnd_limited, while the receive window has no room, and sndbuf_limited, while all
// that the send buffer holds is sent and its writer waits for room. They exclude
// each other. What is busy and neither of the two, the path holds; what is not
// busy, the application. They are counted in jiffies (1 to 10 ms, by the kernel's
// CONFIG_HZ), and the one that is running is included.
//
// Only Linux has all this. macOS has TCP_CONNECTION_INFO, which has none of the
// three times; it is not read.
package sockets
