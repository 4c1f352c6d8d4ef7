package sockets

import (
	"encoding/binary"
	"time"
)

// Info is what a kernel says of a connection in TCP_INFO (tcp(7), and tcp_get_info
// in net/ipv4/tcp.c). A field that the kernel is too old for is zero; [Info.Has]
// tells.
type Info struct {
	State       State
	CAState     CAState
	Retransmits int  // timeouts in a row without an ACK
	Probes      int  // window probes in a row without an ACK that opens the window
	Backoff     int  // doublings of the timer of the two
	AppLimited  bool // the delivery rate was measured while there was too little to send

	RTO           time.Duration // until the next retransmission, whole
	MSS           int           // bytes of payload of a full segment that is sent
	ReceiveMSS    int           // bytes, estimated from what came
	Unacked       int           // segments sent and not acknowledged
	Sacked        int           // of these, segments acknowledged selectively
	Lost          int           // of these, segments thought to be lost
	Retrans       int           // of these, segments sent again
	SinceDataSent time.Duration // in milliseconds
	SinceDataRecv time.Duration
	SinceACKRecv  time.Duration
	PMTU          int           // bytes
	RTT           time.Duration // smoothed (RFC 6298), in microseconds
	RTTVar        time.Duration // its mean deviation
	SSThresh      int           // segments; 0x7fffffff before the first loss
	CWnd          int           // segments
	RcvRTT        time.Duration // the receiver's estimate of the round trip, 0 if none
	RcvSpace      int           // bytes that the application read in a round trip, by the receiver's estimate
	TotalRetrans  int64         // segments sent again since the beginning

	PacingRate    int64 // bytes a second, -1 if there is no limit
	BytesAcked    int64 // since the beginning, with the SYN and FIN
	BytesReceived int64
	NotSent       int64         // bytes written and not yet sent once
	MinRTT        time.Duration // the least of some minutes, 0 if none
	DeliveryRate  int64         // bytes a second, of the last measurement

	Busy          time.Duration // since the beginning: something was not acknowledged
	RwndLimited   time.Duration // of which the receive window had no room
	SndbufLimited time.Duration // of which the send buffer was too small

	BytesSent    int64 // since the beginning, those sent again included
	BytesRetrans int64 // since the beginning
	SndWnd       int64 // bytes: the window that the other side advertised last
	RcvWnd       int64 // bytes: the window that this side advertised last

	size int // bytes that the kernel gave
}

// Field is one that not all kernels have: how long TCP_INFO is with it.
type Field int

// The fields that came after Linux 4.2.
const (
	HasNotSent      Field = 148 // and SegsIn; Linux 4.6
	HasMinRTT       Field = 152 // Linux 4.6
	HasDeliveryRate Field = 168 // and AppLimited; Linux 4.9
	HasLimited      Field = 192 // Busy, RwndLimited, SndbufLimited; Linux 4.10
	HasBytesSent    Field = 216 // and BytesRetrans; Linux 4.19
	HasSndWnd       Field = 232 // Linux 5.4
	HasRcvWnd       Field = 236 // Linux 6.2
)

// Has tells whether the kernel gave a field.
func (i *Info) Has(f Field) bool { return i.size >= int(f) }

// leastInfo is TCP_INFO up to the total of retransmissions: Linux 2.6.
const leastInfo = 104

// longest is TCP_INFO up to the last field that is read here.
const longest = int(HasRcvWnd)

// littleEndian tells on which side of a byte a C compiler puts its first bit field.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// parse reads a struct tcp_info, which may be shorter or longer than the one known
// here. One shorter than any kernel's is refused.
func (i *Info) parse(given []byte) bool {
	if len(given) < leastInfo {
		return false
	}
	var padded [longest]byte
	b := given
	if len(b) < longest {
		copy(padded[:], b)
		b = padded[:]
	}
	u32 := func(at int) int64 { return int64(binary.NativeEndian.Uint32(b[at:])) }
	u64 := func(at int) int64 { return int64(binary.NativeEndian.Uint64(b[at:])) }
	number := func(at int) int { return int(u32(at)) }
	ms := func(at int) time.Duration { return time.Duration(u32(at)) * time.Millisecond }
	us := func(at int) time.Duration { return time.Duration(u32(at)) * time.Microsecond }
	us64 := func(at int) time.Duration { return max(0, time.Duration(u64(at))) * time.Microsecond }
	limited := b[7] & 1
	if !littleEndian {
		limited = b[7] >> 7
	}
	*i = Info{
		State: State(b[0]), CAState: CAState(b[1]),
		Retransmits: int(b[2]), Probes: int(b[3]), Backoff: int(b[4]), AppLimited: limited != 0,
		RTO: us(8), MSS: number(16), ReceiveMSS: number(20),
		Unacked: number(24), Sacked: number(28), Lost: number(32), Retrans: number(36),
		SinceDataSent: ms(44), SinceDataRecv: ms(52), SinceACKRecv: ms(56),
		PMTU: number(60), RTT: us(68), RTTVar: us(72), SSThresh: number(76), CWnd: number(80),
		RcvRTT: us(92), RcvSpace: number(96), TotalRetrans: u32(100),
		PacingRate: u64(104), BytesAcked: u64(120), BytesReceived: u64(128),
		NotSent: u32(144), MinRTT: us(148), DeliveryRate: u64(160),
		Busy: us64(168), RwndLimited: us64(176), SndbufLimited: us64(184),
		BytesSent: u64(200), BytesRetrans: u64(208), SndWnd: u32(228), RcvWnd: u32(232),
		size: len(given),
	}
	if i.MinRTT == (1<<32-1)*time.Microsecond { // none was measured
		i.MinRTT = 0
	}
	return true
}
