package tcpwin

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"flowlab/flow"
)

// talk builds the segments of a connection, a millisecond apart.
type talk struct {
	now    flow.Time
	scaled bool
	ledger Ledger
	events []string
}

const (
	isn  = 1000  // of the client, which sends data in these tests
	peer = 50000 // of the server
)

func newTalk(scaled bool) *talk {
	t := &talk{scaled: scaled, ledger: NewLedger(), now: 1}
	return t
}

func (t *talk) put(s Segment) *talk {
	t.now = t.now.Add(time.Millisecond)
	s.Time = t.now
	for _, e := range t.ledger.Observe(&s, nil) {
		t.events = append(t.events, fmt.Sprintf("%v %v", e.From, e))
	}
	return t
}

// open exchanges the handshake: MSS 1000 either way, both scales 2 if scaled.
func (t *talk) open() *talk {
	scale := int8(-1)
	if t.scaled {
		scale = 2
	}
	t.put(Segment{From: flow.Client, Seq: isn, Flags: SYN, Window: 4000, MSS: 1000, Scale: scale})
	t.put(Segment{From: flow.Server, Seq: peer, Ack: isn + 1, Flags: SYN | ACK, Window: 4000, MSS: 1000, Scale: scale})
	return t.put(Segment{From: flow.Client, Seq: isn + 1, Ack: peer + 1, Flags: ACK, Window: 1000, Scale: -1})
}

// data sends bytes from to upto of the client's stream.
func (t *talk) data(from, upto int) *talk {
	return t.put(Segment{From: flow.Client, Seq: flow.Seq(isn + 1 + from), Ack: peer + 1, Flags: ACK | PSH, Window: 1000, Len: upto - from, Scale: -1})
}

// ack acknowledges the client's bytes up to n and advertises a raw window.
func (t *talk) ack(n int, window uint16) *talk {
	return t.put(Segment{From: flow.Server, Seq: peer + 1, Ack: flow.Seq(isn + 1 + n), Flags: ACK, Window: window, Scale: -1})
}

// shut fills the window and has it advertised as zero.
func (t *talk) shut() *talk {
	return t.data(0, 1000).data(1000, 2000).data(2000, 3000).data(3000, 4000).ack(4000, 0)
}

func TestEvents(t *testing.T) {
	const full, zero = "client window-full: 4000 bytes in flight", "server zero-window"
	tests := []struct {
		name   string
		scaled bool
		talk   func(*talk)
		want   []string
	}{
		{"nothing happens", true, func(c *talk) { c.data(0, 1000).ack(1000, 1000) }, nil},
		{"the window closes and opens", true, func(c *talk) {
			c.shut().ack(4000, 500)
		}, []string{
			full, zero,
			"server window-update: 2000 bytes", "server window-opened: 2000 bytes, after 1ms",
		}},
		{"less than a segment of room is full", true, func(c *talk) {
			c.data(0, 1000).data(1000, 2000).data(2000, 3001)
		}, []string{"client window-full: 3001 bytes in flight"}},
		{"a probe of one byte at SND.NXT (RFC 9293)", true, func(c *talk) {
			c.shut().data(4000, 4001)
		}, []string{full, zero, "client window-probe"}},
		{"a probe of one byte at SND.UNA-1 (gVisor)", true, func(c *talk) {
			c.shut().data(3999, 4000)
		}, []string{full, zero, "client window-probe"}},
		{"a probe of no byte at SND.UNA-1 (Linux)", true, func(c *talk) {
			c.shut().data(3999, 3999)
		}, []string{full, zero, "client window-probe"}},
		{"a keep-alive is no probe, and sends nothing again", true, func(c *talk) {
			c.data(0, 1000).ack(1000, 1000).data(999, 1000)
		}, nil},
		{"the last byte of what is in flight is sent again", true, func(c *talk) {
			c.data(0, 1000).data(999, 1000)
		}, []string{"client retransmission: 1 bytes"}},
		{"a probe that passes after the update was lost", true, func(c *talk) {
			c.shut().data(3999, 4000).ack(4000, 1000).data(3999, 4000)
		}, []string{
			full, zero, "client window-probe",
			"server window-update: 4000 bytes", "server window-opened: 4000 bytes, after 2ms", "client window-probe",
		}},
		{"every segment with a zero window counts", true, func(c *talk) {
			c.shut().data(3999, 4000).ack(4000, 0)
		}, []string{full, zero, "client window-probe", zero}},
		{"the right edge moves left", true, func(c *talk) { c.data(0, 1000).ack(1000, 1000).ack(1000, 900) },
			[]string{"server window-shrunk: by 400 bytes"}},
		{"scaling rounds the edge down", true, func(c *talk) { c.data(0, 1001).ack(1001, 1000).data(1001, 1004).ack(1004, 999) },
			nil},
		{"bytes are sent again", true, func(c *talk) { c.data(0, 1000).data(1000, 2000).data(0, 1000) },
			[]string{"client retransmission: 1000 bytes"}},
		{"half of a segment is new", true, func(c *talk) { c.data(0, 1000).data(500, 1500) },
			[]string{"client retransmission: 500 bytes"}},
		{"an old ACK says nothing of the window", true, func(c *talk) { c.data(0, 1000).ack(1000, 1000).ack(500, 0) },
			[]string{"server zero-window"}},
		{"without scaling the window is as it stands", false, func(c *talk) {
			c.data(0, 1000).data(1000, 2000).data(2000, 3000).data(3000, 4000).ack(4000, 500)
		}, []string{"client window-full: 4000 bytes in flight"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newTalk(test.scaled).open()
			test.talk(c)
			if got, want := strings.Join(c.events, "\n"), strings.Join(test.want, "\n"); got != want {
				t.Errorf("events:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestScale(t *testing.T) {
	syn := Segment{From: flow.Client, Seq: isn, Flags: SYN, MSS: 1000}
	answer := Segment{From: flow.Server, Seq: peer, Ack: isn + 1, Flags: SYN | ACK, MSS: 1000}
	with := func(s Segment, scale int8) *Segment { s.Scale = scale; return &s }
	tests := []struct {
		name        string
		syn, answer *Segment
		window      int // that the client may use, of 100 in the header
		known       bool
	}{
		{"both scale", with(syn, 3), with(answer, 2), 400, true},
		{"only the client offers it", with(syn, 3), with(answer, -1), 100, true},
		{"neither", with(syn, -1), with(answer, -1), 100, true},
		{"the SYN was not seen", nil, with(answer, 2), 400, true},
		{"the SYN/ACK was not seen", with(syn, 3), nil, 100, false},
		{"no handshake was seen", nil, nil, 100, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := NewLedger()
			for _, s := range []*Segment{test.syn, test.answer} {
				if s != nil {
					l.Observe(s, nil)
				}
			}
			l.Observe(&Segment{From: flow.Server, Seq: peer + 1, Ack: isn + 1, Flags: ACK, Window: 100, Scale: -1}, nil)
			a := l.Account(flow.Client)
			if a.Window != test.window || a.WindowKnown != test.known {
				t.Errorf("window %d, known %v; want %d, %v", a.Window, a.WindowKnown, test.window, test.known)
			}
		})
	}
}

func TestAccountOfTransfer(t *testing.T) {
	c := newTalk(true).open()
	c.data(0, 1000).data(1000, 2000).ack(1000, 1000)
	a := c.ledger.Account(flow.Client)
	if a.InFlight() != 1000 || a.Room() != 3000 || a.Bytes != 2000 || a.Acked != 1000 || a.Segments != 2 {
		t.Errorf("in flight %d, room %d, sent %d, acknowledged %d, segments %d; want 1000, 3000, 2000, 1000, 2",
			a.InFlight(), a.Room(), a.Bytes, a.Acked, a.Segments)
	}
	if a.RTT.Samples != 1 || a.RTT.Last != 2*time.Millisecond {
		t.Errorf("%d RTT samples, the last %v; want 1 of 2ms", a.RTT.Samples, a.RTT.Last)
	}
	h := c.ledger.Handshake
	if !h.Seen() || h.RTT() != 2*time.Millisecond || h.Turn(flow.Server) != time.Millisecond || h.Turn(flow.Client) != time.Millisecond {
		t.Errorf("handshake %+v", h)
	}
}

// TestAgainstModel sends at random, with losses that the sender repairs, across
// the wrap of the sequence space, and holds the account to a model that counts
// in 64 bits.
func TestAgainstModel(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		l := NewLedger()
		first := flow.Seq(r.Uint32())
		if seed%2 == 0 {
			first = ^flow.Seq(0) - flow.Seq(r.IntN(20000)) // it wraps soon
		}
		l.Observe(&Segment{From: flow.Client, Seq: first - 1, Flags: SYN, MSS: 1460, Scale: 7, Time: 1}, nil)
		l.Observe(&Segment{From: flow.Server, Seq: peer, Ack: first, Flags: SYN | ACK, MSS: 1460, Scale: 7, Window: 60000, Time: 2}, nil)
		var next, una, edge, resent int64
		edge = 60000
		for step := range 2000 {
			now := flow.Time(step + 3)
			switch {
			case r.IntN(3) == 0:
				una += r.Int64N(next - una + 1)
				window := uint16(r.IntN(2000))
				edge = una + int64(window)<<7
				l.Observe(&Segment{From: flow.Server, Seq: peer + 1, Ack: first + flow.Seq(una), Flags: ACK, Window: window, Time: now, Scale: -1}, nil)
			case r.IntN(10) == 0 && next > una+1:
				n := 2 + r.Int64N(next-una-1)
				l.Observe(&Segment{From: flow.Client, Seq: first + flow.Seq(una), Ack: peer + 1, Flags: ACK, Len: int(n), Time: now, Scale: -1}, nil)
				resent += n
			default:
				n := 2 + r.Int64N(1459)
				l.Observe(&Segment{From: flow.Client, Seq: first + flow.Seq(next), Ack: peer + 1, Flags: ACK, Len: int(n), Time: now, Scale: -1}, nil)
				next += n
			}
			a := l.Account(flow.Client)
			if int64(a.InFlight()) != next-una || a.Bytes != next || a.Acked != una || a.Retransmitted != resent || int64(a.Room()) != edge-next {
				t.Fatalf("seed %d step %d: in flight %d, sent %d, acknowledged %d, again %d, room %d; want %d, %d, %d, %d, %d", seed, step,
					a.InFlight(), a.Bytes, a.Acked, a.Retransmitted, a.Room(), next-una, next, una, resent, edge-next)
			}
		}
	}
}

// TestEachByteCountsOnce sends a stream of which this point misses a part: what was lost
// before it and sent again, and what the capture dropped. Each byte counts once, and of those
// that are acknowledged and were never seen at most all are said to be.
func TestEachByteCountsOnce(t *testing.T) {
	told := 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		l := NewLedger()
		first := flow.Seq(r.Uint32())
		l.Observe(&Segment{From: flow.Client, Seq: first - 1, Flags: SYN, MSS: 1460, Scale: 7, Time: 1}, nil)
		now := flow.Time(2)
		put := func(s Segment) {
			now++
			s.Time, s.Scale = now, -1
			l.Observe(&s, nil)
		}
		ack := func(upto int) {
			put(Segment{From: flow.Server, Seq: peer, Ack: first.Add(upto), Flags: ACK, Window: 60000})
		}
		ack(0)
		sent, acked, never := 0, 0, 0
		for range 300 {
			n := 2 + r.IntN(1459)
			data := Segment{From: flow.Client, Seq: first.Add(sent), Ack: peer, Flags: ACK, Len: n}
			sent += n
			switch r.IntN(8) {
			case 0: // not captured
				never += n
			case 1: // lost before, and sent again once more has come
				more := data
				more.Seq = first.Add(sent)
				sent += n
				put(more)
				put(data)
			case 2: // captured behind its own ACK
				ack(sent)
				acked = sent
				put(data)
			default:
				put(data)
			}
			if r.IntN(3) == 0 {
				acked += r.IntN(sent - acked + 1)
				ack(acked)
			}
		}
		ack(sent)
		a := l.Account(flow.Client)
		if a.Bytes != int64(sent) || a.Acked != int64(sent) || a.Unseen < 0 || a.Unseen > int64(never) {
			t.Fatalf("seed %d: %d bytes, %d acknowledged, %d unseen; want %d, and %d at most", seed, a.Bytes, a.Acked, a.Unseen, sent, never)
		}
		told += int(a.Unseen)
	}
	if told == 0 {
		t.Error("nothing was said to be unseen")
	}
}

// transfer feeds n data segments, each acknowledged, to a ledger.
func transfer(l *Ledger, n int) {
	data := Segment{From: flow.Client, Seq: isn + 1, Ack: peer + 1, Flags: ACK, Len: 1448, Window: 1000, HasTS: true, Scale: -1}
	ack := Segment{From: flow.Server, Seq: peer + 1, Ack: isn + 1, Flags: ACK, Window: 1000, HasTS: true, Scale: -1}
	events := make([]Event, 0, 8)
	for range n {
		data.Time, ack.Time = data.Time+1000, ack.Time+1000
		events = l.Observe(&data, events[:0])
		data.Seq = data.Seq.Add(data.Len)
		ack.Ack = data.Seq
		events = l.Observe(&ack, events[:0])
	}
}

func TestLedgerAllocatesNothing(t *testing.T) {
	l := &newTalk(true).open().ledger
	if n := testing.AllocsPerRun(100, func() { transfer(l, 10) }); n != 0 {
		t.Errorf("%v allocations for 20 segments, want none", n)
	}
}

func BenchmarkLedger(b *testing.B) {
	l := &newTalk(true).open().ledger
	b.ReportAllocs()
	transfer(l, b.N/2+1) // so that an operation is one segment
}
