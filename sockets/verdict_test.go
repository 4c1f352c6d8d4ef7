package sockets

import (
	"testing"
	"time"

	"flowlab/flow"
)

func TestBetween(t *testing.T) {
	const s = time.Second
	full := Info{size: longest, MSS: 1000, RTT: 10 * time.Millisecond, SndWnd: 64000}
	with := func(change func(*Info)) Info { i := full; change(&i); return i }
	busy := func(busy, rwnd, sndbuf time.Duration) Info {
		return with(func(i *Info) { i.Busy, i.RwndLimited, i.SndbufLimited = busy, rwnd, sndbuf })
	}
	tests := []struct {
		name   string
		info   Info
		state  State
		cause  flow.Cause
		heldBy flow.HeldBy
		time   time.Duration
	}{
		{"quiet", full, Established, flow.Application, flow.SenderApplication, s},
		{"path", busy(s, 0, 0), Established, flow.Congestion, flow.Path, s},
		{"slow reader", busy(s, 800*time.Millisecond, 0), Established, flow.ReceiveWindow, flow.Reader, 800 * time.Millisecond},
		{"small window", with(func(i *Info) { i.Busy, i.RwndLimited, i.BytesAcked = s, s, 6_000_000 }), Established, flow.ReceiveWindow, flow.WindowSize, s},
		{"send buffer", busy(s, 0, 900*time.Millisecond), Established, flow.SendBuffer, flow.SenderSocket, 900 * time.Millisecond},
		{"repair", with(func(i *Info) { i.Busy, i.CAState = s, Loss }), Established, flow.LossRecovery, flow.Path, s},
		{"a jiffy too many", busy(s+4*time.Millisecond, s+4*time.Millisecond, 4*time.Millisecond), Established, flow.ReceiveWindow, flow.Reader, s},
		{"opening", full, SynSent, flow.Handshake, flow.Nobody, s},
		{"a kernel without the times", Info{size: int(HasDeliveryRate)}, Established, flow.Unknown, flow.Nobody, s},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := &Socket{At: 0, HasInfo: true, Info: full}
			after := &Socket{At: flow.Time(s), State: test.state, HasInfo: true, Info: test.info}
			for _, b := range []*Socket{before, nil} {
				v := Between(b, after, 0)
				if v.Cause != test.cause || v.HeldBy != test.heldBy || v.Limits[test.cause] != test.time {
					t.Errorf("%v by %v for %v, want %v by %v for %v", v.Cause, v.HeldBy, v.Limits[v.Cause], test.cause, test.heldBy, test.time)
				}
				if v.Limits.Total() != v.Length {
					t.Errorf("the limits add up to %v of %v", v.Limits.Total(), v.Length)
				}
			}
		})
	}
}

// What the kernel does not count is told by what the socket is like at both looks.
func TestUncounted(t *testing.T) {
	const s = time.Second
	starved := Socket{
		HasInfo: true, State: Established, SendQ: 20_000, SendBuffer: 64_000, Queued: 60_000,
		Info: Info{size: longest, MSS: 1000, RTT: 10 * time.Millisecond, SndWnd: 64_000, CWnd: 40, Unacked: 20},
	}
	tests := []struct {
		name   string
		change func(*Socket)
		cause  flow.Cause
	}{
		{"the buffer is full of what is on its way", func(*Socket) {}, flow.SendBuffer},
		{"the buffer has room, and nobody writes", func(k *Socket) { k.Queued = 30_000 }, flow.Application},
		{"more was written than the path takes", func(k *Socket) { k.Info.NotSent = 1000 }, flow.Congestion},
		{"the congestion window is full", func(k *Socket) { k.Info.CWnd = 20 }, flow.Congestion},
		{"the receive window is full", func(k *Socket) { k.Info.SndWnd = 20_500 }, flow.Congestion},
		{"all is acknowledged", func(k *Socket) { k.SendQ, k.Info.Unacked = 0, 0 }, flow.Congestion},
		{"a kernel that does not tell the window", func(k *Socket) { k.Info.size = int(HasBytesSent) }, flow.Congestion},
		{"a loss is repaired", func(k *Socket) { k.Info.CAState = Recovery }, flow.LossRecovery},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := starved
			test.change(&before)
			after := before
			after.At, after.Info.Busy = flow.Time(s), s
			after.Info.SndbufLimited = 50 * time.Millisecond
			v := Between(&before, &after, 0)
			if v.Cause != test.cause || v.Sndbuf != 50*time.Millisecond || v.Limits.Total() != s {
				t.Errorf("%v, %v in %v counted; want %v", v.Cause, v.Sndbuf, v.Limits, test.cause)
			}
			// What one look sees holds if the other sees a socket that has nothing to send.
			empty := starved
			empty.SendQ, empty.Queued, empty.Info.Unacked = 0, 0, 0
			if v := Between(&empty, &after, 0); v.Cause != test.cause {
				t.Errorf("%v with nothing to send before, want %v", v.Cause, test.cause)
			}
			// One look that says otherwise, or none before, and it is the path.
			other := starved
			other.Info.NotSent = 1
			for _, before := range []*Socket{&other, nil} {
				if v := Between(before, &after, 0); v.Cause != flow.Congestion && v.Cause != flow.LossRecovery {
					t.Errorf("%v with one look", v.Cause)
				}
			}
		})
	}
}

// FuzzSocket reads messages of any contents: what comes out is in range.
func FuzzSocket(f *testing.F) {
	message := make([]byte, messageLength, 400)
	message[0], message[1] = familyIPv4, byte(Established)
	f.Add(message)
	f.Add(append(message, 108, 0, attrInfo, 0))
	f.Add(append(append(message, 28, 0, attrMemory, 0), make([]byte, 24)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Socket
		if !s.parse(b) {
			return
		}
		s.At = flow.Time(time.Second)
		v := Between(nil, &s, 0)
		if v.Limits.Total() != v.Length {
			t.Errorf("the limits add up to %v of %v", v.Limits.Total(), v.Length)
		}
		for c, d := range v.Limits {
			if d < 0 {
				t.Errorf("%v lasted %v", flow.Cause(c), d)
			}
		}
		_ = s.Congestion() + s.State.String() + s.Info.CAState.String()
	})
}
