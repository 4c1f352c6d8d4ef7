package tui

import (
	"time"

	"flowlab/scenarios"
	"flowlab/tui/parts"
)

const (
	// blocked is how long a write takes before the producer is said to be
	// blocked: any write takes a moment.
	blocked = 10 * time.Millisecond

	// wordy is the width from which the pipe has room for words beside its
	// numbers.
	wordy = 78

	// roomy is the width from which it has room for both accounts of HTTP/2.
	roomy = 100
)

// drawPipe draws the way of the data from producer to consumer in three rows:
// the names, what flows and what is full, and what there is to say of it.
func (s *scene) drawPipe(a parts.Area) {
	producer, consumer, buffer := len("6.25 MB/s"), len("6.25 MB/s"), len("receive buffer")
	if a.W >= wordy {
		producer, consumer = len("writes 6.25 MB/s"), len("reads 6.25 MB/s")
		buffer = max(buffer, min(a.W/6, 30))
	}
	sending := s.sending(a.W)
	wire := a.W - (1 + producer + 1 + len(sending)*(buffer+1)) - (1 + buffer + 1 + consumer)
	x := 1
	next := func(columns int) parts.Area {
		at := a.Columns(x, columns)
		x += columns + 1
		return at
	}
	s.drawProducer(next(producer))
	for _, draw := range sending {
		draw(next(buffer))
	}
	s.drawWire(next(wire))
	s.drawReceiveBuffer(next(buffer))
	s.drawConsumer(next(consumer))
}

func (s *scene) drawProducer(a parts.Area) {
	p := &s.snapshot.Producer
	k, state := parts.Faint, limitText(a, s.snapshot.Knobs.Producer.Rate)
	switch h := s.http2(); {
	case h != nil:
		state = streamsText(h)
	case s.snapshot.Knobs.Producer.Rate == 0:
		k, state = parts.Alarm, "STOPPED"
	case p.Writing > blocked:
		k, state = parts.Alarm, "BLOCKED"
	}
	drawApplication(a, "producer", "writes ", p.Rate, k, state)
}

func (s *scene) drawConsumer(a parts.Area) {
	k, state := parts.Faint, limitText(a, s.snapshot.Knobs.Consumer.ReadRate)
	switch knobs := &s.snapshot.Knobs.Consumer; {
	case knobs.ReadRate == 0 || !knobs.HTTP2.ReadSocket:
		k, state = parts.Alarm, "STOPPED"
	case s.http2() != nil && knobs.ReadRate == scenarios.Unlimited:
		state = "" // each stream may be read at a rate of its own
	}
	drawApplication(a, "consumer", "reads ", s.snapshot.Consumer.Rate, k, state)
}

func drawApplication(a parts.Area, name, verb string, rate float64, k parts.Ink, state string) {
	a.Put(0, 0, parts.Faint, name)
	a.Put(0, 1, parts.Plain, a.IfRoom(verb, rateText(rate)))
	a.Put(0, 2, k, state)
}

// limitText writes the rate that an application is held to.
func limitText(a parts.Area, r scenarios.ByteRate) string {
	if r == scenarios.Unlimited {
		return "unlimited"
	}
	return a.IfRoom("up to ", rateText(float64(r)))
}

// sending is what stands between the producer and the wire: the send buffer, or with
// HTTP/2 the windows, of which there may be room for the one to watch only.
func (s *scene) sending(width int) (all []func(parts.Area)) {
	h := s.http2()
	switch {
	case h == nil:
		return append(all, s.drawSendBuffer)
	case width < roomy:
		return append(all, tightest(h).draw)
	}
	for _, c := range credits(h) {
		all = append(all, c.draw)
	}
	return all
}

// drawSendBuffer draws what was written and is not acknowledged. How much the
// socket takes is its own affair: it is full if the producer is blocked; else
// two windows are what it needs, one to be in flight and one to follow.
func (s *scene) drawSendBuffer(a parts.Area) {
	held := int64(0)
	if d := s.sender(); d != nil {
		held = max(0, s.snapshot.Producer.Written-d.Acked)
	}
	size := 2 * int64(s.snapshot.Knobs.Consumer.Window)
	if s.snapshot.Producer.Writing > blocked {
		size = held
	}
	gauge := parts.Gauge{Name: "send buffer", Part: held, Whole: size, Ink: parts.Flight, Text: bytesText(held)}
	gauge.Draw(a)
}

func (s *scene) drawReceiveBuffer(a parts.Area) {
	queue, size := int64(s.snapshot.Consumer.Queue), int64(s.snapshot.Knobs.Consumer.Window)
	k, text := parts.Plain, bytesText(queue)
	if s.full(queue, size) {
		k, text = parts.Alarm, text+" FULL"
	} else if queue > 0 {
		text += ", " + shareText(float64(queue)/float64(size))
	}
	gauge := parts.Gauge{Name: "receive buffer", Part: queue, Whole: size, Ink: parts.Flight, Text: text, TextInk: k}
	gauge.Draw(a)
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

// drawWire draws what is in flight, as a part of the most that the window ever
// let through.
func (s *scene) drawWire(a parts.Area) {
	g := a.Glyphs()
	label, amount := "wire", ""
	arrows := 0
	if v := s.view(); v != nil {
		d := s.sender()
		label = a.IfRoom("wire, ", a.IfRoom("rtt ", rttText(v.RTT)))
		if amount = bytesText(int64(d.InFlight)); a.W >= len("in flight 1023 KiB") {
			amount = "in flight " + amount
		}
		arrows = parts.Portion(int64(d.InFlight), int64(d.MaxWindow), a.W/2)
	}
	a.PutCentered(a.W/2, 0, parts.Faint, label)
	for x := range a.W {
		if (x+1)*arrows/a.W > x*arrows/a.W {
			a.Put(x, 1, parts.Flight, g.Data)
		} else {
			a.Put(x, 1, parts.Faint, g.Wire)
		}
	}
	a.PutCentered(a.W/2, 2, parts.Plain, amount)
}
