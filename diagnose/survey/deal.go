package survey

import (
	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// dealer deals segments out to workers.
type dealer struct {
	reading
	read    telling
	hands   []chan *hand    // by worker
	results []chan *outcome // by worker
	empty   chan *hand      // to use again
	dealing []*hand         // by worker: what is being filled
	paper   paper
}

// card is a segment and where it belongs.
type card struct {
	segment tcpwin.Segment
	tuple   flow.Tuple
	hash    uint64
	payload []byte // nil where it is not read; it lies on a sheet of the hand
	frame   int
	iface   int
}

// hand is what one worker gets in one round.
type hand struct {
	cards []card
	paper []*sheet // on which their payloads lie
	rules diagnose.Rules
	now   flow.Time // of the last packet of the round
	known *Source   // of which the beginning is known
	last  bool      // no more will come: the round may be short, or empty
}

// outcome is what came of a hand.
type outcome struct {
	began []int // the first frames of connections
	ended []*diagnose.View
	late  int64
	twice int64   // segments that were captured before
	known *Source // as in the hand
	last  bool    // no more rounds will come, but what is left
}

// ahead is how many rounds a worker may be behind the reader.
const ahead = 3

func newDealer(s *Survey, workers int) *dealer {
	d := &dealer{reading: reading{survey: s}, read: telling{keys: s.Keys}, empty: make(chan *hand, workers*(ahead+2))}
	d.paper.blank, d.memory = make(chan *sheet, mostBlank), d.paper.next
	d.enter, d.pause = d.card, func() { d.deal(false) }
	for range workers {
		d.hands = append(d.hands, make(chan *hand, ahead))
		d.results = append(d.results, make(chan *outcome, ahead))
		d.dealing = append(d.dealing, new(hand))
	}
	return d
}

// slot returns the place for the next card of a worker. It counts only if it is
// kept.
func (h *hand) slot() *card {
	if len(h.cards) == cap(h.cards) {
		larger := make([]card, len(h.cards), max(256, 2*cap(h.cards)))
		copy(larger, h.cards)
		h.cards = larger
	}
	return &h.cards[:len(h.cards)+1][len(h.cards)]
}

func (h *hand) keep() { h.cards = h.cards[:len(h.cards)+1] }

// deal hands out the round.
func (d *dealer) deal(last bool) {
	rules := d.survey.rules(d.source.First)
	// The slices only grow behind what is known here, so this may be read while
	// the reader goes on.
	known := &Source{Files: d.source.Files, Interfaces: d.source.Interfaces, First: d.source.First}
	for i, h := range d.dealing {
		h.now, h.last, h.rules, h.known = d.source.Last, last, rules, known
		d.hands[i] <- h
		select {
		case d.dealing[i] = <-d.empty:
			d.dealing[i].cards = d.dealing[i].cards[:0]
		default:
			d.dealing[i] = new(hand)
		}
	}
}

func (s *Survey) rules(first flow.Time) diagnose.Rules {
	r := diagnose.Rules{MinStall: s.MinStall}
	if s.Within.End != 0 {
		r.Within = flow.Interval{Start: first.Add(s.Within.Start), End: first.Add(s.Within.End)}
	}
	return r
}

// card decodes a packet, and puts its segment into the hand of the worker that
// has its connection. It is decoded where it stays if that is the first one's.
func (d *dealer) card(link capture.LinkType, p *capture.Packet) {
	c := d.dealing[0].slot()
	if !d.decode(link, p, &c.segment, &c.tuple) {
		return
	}
	c.hash = diagnose.Hash(p.Interface, &c.tuple)
	n := groupOf(c.hash) * len(d.dealing) / groups
	if n != 0 {
		own := d.dealing[n].slot()
		own.segment, own.tuple, own.hash = c.segment, c.tuple, c.hash
		c = own
	}
	c.frame, c.iface = int(d.source.Packets), p.Interface
	c.payload = nil
	if c.segment.Len == 0 {
	} else if payload := capture.Payload(p.Data, &c.segment); d.read.wants(c.hash, payload) {
		c.payload = payload
		d.kept += len(c.payload)
		d.dealing[n].paper = d.paper.keep(d.dealing[n].paper)
	}
	d.dealing[n].keep()
}

// groups is into how many connections are divided by their hashes; a worker has
// whole groups.
const groups = 64

func groupOf(hash uint64) int { return int(hash / (1 << 64 / groups)) }

// work keeps the ledgers of one worker's connections.
func (d *dealer) work(i int) {
	o := new(outcome)
	bulk := diagnose.Bulk{
		Keys:  d.survey.Keys,
		Began: func(frame int) { o.began = append(o.began, frame) },
		Ended: func(v *diagnose.View) { o.ended = append(o.ended, v) },
	}
	if d.survey.Ledgers != nil {
		d.survey.Ledgers(&bulk)
	}
	var order order
	for h := range d.hands[i] {
		bulk.Rules, o.known = h.rules, h.known
		once := order.of(h.cards)
		o.twice = int64(len(h.cards) - len(once))
		for _, k := range once {
			c := &h.cards[k]
			bulk.Observe(c.hash, c.iface, &c.tuple, &c.segment, c.payload, c.frame)
		}
		bulk.Bury(h.now)
		h.paper = d.paper.drop(h.paper)
		o.last = h.last
		d.results[i] <- o
		o = new(outcome)
		if h.last {
			d.last(i, &bulk, h.now)
			return
		}
		select {
		case d.empty <- h:
		default:
		}
	}
}

// last hands on the connections that are left, in the order of their beginning:
// what comes of the workers now is merged, and not collected first.
func (d *dealer) last(i int, bulk *diagnose.Bulk, now flow.Time) {
	o := new(outcome)
	bulk.Ended = func(v *diagnose.View) {
		if o.ended = append(o.ended, v); len(o.ended) == together {
			d.results[i] <- o
			o = new(outcome)
		}
	}
	bulk.End(now)
	o.late = bulk.Late
	d.results[i] <- o
	close(d.results[i])
}

// together is how many connections are handed on at a time at the end.
const together = 64
