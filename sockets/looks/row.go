// What is known of a socket at one look.

package looks

import (
	"math"
	"time"

	"flowlab/flow"
	"flowlab/sockets"
)

// Row is a socket at one look.
type Row struct {
	*Who
	Gauges
}

// Who is what does not change of a socket.
type Who struct {
	Cookie        uint64 // names it for as long as the host runs
	Local, Remote flow.Endpoint
	UID           uint32
	Congestion    string           // the congestion control
	Process       *sockets.Process // nil if it is not known
}

// Gauges are what changes of a socket. Sizes are in bytes, as wide as the kernel has
// them.
type Gauges struct {
	Since  flow.Time             // when the cause became the one that limits most
	Cause  flow.Cause            // what limited it longest in the interval before the look
	HeldBy flow.HeldBy           // who can let it go
	Shares [flow.NumCauses]uint8 // of the interval, in percent
	Busy   uint8                 // percent of the interval in which something was not acknowledged

	Idle    bool // there is nothing to say of it
	Growing bool // what is unread has become more

	State       sockets.State
	CAState     sockets.CAState
	AppLimited  bool  // the delivery rate was measured while there was too little to send
	Probes      uint8 // window probes in a row without an ACK that opens the window
	Retransmits uint8 // timeouts in a row without an ACK

	RecvQ, SendQ, Unread, NotSent uint32
	RecvBuffer, SendBuffer        uint32 // with the kernel's overhead
	SndWnd, RcvWnd                uint32 // that the other side, and this one, advertised last
	CWnd, SSThresh                uint32 // segments
	Unacked, Lost                 uint32 // segments
	MSS                           uint32
	Retransmitted                 uint32 // segments, since the beginning
	RTT, MinRTT, RTO              uint32 // microseconds

	Acked, Came              int64 // a second, in the interval
	DeliveryRate, PacingRate int64 // a second; pacing is -1 without a limit
}

// gaugesOf says what changed of a socket, after what it was at the look before, nil if it
// was not there.
func gaugesOf(v *sockets.Verdict, before *Gauges) Gauges {
	s, i := v.Socket, &v.Socket.Info
	g := Gauges{
		Cause: v.Cause, HeldBy: v.HeldBy, Since: s.At.Add(-v.Length), Busy: percent(v.Busy, v.Length),
		Idle: v.Idle(), Growing: v.Growing,
		State: s.State, CAState: i.CAState, AppLimited: i.AppLimited, Probes: uint8(i.Probes), Retransmits: uint8(i.Retransmits),
		RecvQ: uint32(s.RecvQ), SendQ: uint32(s.SendQ), Unread: uint32(v.Unread), NotSent: uint32(i.NotSent),
		RecvBuffer: uint32(s.RecvBuffer), SendBuffer: uint32(s.SendBuffer),
		SndWnd: uint32(i.SndWnd), RcvWnd: uint32(i.RcvWnd), CWnd: uint32(i.CWnd), SSThresh: uint32(i.SSThresh),
		Unacked: uint32(i.Unacked), Lost: uint32(i.Lost), MSS: uint32(i.MSS),
		Retransmitted: uint32(i.TotalRetrans),
		RTT:           micros(i.RTT), MinRTT: micros(i.MinRTT), RTO: micros(i.RTO),
		Acked: rate(v.Acked, v.Length), Came: rate(v.Came, v.Length),
		DeliveryRate: i.DeliveryRate, PacingRate: i.PacingRate,
	}
	for c, d := range v.Limits {
		g.Shares[c] = percent(d, v.Length)
	}
	if before != nil && before.Cause == g.Cause {
		g.Since = before.Since
	}
	return g
}

func percent(part, whole time.Duration) uint8 {
	if whole <= 0 {
		return 0
	}
	return uint8(math.Round(100 * float64(min(part, whole)) / float64(whole)))
}

func rate(bytes int64, in time.Duration) int64 {
	if in <= 0 {
		return 0
	}
	return int64(float64(bytes) / in.Seconds())
}

func micros(d time.Duration) uint32 { return uint32(d / time.Microsecond) }

// Held tells whether something else than the path's rate kept it from sending what was
// written, for longer than anything else.
func (g *Gauges) Held() bool {
	switch g.Cause {
	case flow.ReceiveWindow, flow.SendBuffer, flow.LossRecovery, flow.Handshake:
		return true
	}
	return false
}

// HeldShare is for how much of the interval that was so, in percent.
func (g *Gauges) HeldShare() int {
	s := &g.Shares
	return int(s[flow.ReceiveWindow]) + int(s[flow.SendBuffer]) + int(s[flow.LossRecovery]) + int(s[flow.Handshake])
}

// OwnReader tells whether nothing keeps it from sending, but its own application leaves
// unread what came: it is the other side that is held.
func (g *Gauges) OwnReader() bool { return g.Cause == flow.Application && g.Unread > 0 }

// For is how long the cause has been the one that limits most, up to an instant.
func (g *Gauges) For(at flow.Time) time.Duration { return max(0, at.Sub(g.Since)) }
