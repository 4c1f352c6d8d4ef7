package sockets

import (
	"errors"
	"time"

	"flowlab/flow"
)

// ErrInterrupted says that a dump may miss sockets, or have some twice.
var ErrInterrupted = errors.New("the kernel's tables changed while they were read, three times in a row")

// Verdict is what limited the sending of a socket in an interval.
type Verdict struct {
	Socket  *Socket       // at the end
	Length  time.Duration // of the interval
	Busy    time.Duration // of which something was not acknowledged
	Sndbuf  time.Duration // of which the send buffer was too small, by the kernel's count
	Limits  flow.Limits   // add up to Length
	Cause   flow.Cause    // what limited it longest
	HeldBy  flow.HeldBy   // who can let it go
	Acked   int64         // bytes that the other side acknowledged in the interval
	Came    int64         // bytes that came in the interval
	Unread  int64         // bytes that its own application left unread all the time
	Growing bool          // and they have become more
}

// Held is how long something else than the path's rate kept the socket from
// sending what was written.
func (v *Verdict) Held() time.Duration {
	return v.Limits[flow.ReceiveWindow] + v.Limits[flow.SendBuffer] + v.Limits[flow.LossRecovery] + v.Limits[flow.Handshake]
}

// Idle tells whether there is nothing to say of a socket.
func (v *Verdict) Idle() bool {
	return v.Busy == 0 && v.Held() == 0 && v.Socket.RecvQ == 0 && v.Socket.SendQ == 0
}

// Between says what limited a socket between two dumps. Before is nil for a socket
// that was not in the earlier one: it is counted from its beginning, and the
// interval is since, the time of that dump.
func Between(before, after *Socket, since flow.Time) Verdict {
	var none Socket
	if before == nil {
		before = &none
		before.At = since
	}
	v := Verdict{Socket: after, Length: max(0, after.At.Sub(before.At))}
	was, is := &before.Info, &after.Info
	if left := min(before.RecvQ, after.RecvQ); left > 0 {
		v.Unread, v.Growing = left, after.RecvQ > before.RecvQ
	}
	switch {
	case after.State == SynSent:
		v.Limits[flow.Handshake] = v.Length
	case !after.HasInfo || !is.Has(HasLimited):
		v.Limits[flow.Unknown] = v.Length
	default:
		v.Acked, v.Came = max(0, is.BytesAcked-was.BytesAcked), max(0, is.BytesReceived-was.BytesReceived)
		v.share(before, after)
	}
	v.Cause = mainCause(&v.Limits)
	v.HeldBy = holder(&v)
	return v
}

// share deals the interval out. The kernel counts in jiffies, so a sum may be
// longer than the interval by one or two.
func (v *Verdict) share(before, after *Socket) {
	was, is := &before.Info, &after.Info
	left := v.Length
	take := func(c flow.Cause, d time.Duration) {
		d = min(max(0, d), left)
		left -= d
		v.Limits[c] += d
	}
	v.Busy = min(max(0, is.Busy-was.Busy), v.Length)
	take(flow.ReceiveWindow, is.RwndLimited-was.RwndLimited)
	take(flow.SendBuffer, is.SndbufLimited-was.SndbufLimited)
	v.Sndbuf = v.Limits[flow.SendBuffer]
	take(uncounted(before, after), v.Busy-v.Limits[flow.ReceiveWindow]-v.Sndbuf)
	v.Limits[flow.Application] += left
}

// uncounted is what limited a socket while it was busy and the kernel counted
// neither window nor buffer. The kernel sees that a buffer is too small only when
// it sends while the application waits for room (tcp_cwnd_validate), which one
// that does not block hardly ever does; and it has no count of the path, nor of an
// application that always has something on its way, but too little.
func uncounted(before, after *Socket) flow.Cause {
	switch {
	case after.Info.CAState.Repairing() || after.Info.Retransmits > 0:
		return flow.LossRecovery
	case before.empty() && after.empty(): // neither look saw what it was like in between
		return flow.Congestion
	case !before.empty() && !before.starved(), !after.empty() && !after.starved():
		return flow.Congestion
	case (before.empty() || before.full()) && (after.empty() || after.full()):
		return flow.SendBuffer
	}
	return flow.Application
}

// empty tells whether all that was ever written is acknowledged.
func (s *Socket) empty() bool { return s.HasInfo && s.Info.NotSent == 0 && s.Info.Unacked == 0 }

// starved tells whether all that was written is on its way, and more could be.
func (s *Socket) starved() bool {
	i := &s.Info
	return s.HasInfo && i.Has(HasSndWnd) && i.NotSent == 0 &&
		i.Unacked > 0 && i.Unacked < i.CWnd && s.SendQ+int64(i.MSS) <= i.SndWnd
}

// full tells whether the application waits until a third of the send buffer is free
// again (sk_stream_is_writeable).
func (s *Socket) full() bool { return s.SendBuffer > 0 && s.Queued+s.Queued/2 > s.SendBuffer }

// mainCause is the cause that held longest.
func mainCause(l *flow.Limits) flow.Cause {
	most := flow.Application
	for c, d := range l {
		if d > l[most] {
			most = flow.Cause(c)
		}
	}
	return most
}

// holder is who can let a socket go. A window without room for a segment is the
// reader's doing. So is one that lets less through than itself in each round trip;
// otherwise it is too small for the path.
func holder(v *Verdict) flow.HeldBy {
	switch v.Cause {
	case flow.ReceiveWindow:
		i := &v.Socket.Info
		if !i.Has(HasSndWnd) || i.RTT <= 0 || i.SndWnd < int64(i.MSS) {
			return flow.Reader
		}
		possible := float64(i.SndWnd) * float64(v.Limits[flow.ReceiveWindow]) / float64(i.RTT)
		if float64(v.Acked) < possible/2 {
			return flow.Reader
		}
		return flow.WindowSize
	case flow.SendBuffer:
		return flow.SenderSocket
	case flow.Congestion, flow.LossRecovery:
		return flow.Path
	case flow.Application:
		return flow.SenderApplication
	}
	return flow.Nobody
}
