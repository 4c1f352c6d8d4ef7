package tui

import (
	"strings"
	"time"

	"flowlab/scenarios"
)

const (
	// blocked is how long a write takes before the producer is said to be
	// blocked: any write takes a moment.
	blocked = 10 * time.Millisecond

	// wordy is the width from which the pipe has room for words beside its
	// numbers.
	wordy = 78
)

// drawPipe draws the way of the data from producer to consumer in three rows:
// the names, what flows and what is full, and what there is to say of it.
func (s *scene) drawPipe(a area) {
	producer, consumer, buffer := len("6.25 MB/s"), len("6.25 MB/s"), len("receive buffer")
	if a.w >= wordy {
		producer, consumer = len("writes 6.25 MB/s"), len("reads 6.25 MB/s")
		buffer = max(buffer, min(a.w/6, 30))
	}
	wire := a.w - (1 + producer + 1 + buffer + 1) - (1 + buffer + 1 + consumer)
	x := 1
	next := func(columns int) area {
		at := a.columns(x, columns)
		x += columns + 1
		return at
	}
	s.drawProducer(next(producer))
	s.drawSendBuffer(next(buffer))
	s.drawWire(next(wire))
	s.drawReceiveBuffer(next(buffer))
	s.drawConsumer(next(consumer))
}

func (s *scene) drawProducer(a area) {
	p := &s.snapshot.Producer
	k, state := faint, limitText(a, s.snapshot.Knobs.Producer.Rate)
	switch h := s.http2(); {
	case h != nil:
		state = streamsText(h)
	case s.snapshot.Knobs.Producer.Rate == 0:
		k, state = alarm, "STOPPED"
	case p.Writing > blocked:
		k, state = alarm, "BLOCKED"
	}
	drawApplication(a, "producer", "writes ", p.Rate, k, state)
}

func (s *scene) drawConsumer(a area) {
	k, state := faint, limitText(a, s.snapshot.Knobs.Consumer.ReadRate)
	switch knobs := &s.snapshot.Knobs.Consumer; {
	case knobs.ReadRate == 0 || !knobs.HTTP2.ReadSocket:
		k, state = alarm, "STOPPED"
	case s.http2() != nil && knobs.ReadRate == scenarios.Unlimited:
		state = "" // each stream may be read at a rate of its own
	}
	drawApplication(a, "consumer", "reads ", s.snapshot.Consumer.Rate, k, state)
}

func drawApplication(a area, name, verb string, rate float64, k ink, state string) {
	a.put(0, 0, faint, name)
	a.put(0, 1, plain, a.ifRoom(verb, rateText(rate)))
	a.put(0, 2, k, state)
}

// limitText writes the rate that an application is held to.
func limitText(a area, r scenarios.ByteRate) string {
	if r == scenarios.Unlimited {
		return "unlimited"
	}
	return a.ifRoom("up to ", rateText(float64(r)))
}

// drawSendBuffer draws what was written and is not acknowledged. How much the
// socket takes is its own affair: it is full if the producer is blocked; else
// two windows are what it needs, one to be in flight and one to follow. With HTTP/2 it
// is a window that there is to watch.
func (s *scene) drawSendBuffer(a area) {
	if h := s.http2(); h != nil {
		s.drawCredit(a, h)
		return
	}
	held := int64(0)
	if d := s.sender(); d != nil {
		held = max(0, s.snapshot.Producer.Written-d.Acked)
	}
	size := 2 * int64(s.snapshot.Knobs.Consumer.Window)
	if s.snapshot.Producer.Writing > blocked {
		size = held
	}
	drawBuffer(a, "send buffer", held, size)
	a.putCentered(a.w/2, 2, plain, bytesText(held))
}

func (s *scene) drawReceiveBuffer(a area) {
	queue, size := int64(s.snapshot.Consumer.Queue), int64(s.snapshot.Knobs.Consumer.Window)
	drawBuffer(a, "receive buffer", queue, size)
	k, text := plain, bytesText(queue)
	if s.full(queue, size) {
		k, text = alarm, text+" FULL"
	} else if queue > 0 {
		text += ", " + shareText(float64(queue)/float64(size))
	}
	a.putCentered(a.w/2, 2, k, text)
}

// full tells whether a receive buffer has no room for one more segment: a
// receiver offers less than that to nobody (RFC 9293 3.8.6.2.2).
func (s *scene) full(queue, size int64) bool {
	segment := int64(s.snapshot.Knobs.Network.MTU)
	if d := s.sender(); d != nil && d.MSS > 0 {
		segment = int64(d.MSS)
	}
	return queue+segment > size
}

func drawBuffer(a area, name string, held, size int64) {
	g := a.f.glyphs
	a.putCentered(a.w/2, 0, faint, name)
	a.put(0, 1, faint, g.left)
	a.put(a.w-1, 1, faint, g.right)
	inner := a.columns(1, a.w-2)
	level := portion(held, size, inner.w)
	inner.put(0, 1, flightInk, strings.Repeat(g.full, level))
	inner.put(level, 1, faint, strings.Repeat(g.empty, inner.w-level))
}

// drawWire draws what is in flight, as a part of the most that the window ever
// let through.
func (s *scene) drawWire(a area) {
	g := a.f.glyphs
	label, amount := "wire", ""
	arrows := 0
	if v := s.view(); v != nil {
		d := s.sender()
		label = a.ifRoom("wire, ", a.ifRoom("rtt ", rttText(v.RTT)))
		if amount = bytesText(int64(d.InFlight)); a.w >= len("in flight 1023 KiB") {
			amount = "in flight " + amount
		}
		arrows = portion(int64(d.InFlight), int64(d.MaxWindow), a.w/2)
	}
	a.putCentered(a.w/2, 0, faint, label)
	for x := range a.w {
		if (x+1)*arrows/a.w > x*arrows/a.w {
			a.put(x, 1, flightInk, g.data)
		} else {
			a.put(x, 1, faint, g.wire)
		}
	}
	a.putCentered(a.w/2, 2, plain, amount)
}

// portion is how many of so many cells a part of a whole fills: none only if
// there is nothing, and all if it is more than the whole.
func portion(part, whole int64, cells int) int {
	if part <= 0 || cells <= 0 {
		return 0
	}
	if part >= whole {
		return cells
	}
	return max(1, int(part*int64(cells)/whole))
}
