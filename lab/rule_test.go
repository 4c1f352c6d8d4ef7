package lab

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

func addrs(a ...netip.Addr) []netip.Addr { return a }

func TestRuleValidate(t *testing.T) {
	tests := []struct {
		name string
		rule Rule
		want string
	}{
		{"the next one", Rule{What: WindowUpdate, Last: 1}, ""},
		{"a range", Rule{From: AnyPort, First: 10, Last: 14}, ""},
		{"one packet", Rule{First: 3, Last: 3}, ""},
		{"port", Rule{From: -2}, "from port -2: a port has an index from 0, or -1 for any"},
		{"kind", Rule{What: 99}, "drop kind 99: no such kind of packet"},
		{"until", Rule{Until: 99}, "until kind 99: no such kind of packet"},
		{"first", Rule{First: -1}, "first is -1: packets are counted from 1"},
		{"last", Rule{Last: -1}, "last is -1: packets are counted from 1"},
		{"backwards", Rule{First: 5, Last: 4}, "last is 4, before first, 5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := text(tt.rule.Validate()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	w := newWire(t, 1)
	if got, want := text(w.Drop(Rule{From: 2})), "drop rule: from port 2, but there are 0 ports"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestKindNames(t *testing.T) {
	for k := range numKinds {
		if got, err := ParseKind(k.String()); err != nil || got != k {
			t.Errorf("ParseKind(%q) = %v, %v", k, got, err)
		}
	}
	if _, err := ParseKind("syn"); text(err) != `unknown kind of packet "syn"` {
		t.Errorf("got %v", err)
	}
}

func TestClassify(t *testing.T) {
	type set = []Kind
	// What went before: b has acknowledged 1000 with window 500, a has sent up
	// to 1500 and acknowledged 9000.
	before := []segment{
		{src: addrA, seq: 1000, ack: 9000, window: 700, length: 500},
		{src: addrB, seq: 9000, ack: 1000, window: 500},
	}
	closed := append(slices.Clone(before), segment{src: addrB, seq: 9000, ack: 1500, window: 0})
	tests := []struct {
		name   string
		before []segment
		seg    segment
		want   set
	}{
		{"data", before, segment{src: addrA, seq: 1500, ack: 9000, window: 700, length: 100}, set{Any, Data}},
		{"ack of more", before, segment{src: addrB, seq: 9000, ack: 1500, window: 900}, set{Any, PureACK}},
		{"same ack, same window", before, segment{src: addrB, seq: 9000, ack: 1000, window: 500}, set{Any, PureACK}},
		{"same ack, less window", before, segment{src: addrB, seq: 9000, ack: 1000, window: 499}, set{Any, PureACK}},
		{"same ack, more window", before, segment{src: addrB, seq: 9000, ack: 1000, window: 501}, set{Any, PureACK, WindowUpdate}},
		{"data with more window", before, segment{src: addrB, seq: 9000, ack: 1000, window: 501, length: 9}, set{Any, Data}},
		{"FIN with more window", before, segment{src: addrB, seq: 9000, ack: 1000, window: 501, flags: tcpwin.FIN}, set{Any}},
		{"RST", before, segment{src: addrB, seq: 9000, ack: 1000, window: 501, flags: tcpwin.RST}, set{Any}},
		{"first segment of all", nil, segment{src: addrB, seq: 9000, ack: 1000, window: 501}, set{Any, PureACK}},
		{"after a SYN, whose window is not scaled", []segment{{src: addrB, seq: 8999, ack: 1000, window: 100, flags: tcpwin.SYN}},
			segment{src: addrB, seq: 9000, ack: 1000, window: 501}, set{Any, PureACK}},

		{"probe with an old byte", closed, segment{src: addrA, seq: 1499, ack: 9000, window: 700, length: 1}, set{Any, Data, WindowProbe}},
		{"probe with no byte", closed, segment{src: addrA, seq: 1499, ack: 9000, window: 700}, set{Any, PureACK, WindowProbe}},
		{"probe with a new byte", closed, segment{src: addrA, seq: 1500, ack: 9000, window: 700, length: 1}, set{Any, Data, WindowProbe}},
		{"new byte into an open window", before, segment{src: addrA, seq: 1500, ack: 9000, window: 700, length: 1}, set{Any, Data}},
		{"two old bytes", closed, segment{src: addrA, seq: 1499, ack: 9000, window: 700, length: 2}, set{Any, Data}},
		{"SYN again", []segment{{src: addrB, seq: 0, ack: 1000}}, segment{src: addrA, seq: 999, flags: tcpwin.SYN}, set{Any}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for k := range numKinds {
				f := &NewWire(1).filter
				for _, s := range tt.before {
					f.pass(0, 1, s.packet())
				}
				f.add(Rule{From: AnyPort, What: k})
				drop, _ := f.pass(0, 1, tt.seg.packet())
				if want := slices.Contains(tt.want, k); drop != want {
					t.Errorf("is it %v? %v, want %v", k, drop, want)
				}
			}
		})
	}
}

// TestRules hands packets to the filter, a's from port 0 and b's from port 1,
// and delivers those that pass at once.
func TestRules(t *testing.T) {
	data := func(seq, n int) segment {
		return segment{src: addrA, seq: flow.Seq(seq), ack: 1, window: 1, length: n}
	}
	ack := func(ack, window int) segment {
		return segment{src: addrB, seq: 1, ack: flow.Seq(ack), window: uint16(window)}
	}
	probe := data(99, 1)
	tests := []struct {
		name    string
		rules   []Rule
		packets []segment
		dropped []int // by their index
	}{
		{"no rule", nil, []segment{data(0, 100), ack(100, 9)}, nil},
		{"a range of all packets from anywhere", []Rule{{From: AnyPort, First: 2, Last: 3}},
			[]segment{data(0, 100), ack(100, 9), data(100, 10), ack(110, 9)}, []int{1, 2}},
		{"a range of one port's packets", []Rule{{From: 1, First: 2}},
			[]segment{ack(0, 9), data(0, 100), ack(100, 9), data(100, 10), ack(110, 9)}, []int{2, 4}},
		{"data", []Rule{{What: Data, Last: 2}},
			[]segment{data(0, 100), ack(0, 9), data(0, 100), data(0, 100)}, []int{0, 2}},
		{"pure ACKs", []Rule{{From: 1, What: PureACK, First: 1, Last: 1}},
			[]segment{data(0, 100), ack(100, 9), ack(100, 9)}, []int{1}},
		{"the next window update", []Rule{{From: 1, What: WindowUpdate, Last: 1}},
			[]segment{data(0, 100), ack(100, 0), ack(100, 5), ack(100, 6)}, []int{2}},
		{"two equal updates are both dropped", []Rule{{From: 1, What: WindowUpdate}},
			[]segment{data(0, 100), ack(100, 0), ack(100, 5), ack(100, 5)}, []int{2, 3}},
		{"window updates until a probe arrived", []Rule{{From: 1, What: WindowUpdate, Until: WindowProbe}},
			[]segment{data(0, 100), ack(100, 0), ack(100, 5), ack(100, 6), probe, ack(100, 6)}, []int{2, 3}},
		{"the probe that is dropped ends nothing",
			[]Rule{{From: 1, What: WindowUpdate, Until: WindowProbe}, {From: 0, What: WindowProbe, Last: 1}},
			[]segment{data(0, 100), ack(100, 0), probe, ack(100, 5), probe, ack(100, 6)}, []int{2, 3}},
		{"until counts only what goes to the port", []Rule{{From: 0, What: Data, Until: Data}},
			[]segment{data(0, 100), data(0, 100)}, []int{0, 1}},
		{"rules count what others drop", []Rule{{What: Data, Last: 1}, {What: Data, First: 2, Last: 2}},
			[]segment{data(0, 100), data(0, 100), data(0, 100)}, []int{0, 1}},
		{"until a FIN-less ACK, at once", []Rule{{What: Data, Until: PureACK}},
			[]segment{data(0, 100), ack(0, 9), data(0, 100)}, []int{0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &NewWire(1).filter
			for _, r := range tt.rules {
				f.add(r)
			}
			var dropped []int
			for i, s := range tt.packets {
				from, to := 0, 1
				if s.src == addrB {
					from, to = 1, 0
				}
				drop, ends := f.pass(from, to, s.packet())
				if drop {
					dropped = append(dropped, i)
				}
				f.end(ends)
			}
			if !slices.Equal(dropped, tt.dropped) {
				t.Errorf("dropped %v, want %v", dropped, tt.dropped)
			}
		})
	}
}

// TestUntilWaitsForTheArrival: an update sent while the probe travels is still
// dropped.
func TestUntilWaitsForTheArrival(t *testing.T) {
	w := newWire(t, 1)
	a, _ := inbox(t, w, "a", addrA)
	b, in := inbox(t, w, "b", addrB)
	update := segment{src: addrB, seq: 1, ack: 100, window: 5}
	b.Send(segment{src: addrB, seq: 1, ack: 100}.packet())
	if err := w.Drop(Rule{From: b.Index(), What: WindowUpdate, Until: WindowProbe}); err != nil {
		t.Fatal(err)
	}
	a.SetPath(Path{Delay: 50 * time.Millisecond})
	a.Send(segment{src: addrA, seq: 99, length: 1}.packet())
	b.Send(update.packet())
	if got := w.Stats()[1].Dropped; got != 1 {
		t.Errorf("%d packets dropped before the probe arrived, want 1", got)
	}
	<-in
	b.Send(update.packet())
	if got := w.Stats()[1].Dropped; got != 1 {
		t.Errorf("%d packets dropped after the probe arrived, want still 1", got)
	}
}

func BenchmarkFilter(b *testing.B) {
	for _, bench := range []struct {
		name  string
		rules []Rule
	}{
		{"no rule", nil},
		{"one rule", []Rule{{From: 1, What: WindowUpdate}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			f := &NewWire(1).filter
			for _, r := range bench.rules {
				f.add(r)
			}
			data := segment{src: addrA, length: 1400}.packet()
			ack := segment{src: addrB}.packet()
			b.ReportAllocs()
			for b.Loop() {
				f.pass(0, 1, data)
				f.pass(1, 0, ack)
			}
		})
	}
}
