package tcpwin

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"flowlab/flow"
)

// gathered is what a stream gave: a missing byte is a nul.
type gathered struct {
	*Stream
	bytes   []byte
	missing int
}

func (g *gathered) drain(now flow.Time) {
	for {
		b, missing, ok := g.Next(now)
		if !ok {
			return
		}
		g.bytes = append(append(g.bytes, b...), make([]byte, missing)...)
		g.missing += missing
	}
}

func (g *gathered) add(seq flow.Seq, text string, length int, now flow.Time) {
	g.Add(seq, []byte(text), length)
	g.drain(now)
}

func TestStream(t *testing.T) {
	const ms = flow.Time(time.Millisecond)
	for _, c := range []struct {
		name    string
		feed    func(g *gathered)
		want    string
		missing int
	}{
		{"in order", func(g *gathered) { g.add(100, "abc", 3, 0); g.add(103, "def", 3, 0) }, "abcdef", 0},
		{"sent again", func(g *gathered) { g.add(100, "abc", 3, 0); g.add(100, "abcd", 4, 0); g.add(101, "b", 1, 0) }, "abcd", 0},
		{"early", func(g *gathered) { g.add(103, "def", 3, 0); g.add(106, "ghi", 3, 0); g.add(100, "abc", 3, 0) }, "abcdefghi", 0},
		{"overlapping", func(g *gathered) { g.add(102, "cdef", 4, 0); g.add(100, "abc", 3, 0); g.add(104, "efgh", 4, 0) }, "abcdefgh", 0},
		{"cut by the capture", func(g *gathered) { g.add(100, "abc", 6, 0); g.add(106, "ghi", 3, 0) }, "abc\x00\x00\x00ghi", 3},
		{"cut, and sent again", func(g *gathered) { g.add(100, "ab", 2, 0); g.add(100, "abc", 6, 0) }, "abc\x00\x00\x00", 3},
		{"not seen", func(g *gathered) {
			g.add(100, "abc", 3, 0)
			g.add(106, "ghi", 3, ms)
			g.Acked(109, 2*ms)
			g.drain(2 * ms)
			g.drain(50 * ms)
		}, "abc\x00\x00\x00ghi", 3},
		{"seen after its acknowledgement", func(g *gathered) {
			g.Acked(103, ms)
			g.drain(ms)
			g.add(100, "abc", 3, 2*ms)
			g.drain(50 * ms)
		}, "abc", 0},
		{"the FIN is no byte", func(g *gathered) {
			g.add(100, "abc", 3, 0)
			g.End(103)
			g.Acked(104, ms)
			g.drain(time50)
		}, "abc", 0},
		{"a keep-alive", func(g *gathered) { g.add(100, "abc", 3, 0); g.add(102, "\x00", 1, 0); g.add(103, "d", 1, 0) }, "abcd", 0},
		{"the end not seen", func(g *gathered) { g.add(100, "abc", 3, 0); g.Acked(110, ms); g.drain(time50) }, "abc\x00\x00\x00\x00\x00\x00\x00", 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := gathered{Stream: new(Stream)}
			g.Begin(100)
			c.feed(&g)
			if string(g.bytes) != c.want || g.missing != c.missing {
				t.Errorf("%q and %d missing, want %q and %d", g.bytes, g.missing, c.want, c.missing)
			}
		})
	}
}

const time50 = flow.Time(50 * time.Millisecond)

// TestStreamOfAnyOrder sends a text in random pieces, in a random order within some
// way, some of them again, and across the wrap of the numbers.
func TestStreamOfAnyOrder(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		text := make([]byte, 20_000)
		for i := range text {
			text[i] = byte(random.Uint32()) | 1
		}
		first := flow.Seq(1<<32 - 5000)
		g := gathered{Stream: new(Stream)}
		g.Begin(first)
		type piece struct{ from, to int }
		var pieces []piece
		for at := 0; at < len(text); {
			to := min(len(text), at+1+random.IntN(1448))
			pieces = append(pieces, piece{at, to})
			if random.IntN(4) == 0 {
				pieces = append(pieces, piece{max(0, at-random.IntN(500)), to})
			}
			at = to
		}
		for i := range pieces {
			j := min(len(pieces)-1, i+random.IntN(5))
			pieces[i], pieces[j] = pieces[j], pieces[i]
		}
		for _, p := range pieces {
			g.Add(first.Add(p.from), text[p.from:p.to], p.to-p.from)
			g.drain(0)
		}
		if !bytes.Equal(g.bytes, text) || g.missing > 0 || g.held > 0 {
			t.Fatalf("seed %d: %d bytes of %d, %d missing, %d wait", seed, len(g.bytes), len(text), g.missing, g.held)
		}
	}
}

func TestStreamAllocatesNothing(t *testing.T) {
	var s Stream
	s.Begin(0)
	b, seq := make([]byte, 1448), flow.Seq(0)
	if n := testing.AllocsPerRun(1000, func() {
		s.Add(seq, b, len(b))
		seq = seq.Add(len(b))
		s.Acked(seq, 1)
		for ok := true; ok; {
			_, _, ok = s.Next(1)
		}
	}); n != 0 {
		t.Errorf("%.1f allocations", n)
	}
}

// FuzzStream is given anything, and gives each number at most once and in order.
func FuzzStream(f *testing.F) {
	f.Add([]byte{0, 5, 3, 1, 9, 200, 7})
	f.Fuzz(func(t *testing.T, script []byte) {
		g := gathered{Stream: new(Stream)}
		g.Begin(0)
		for i := 0; i+1 < len(script); i += 2 {
			seq, n := flow.Seq(script[i])*10, int(script[i+1])
			if n >= 200 {
				g.Acked(seq, flow.Time(i))
			} else {
				g.Add(seq, make([]byte, n/2), n)
			}
			g.drain(flow.Time(i) * time50)
			if len(g.bytes) != int(g.next) {
				t.Fatalf("%d bytes were given up to number %d", len(g.bytes), g.next)
			}
		}
	})
}
