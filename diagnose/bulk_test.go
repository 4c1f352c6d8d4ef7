package diagnose

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// handed feeds a Bulk by hand and keeps what it hands on.
type handed struct {
	Bulk
	frame int
	began []int
	ended []*View
}

func newHanded() *handed {
	h := new(handed)
	h.Began = func(frame int) { h.began = append(h.began, frame) }
	h.Ended = func(v *View) { h.ended = append(h.ended, v) }
	return h
}

// between is the tuple of the nth pair of ends, as the client sends.
func between(n int) flow.Tuple {
	t := flow.Tuple{Src: flow.Endpoint{Port: uint16(n)<<2 | 0x8000, IPv4: true}, Dst: flow.Endpoint{Port: 443, IPv4: true}}
	t.Src.IP = [16]byte{10, byte(n >> 24), byte(n >> 16), byte(n >> 8)}
	t.Dst.IP = [16]byte{10, 255, 0, byte(n)}
	return t
}

// send enters a segment of the nth pair.
func (h *handed) send(n int, from flow.Side, at flow.Time, flags tcpwin.Flags, seq, ack flow.Seq, length int) {
	t := between(n)
	if from == flow.Server {
		t = t.Reverse()
	}
	s := tcpwin.Segment{Time: at, Flags: flags, Seq: seq, Ack: ack, Len: length, Window: 500, Scale: -1}
	if s.Has(tcpwin.SYN) {
		s.Scale, s.MSS, s.Window = 7, 1460, 64000
	}
	h.frame++
	h.Observe(Hash(0, &t), 0, &t, &s, nil, h.frame)
}

// talk is a connection with ten segments and, if it ends, its FINs.
func (h *handed) talk(n int, at flow.Time, isn flow.Seq, ends bool) {
	const ms = flow.Time(time.Millisecond)
	client, server := isn, isn*3
	h.send(n, flow.Client, at, tcpwin.SYN, client, 0, 0)
	h.send(n, flow.Server, at+ms, tcpwin.SYN|tcpwin.ACK, server, client+1, 0)
	h.send(n, flow.Client, at+ms, tcpwin.ACK, client+1, server+1, 0)
	h.send(n, flow.Client, at+ms, tcpwin.ACK|tcpwin.PSH, client+1, server+1, 100)
	for i := range flow.Seq(3) {
		h.send(n, flow.Server, at+2*ms, tcpwin.ACK, server+1+1000*i, client+101, 1000)
		h.send(n, flow.Client, at+3*ms, tcpwin.ACK, client+101, server+1001+1000*i, 0)
	}
	if ends {
		h.send(n, flow.Server, at+4*ms, tcpwin.ACK|tcpwin.FIN, server+3001, client+101, 0)
		h.send(n, flow.Client, at+4*ms, tcpwin.ACK|tcpwin.FIN, client+101, server+3002, 0)
		h.send(n, flow.Server, at+4*ms, tcpwin.ACK, server+3002, client+102, 0)
	}
}

func TestLateSegmentsAndReusedPorts(t *testing.T) {
	h := newHanded()
	h.talk(1, at(0), 1000, true)
	if h.Bury(at(time.Second)); len(h.ended) != 0 {
		t.Fatal("handed on at once, though the last segments may be sent again")
	}
	h.Bury(at(10 * time.Second))
	if len(h.ended) != 1 || h.ended[0].Directions[flow.Server].Bytes != 3000 {
		t.Fatalf("%d connections handed on, want one of 3000 bytes", len(h.ended))
	}
	late := []struct {
		name  string
		from  flow.Side
		flags tcpwin.Flags
		seq   flow.Seq
		len   int
		late  bool
	}{
		{"the FIN again", flow.Server, tcpwin.ACK | tcpwin.FIN, 6001, 0, true},
		{"data again", flow.Server, tcpwin.ACK, 5001, 1000, true},
		{"the SYN again", flow.Client, tcpwin.SYN, 1000, 0, true},
		{"a reset", flow.Client, tcpwin.RST, 1102, 0, true},
		{"another SYN", flow.Client, tcpwin.SYN, 7000, 0, false},
	}
	for _, l := range late {
		t.Run(l.name, func(t *testing.T) {
			late, began := h.Late, len(h.began)
			h.send(1, l.from, at(11*time.Second), l.flags, l.seq, 0, l.len)
			if l.late && (h.Late != late+1 || len(h.began) != began) {
				t.Errorf("%d late and %d begun, want %d and %d", h.Late, len(h.began), late+1, began)
			}
			if !l.late && (h.Late != late || len(h.began) != began+1) {
				t.Errorf("%d late and %d begun, want %d and %d", h.Late, len(h.began), late, began+1)
			}
		})
	}
	h.talk(2, at(12*time.Second), 1000, false)
	h.talk(2, at(13*time.Second), 90000, true) // the ports again, without an end before
	h.End(at(14 * time.Second))
	var numbers []int
	for _, v := range h.ended {
		numbers = append(numbers, v.Number)
	}
	if diff := cmp.Diff([]int{h.began[0], h.began[2], h.began[1], h.began[3]}, numbers); diff != "" {
		t.Errorf("handed on, by first frame (-want +got):\n%s", diff)
	}
}

// TestMemoryOfConnections measures what connections take: while they are open
// and have said little, and when they are over.
func TestMemoryOfConnections(t *testing.T) {
	const connections = 100_000
	tests := []struct {
		name string
		ends bool
		most float64
	}{
		{"open", false, 700},
		{"over", true, 64},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHanded()
			h.Began, h.Ended = func(int) {}, func(*View) {}
			before := heap()
			for n := range connections {
				now := at(time.Duration(n) * time.Millisecond)
				h.talk(n, now, flow.Seq(n), test.ends)
				if n%1000 == 0 {
					h.Bury(now)
				}
			}
			h.Bury(at(time.Hour))
			if each := float64(heap()-before) / connections; each > test.most {
				t.Errorf("%.0f bytes a connection, want at most %.0f", each, test.most)
			} else {
				t.Logf("%.0f bytes a connection", each)
			}
			runtime.KeepAlive(h)
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestLogKeepsSegments writes random segments down and reads them again.
func TestLogKeepsSegments(t *testing.T) {
	var p paper
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		var e entry
		var want []tcpwin.Segment
		now, frame := at(0), 0
		for {
			now, frame = now.Add(time.Duration(r.Int64N(1e12)-1e6)), frame+r.IntN(1e6)
			s := tcpwin.Segment{
				Time: now, Seq: flow.Seq(r.Uint32()), Ack: flow.Seq(r.Uint32()), Flags: tcpwin.Flags(r.IntN(32)),
				From: flow.Side(r.IntN(2)), Window: uint16(r.Uint32()), MSS: uint16(r.IntN(3) * 700), Len: r.IntN(70000), Scale: int8(r.IntN(17) - 2),
			}
			if s.HasTS = r.IntN(2) == 0; s.HasTS {
				s.TSVal, s.TSEcr = r.Uint32(), r.Uint32()
			}
			if !p.write(&e.log, &e, &s, frame) {
				break
			}
			e.follow(&s)
			e.frame = frame
			want = append(want, s)
		}
		var got []tcpwin.Segment
		p.read(&e, func(s *tcpwin.Segment, _ int) { got = append(got, *s) })
		if diff := cmp.Diff(want, got); diff != "" || len(want) < 8 {
			t.Fatalf("seed %d, of %d segments (-want +got):\n%s", seed, len(want), diff)
		}
	}
	if p.cells > maxCells {
		t.Errorf("%d cells were made for one log at a time, want %d", p.cells, maxCells)
	}
}

// TestTableIsAMap holds the table to a map while entries come and go.
func TestTableIsAMap(t *testing.T) {
	var tab table
	want := map[flow.Tuple]uint32{}
	r := rand.New(rand.NewPCG(3, 4))
	s := tcpwin.Segment{Flags: tcpwin.SYN}
	for range 20_000 {
		tuple := between(r.IntN(500))
		hash := Hash(0, &tuple) & 0xFF // so that many share a place
		e, _ := tab.lookup(hash, 0, &tuple)
		number, there := want[tuple]
		switch {
		case there != (e != nil), there && e.number != number:
			t.Fatalf("found %v, want %v", e, there)
		case there:
			tab.remove(e)
			delete(want, tuple)
		default:
			e, _ = tab.add(hash, 0, &tuple, &s)
			want[tuple] = e.number
		}
	}
}

// TestBulkAllocatesNothing feeds a connection that lasts.
func TestBulkAllocatesNothing(t *testing.T) {
	h := newHanded()
	h.talk(1, at(0), 1000, false)
	seq, now := flow.Seq(1101), at(time.Second)
	step := func() {
		now = now.Add(10 * time.Microsecond)
		h.send(1, flow.Client, now, tcpwin.ACK, seq, 6001, 1000)
		seq += 1000
		h.send(1, flow.Server, now.Add(time.Microsecond), tcpwin.ACK, 6001, seq, 0)
	}
	for range 5000 {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations for two segments, want none", n)
	}
}
