package kernel

import (
	"time"

	"golang.org/x/sys/unix"

	"flowlab/flow"
)

// account is for how long each cause has held one connection's sender, as far as
// its kernel tells. It is given samples, at instants that do not run backwards.
type account struct {
	limits flow.Limits
	at     flow.Time
	last   sample
	cause  flow.Cause // since at, for time that the kernel does not account for
	nagle  bool
	over   bool
	// The kernel's clock ticks slowly: when it has counted more than the time
	// that passed, so much of the time to come is counted already.
	ahead time.Duration
	tail  flow.Limits // what was shared out since the last progress
}

// sample is what the kernel says of a connection.
type sample struct {
	window, buffer time.Duration // tcpi_rwnd_limited, tcpi_sndbuf_limited
	recovery       bool          // it retransmits what it takes for lost
	timeout        bool          // as the retransmission timer ran out
	over           bool          // it will never send again
	unsent         int           // bytes that were written and never sent
	mss            int           // bytes
	inFlight       int           // segments
	progress       uint64        // bytes sent for the first time, and acknowledged
}

// The states of a connection and of its congestion control, in the numbers of
// TCP_INFO (linux/tcp.h, net/tcp_states.h).
const (
	finWait2 = 5
	timeWait = 6
	closed   = 7

	caRecovery = 3
	caLoss     = 4
)

func sampleOf(i *unix.TCPInfo) sample {
	return sample{
		window:   time.Duration(i.Rwnd_limited) * time.Microsecond,
		buffer:   time.Duration(i.Sndbuf_limited) * time.Microsecond,
		recovery: i.Ca_state == caRecovery || i.Ca_state == caLoss,
		timeout:  i.Ca_state == caLoss,
		over:     i.State == finWait2 || i.State == timeWait || i.State == closed,
		unsent:   int(i.Notsent_bytes),
		mss:      int(i.Snd_mss),
		inFlight: int(i.Unacked),
		progress: i.Bytes_sent - i.Bytes_retrans + i.Bytes_acked,
	}
}

// open begins the account of a connection that was dialed or accepted at begun
// and is established now.
func (a *account) open(begun, now flow.Time) {
	a.limits[flow.Handshake] = now.Sub(begun)
	a.at, a.cause = now, flow.Application
}

// note enters what the kernel says at now.
func (a *account) note(now flow.Time, s sample) {
	if a.over {
		return
	}
	window, buffer := s.window-a.last.window, s.buffer-a.last.buffer
	a.limits[flow.ReceiveWindow] += window
	a.limits[flow.SendBuffer] += buffer
	rest := max(now.Sub(a.at), 0) - window - buffer - a.ahead
	a.ahead = max(-rest, 0)
	rest = max(rest, 0)
	a.limits[a.cause] += rest
	a.tail[a.cause] += rest
	if s.timeout && !a.last.timeout {
		// All the time since the last progress it was the timer that the sender
		// waited for.
		for c, d := range a.tail {
			a.limits[c] -= d
		}
		a.limits[flow.LossRecovery] += a.tail.Total()
		a.tail = flow.Limits{}
	}
	if s.progress != a.last.progress {
		a.tail = flow.Limits{}
	}
	a.at, a.last, a.over = max(a.at, now), s, s.over
	a.judge()
}

// judge finds the cause that holds from here on, unless the kernel counts the
// time itself: what does the next byte need?
func (a *account) judge() {
	switch s := &a.last; {
	case s.recovery:
		a.cause = flow.LossRecovery
	case s.unsent == 0:
		a.cause = flow.Application
	case a.nagle && s.unsent < s.mss && s.inFlight > 0:
		a.cause = flow.Nagle
	default:
		a.cause = flow.Congestion
	}
}
