package diagnose

import (
	"fmt"
	"slices"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// slowPath is a transfer over a path whose narrowest link queues, at the sender, all
// that comes faster than it takes.
type slowPath struct {
	delay  time.Duration // one way, without the queue
	link   float64       // bytes a second
	window int           // the receiver's buffer
	phases []slowPhase
}

// slowPhase is a second of it.
type slowPhase struct {
	read       float64 // bytes a second
	chunk      int     // that it reads at once, bytes
	write      float64 // likewise
	congestion int     // the congestion window, bytes
}

func (p *slowPath) String() string {
	return fmt.Sprintf("%v each way, %.0f bytes/s, window %d, %+v", p.delay, p.link, p.window, p.phases)
}

const slowChunk, sendBuffer = 16 << 10, 256 << 10

// does is what happens at an instant.
type does struct {
	at flow.Time
	do func()
}

// slowRun is a slowPath that is lived through.
type slowRun struct {
	*slowPath
	agenda   []does // by time
	now, end flow.Time
	phase    slowPhase

	written, next, una, edge int // the sender's
	free                     flow.Time
	echo                     uint32
	shut                     bool // nothing is in flight, and the window has no room
	persist                  int  // counts the times when it began to probe, or ceased to

	came, unread, told int // the receiver's; told is the edge that it advertised last
	seen               uint32

	truth flow.Limits
	since flow.Time
	cause flow.Cause
	near  []tcpwin.Segment // as seen at the sender
	far   []tcpwin.Segment
}

func (r *slowRun) after(d time.Duration, do func()) {
	at := r.now.Add(d)
	n := len(r.agenda)
	for n > 0 && r.agenda[n-1].at > at {
		n--
	}
	r.agenda = slices.Insert(r.agenda, n, does{at, do})
}

func (r *slowRun) stamp() uint32 { return uint32(time.Duration(r.now) / ms) }

// live lives through it, and returns what the sender knows of itself.
func (p *slowPath) live() *slowRun {
	r := &slowRun{slowPath: p, now: at(0), phase: p.phases[0], edge: p.window, told: p.window}
	r.end = at(time.Duration(len(p.phases)) * time.Second)
	for i := range p.phases {
		r.after(time.Duration(i)*time.Second, func() { r.phase = p.phases[i] })
	}
	r.open()
	for len(r.agenda) > 0 && r.agenda[0].at < r.end {
		next := r.agenda[0]
		r.agenda = r.agenda[1:]
		r.now = next.at
		next.do()
	}
	r.now = r.end
	r.account()
	return r
}

// open makes the connection; then the applications begin.
func (r *slowRun) open() {
	arrives := r.fromSender(tcpwin.Segment{Flags: tcpwin.SYN, Window: 65535, MSS: 1460, Scale: 7})
	r.after(arrives.Sub(r.now), func() {
		r.fromReceiver(tcpwin.Segment{From: flow.Server, Ack: 1, Flags: tcpwin.SYN | tcpwin.ACK, Window: uint16(min(r.window, 65535)), MSS: 1460, Scale: 7}, func() {
			r.fromSender(tcpwin.Segment{Seq: 1, Ack: 1, Flags: tcpwin.ACK, Window: 512, Scale: -1})
			r.since = r.now
			r.write()
			r.read()
		})
	})
}

// fromSender puts a segment on the path, and returns when it arrives.
func (r *slowRun) fromSender(s tcpwin.Segment) flow.Time {
	s.Time, s.HasTS, s.TSVal, s.TSEcr = r.now, true, r.stamp(), r.echo
	r.near = append(r.near, s)
	size := float64(s.Len + 52)
	r.free = max(r.free, r.now).Add(time.Duration(size / r.link * 1e9))
	s.Time = r.free.Add(r.delay)
	r.far = append(r.far, s)
	return s.Time
}

// fromReceiver has a segment reach the sender, which then does something.
func (r *slowRun) fromReceiver(s tcpwin.Segment, then func()) {
	stamp := r.stamp()
	s.Time, s.HasTS, s.TSVal, s.TSEcr = r.now, true, stamp, r.seen
	r.far = append(r.far, s)
	r.after(r.delay, func() {
		s.Time, r.echo = r.now, stamp
		r.near = append(r.near, s)
		then()
	})
}

// write has the application write a chunk, if the send buffer takes it.
func (r *slowRun) write() {
	if r.written-r.next < sendBuffer {
		r.written += slowChunk
	}
	r.send()
	r.after(time.Duration(slowChunk/r.phase.write*1e9), r.write)
}

// read has it read a chunk.
func (r *slowRun) read() {
	if r.phase.read > 0 {
		r.unread -= min(r.unread, r.phase.chunk)
		if edge := r.came + r.window - r.unread; edge >= r.told+2*mss {
			r.tell()
		}
	}
	r.after(time.Duration(float64(r.phase.chunk)/max(r.phase.read, 1e6)*1e9), r.read)
}

// send sends what may be sent.
func (r *slowRun) send() {
	for r.ready() == flow.Unknown {
		n := min(mss, r.written-r.next)
		arrives := r.fromSender(tcpwin.Segment{Seq: flow.Seq(1 + r.next), Ack: 1, Flags: tcpwin.ACK, Len: n, Window: 512, Scale: -1})
		stamp := r.stamp()
		r.next += n
		r.after(arrives.Sub(r.now), func() {
			r.came, r.unread, r.seen = r.came+n, r.unread+n, stamp
			r.tell()
		})
	}
	r.account()
	if shut := r.cause == flow.ReceiveWindow && r.next == r.una; shut != r.shut {
		r.shut = shut
		if r.persist++; shut {
			r.probeAfter(200 * ms)
		}
	}
}

// probeAfter asks for the window, ever less often, until something is heard or sent.
func (r *slowRun) probeAfter(wait time.Duration) {
	persist := r.persist
	r.after(wait, func() {
		if r.persist != persist {
			return
		}
		stamp := r.stamp()
		arrives := r.fromSender(tcpwin.Segment{Seq: flow.Seq(r.next), Ack: 1, Flags: tcpwin.ACK, Window: 512, Scale: -1})
		r.after(arrives.Sub(r.now), func() {
			r.seen = stamp
			r.tell()
		})
		r.probeAfter(2 * wait)
	})
}

// ready tells what keeps the next segment from being sent, Unknown if nothing does.
func (r *slowRun) ready() flow.Cause {
	switch n := min(mss, r.written-r.next); {
	case n == 0:
		return flow.Application
	case r.edge-r.next < n:
		return flow.ReceiveWindow
	case r.next-r.una+n > r.phase.congestion:
		return flow.Congestion
	}
	return flow.Unknown
}

// account enters what held the sender until now.
func (r *slowRun) account() {
	if r.since != 0 && r.now > r.since {
		r.truth[r.cause] += r.now.Sub(r.since)
		r.since = r.now
	}
	r.cause = r.ready()
}

// tell acknowledges what came.
func (r *slowRun) tell() {
	ack := r.came
	window := (r.window - r.unread) >> 7
	r.told = max(r.told, ack+window<<7)
	r.fromReceiver(tcpwin.Segment{From: flow.Server, Seq: 1, Ack: flow.Seq(1 + ack), Flags: tcpwin.ACK, Window: uint16(window), Scale: -1}, func() {
		r.una, r.edge = max(r.una, ack), max(r.edge, ack+window<<7)
		r.send()
	})
}

// analyse says what held the sender by what was seen at one end.
func (r *slowRun) analyse(segments []tcpwin.Segment) flow.Limits {
	slices.SortStableFunc(segments, func(a, b tcpwin.Segment) int { return int(a.Time - b.Time) })
	c := observation(segments[0].Time)
	for i := range segments {
		if segments[i].Time > r.end {
			break
		}
		c.observe(&segments[i], nil, i+1, nil)
	}
	c.end(r.end)
	return c.Directions[flow.Client].Limits()
}
