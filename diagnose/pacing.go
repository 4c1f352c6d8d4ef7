package diagnose

import (
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

const (
	// paces is how many of the latest samples tell a sender's pace: enough for
	// a median that single late timers do not move, and few enough to follow a
	// sender that changes its rate each round trip. From enoughPaces on there
	// is one.
	paces, enoughPaces = 9, 5

	// leastPace and mostPace bound the time between two segments that tells of
	// a pace. What is closer left together; what is further apart waited for
	// something else.
	leastPace, mostPace = 20 * time.Microsecond, 20 * time.Millisecond

	// atOnce is the most that a paced sender lets go together: a segment as
	// large as IP allows, which the network card may cut.
	atOnce = 64 << 10

	// mostAhead is the most by which a paced sender is ahead of its pace.
	mostAhead = 8 * time.Millisecond

	// mostlyFree is the least share of sends at no ACK.
	mostlyFree = 0.4

	// early is how much before its time a segment may be seen to leave.
	early = 100 * time.Microsecond

	// alike is by what factor the middle half of the samples may differ from
	// the median. That must have been so for believable samples more often than
	// not, of mostTrust.
	alike, believable, mostTrust = 1.6, 16, 64

	// slower is by what factor a sender's pace must be slower than the fastest
	// that was seen, where the fastest may be the path's.
	slower = 1.5

	// ticks is how much of the time stamps' time must have passed before they tell
	// anything.
	ticks = 2 * time.Millisecond
)

// pacing learns from the times at which segments leave whether their sender
// spaces them out by a rate of its own, as BBR does and the fq queueing
// discipline, and when the next one may leave. Not before that is its sender
// held by a window that it has filled.
//
// A slow host, and a path, space segments, too. But a host does so with no
// regularity, and on a path the clock in the time stamps of a flight stands
// still.
type pacing struct {
	release flow.Time     // when the next segment may leave
	late    time.Duration // after its own release, the latest segment left

	samples [paces]float32 // nanoseconds for each byte; a ring
	pace    float32        // their median, 0 until there are enough
	fastest float32        // the least pace while samples were alike
	count   uint8          // of samples, ever; it stays at the top
	trust   int8

	free float32 // share of sends at no ACK, of those with room

	burst  int32   // bytes that left together last
	stamp  uint32  // of the latest segment
	hasTS  bool    // it had one
	passed float32 // sums over the latest samples, in nanoseconds: of the time here,
	ticked float32 // and by the stamps
}

// learn enters that a segment leaves that time, at least leastPace, after the one
// before. If it is
// free, for neither the window nor an ACK kept it, its sender's pace did, if
// there is one. In any case it did not leave sooner than that allows: a sender
// makes up for half of an interval at the most.
func (p *pacing) learn(gap time.Duration, s *tcpwin.Segment, free bool) {
	switch {
	case gap > mostPace || p.burst == 0:
	case free:
		p.sample(float32(gap+min(gap, p.late)) / float32(p.burst))
		p.passed += float32(gap) - p.passed/64
		p.ticked += float32(int32(s.TSVal-p.stamp))*float32(tick) - p.ticked/64
	case 2*gap < p.interval(int(p.burst)):
		p.sample(2 * float32(gap) / float32(p.burst))
	}
}

// choose enters whether a segment that had room left at no ACK.
func (p *pacing) choose(free bool) {
	if free {
		p.free += (1 - p.free) / 32
	} else {
		p.free -= p.free / 32
	}
}

// together enters that a segment leaves together with the one before.
func (p *pacing) together(s *tcpwin.Segment) {
	if int(p.burst)+s.Len > atOnce {
		p.sample(0)
		p.burst = 0
	}
}

func (p *pacing) sample(pace float32) {
	p.samples[p.count%paces] = pace
	if p.count++; p.count == 2*paces {
		p.count = paces
	}
	if p.count < enoughPaces {
		return
	}
	s, n := p.samples, min(int(p.count), paces)
	for i := 1; i < n; i++ {
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
	p.pace = s[n/2]
	if s[n/4]*alike <= p.pace || s[n-1-n/4] >= p.pace*alike {
		p.trust = max(p.trust-1, 0)
		return
	}
	p.trust = min(p.trust+1, mostTrust)
	if p.fastest == 0 || p.pace < p.fastest {
		p.fastest = p.pace
	}
}

// sent enters that a segment left at t, a gap after the one before.
func (p *pacing) sent(t flow.Time, gap time.Duration, s *tcpwin.Segment) {
	p.stamp, p.hasTS = s.TSVal, s.HasTS
	if gap < leastPace {
		p.burst += int32(s.Len)
		if p.pace != 0 {
			next := p.interval(s.Len)
			p.release = max(p.release, t).Add(next)
			p.ahead(p.release.Sub(t), next)
		}
		return
	}
	p.burst = int32(s.Len)
	next, from := p.interval(s.Len), max(t, p.release)
	if t < p.release.Add(-early) {
		from = t // the pace that we know is wrong
	}
	p.late = max(0, t.Sub(p.release))
	p.release = from.Add(next - min(next/2, p.late))
}

// waited enters a segment that waited on the path. When it left is not known well
// enough to tell a pace.
func (p *pacing) waited() { p.burst, p.release = 0, 0 }

// ahead enters that so much is sent before its time that its sender does not pace:
// one that does lets a millisecond's worth go together, or a few segments.
func (p *pacing) ahead(by, next time.Duration) {
	if by > max(mostAhead, 4*next) {
		p.trust, p.release = 0, 0
	}
}

// interval is the time that bytes take by the pace.
func (p *pacing) interval(bytes int) time.Duration {
	return time.Duration(float32(bytes) * p.pace)
}

// believed tells whether the sender paces what it sends. direct says that the
// path between it and the point of observation cannot have spaced it; exact, that
// the sender leaves the cutting of segments to its network card: the times of
// others, which send each segment by itself, are less regular, and must show that
// ACKs do not make them send.
func (p *pacing) believed(direct, exact bool) bool {
	switch {
	case p.trust < believable, !exact && p.free < mostlyFree:
		return false
	case !direct && (!p.hasTS || p.pace < p.fastest*slower):
		return false
	}
	return !p.hasTS || p.passed >= float32(ticks) && p.ticked >= p.passed/2
}
