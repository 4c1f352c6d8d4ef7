package netstack

import (
	"sync"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// ackDelay holds back one connection's pure ACKs, as a receiver that delays
// its acknowledgments does (RFC 9293 3.8.6.3, RFC 1122 4.2.3.2). The stack
// itself acknowledges at once.
type ackDelay struct {
	send func(packet []byte)

	mu    sync.Mutex // also keeps what is sent in order
	delay time.Duration
	mss   int
	scale int8 // of this side's window
	known bool // told is what the other side was told last
	told  advertised
	held  advertised // what the other side would be told by
	waits []byte     // this packet, nil if none waits
	timer *time.Timer
}

// advertised is what a segment acknowledges and allows.
type advertised struct {
	ack    flow.Seq
	window int // bytes
}

// handshakeWindow stands for the window of a handshake: it is less than what
// the host will advertise, and that it grows then is not what anyone waits for.
const handshakeWindow = maxWindow

// outbound sends a segment's packet, or keeps it for up to the delay. One that
// is kept is dropped as soon as another segment of the connection is sent,
// whose ACK says the same or more.
func (a *ackDelay) outbound(s *tcpwin.Segment, packet []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.Has(tcpwin.SYN) {
		a.scale = max(s.Scale, 0)
		a.known, a.told = s.Has(tcpwin.ACK), advertised{s.Ack, handshakeWindow}
		a.send(packet)
		return
	}
	says := advertised{ack: s.Ack, window: int(s.Window) << a.scale}
	if a.delay > 0 && a.mayWait(s, says) {
		if a.waits == nil {
			a.start()
		}
		a.held, a.waits = says, packet
		return
	}
	if !a.known {
		says.window = handshakeWindow // the ACK of the other side's SYN
	}
	a.known, a.told, a.waits = true, says, nil
	a.send(packet)
}

// mayWait tells whether a segment is an ACK that the other side can do without
// for a while. That is not so if the segment carries anything else, or is the
// first of the connection; repeats the last ACK (a duplicate, a window update
// or the answer to a probe) or has SACK blocks, which loss recovery needs;
// acknowledges two full-size segments or more; says that the window is closed,
// or that it is a full-size segment larger than when it was last told.
func (a *ackDelay) mayWait(s *tcpwin.Segment, says advertised) bool {
	advance := says.ack.Sub(a.told.ack)
	return a.known && s.Flags&^tcpwin.PSH == tcpwin.ACK && s.Len == 0 && s.NumSACK == 0 &&
		advance > 0 && advance < 2*a.mss && (a.waits == nil || says.ack.After(a.held.ack)) &&
		says.window > 0 && says.window < a.told.window+a.mss
}

// start begins the delay, which runs from the oldest byte not acknowledged.
func (a *ackDelay) start() {
	if a.timer == nil {
		a.timer = time.AfterFunc(a.delay, a.flush)
	} else {
		a.timer.Reset(a.delay)
	}
}

// flush sends the ACK that waits, if there is one.
func (a *ackDelay) flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waits == nil {
		return
	}
	packet := a.waits
	a.told, a.waits = a.held, nil
	a.send(packet)
}

// set changes the delay. An ACK that waits is sent when the delay that it began
// with is over, or at once if there is none any more.
func (a *ackDelay) set(d time.Duration) {
	a.mu.Lock()
	a.delay = d
	a.mu.Unlock()
	if d <= 0 {
		a.flush()
	}
}

// stop drops the ACK that waits and ends the timer.
func (a *ackDelay) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.delay, a.waits = 0, nil
	if a.timer != nil {
		a.timer.Stop()
	}
}
