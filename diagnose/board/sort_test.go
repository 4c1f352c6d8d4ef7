package board

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"flowlab/flow"
)

// compares are the orders as they are defined, row against row.
var compares = map[By]func(a, b *Row) int{
	ByStalled: func(a, b *Row) int { return cmp.Compare(b.Stalled(), a.Stalled()) },
	ByLongest: func(a, b *Row) int { return cmp.Compare(b.Longest(), a.Longest()) },
	ByHeld: func(a, b *Row) int {
		if a.State == Held && b.State == Held {
			return cmp.Compare(a.Sides[a.Worse()].Since, b.Sides[b.Worse()].Since)
		}
		return cmp.Compare(second(b.State == Held), second(a.State == Held))
	},
	ByBytes:  func(a, b *Row) int { return cmp.Compare(b.Bytes(), a.Bytes()) },
	ByStart:  func(a, b *Row) int { return cmp.Compare(b.Start, a.Start) },
	ByNumber: func(a, b *Row) int { return cmp.Compare(a.Number, b.Number) },
	ByClient: func(a, b *Row) int { return a.ID.Client.Compare(b.ID.Client) },
	ByServer: func(a, b *Row) int { return a.ID.Server.Compare(b.ID.Server) },
	ByCause: func(a, b *Row) int {
		cause := func(r *Row) int {
			if s := &r.Sides[r.Worse()]; s.Since != 0 {
				return int(s.Cause)
			}
			return flow.NumCauses
		}
		return cmp.Compare(cause(a), cause(b))
	},
	ByState:    func(a, b *Row) int { return cmp.Compare(a.State, b.State) },
	ByProtocol: func(a, b *Row) int { return cmp.Compare(a.Protocol, b.Protocol) },
}

// random is rows of which many are equal in something.
func random(rng *rand.Rand, n int) *Snapshot {
	s := &Snapshot{At: noon}
	ends := []string{"10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1", "[2001:db8::1]:1", "[2001:db8::1:1]:1", "[2001:db9::]:9"}
	for i := range n {
		r := Row{
			Number: 1 + 3*i, ID: flow.Conn{Client: end(ends[rng.IntN(len(ends))]), Server: end(ends[rng.IntN(len(ends))])},
			Start: noon - flow.Time(rng.IntN(4)), State: State(rng.IntN(4)), Protocol: Protocol(rng.IntN(3)),
		}
		for k := range r.Sides {
			r.Sides[k] = Side{
				Bytes: rng.Int64N(4), Cause: flow.Cause(rng.IntN(flow.NumCauses)), Since: noon - flow.Time(rng.IntN(4)),
				Held: rng.IntN(2) == 0, Stalled: time.Duration(rng.IntN(4)), Longest: time.Duration(rng.IntN(4)),
			}
			if rng.IntN(4) == 0 {
				r.Sides[k].Since = 0
			}
		}
		s.Rows = append(s.Rows, r)
	}
	return s
}

func TestSort(t *testing.T) {
	for by, want := range map[By][]int{
		ByStalled: {2, 1, 4, 3}, ByLongest: {1, 2, 4, 3}, ByHeld: {4, 1, 2, 3}, ByBytes: {1, 2, 3, 4},
		ByStart: {4, 2, 1, 3}, ByNumber: {1, 2, 3, 4}, ByClient: {1, 3, 4, 2}, ByServer: {1, 3, 4, 2},
		ByCause: {4, 1, 2, 3}, ByState: {1, 4, 2, 3}, ByProtocol: {2, 4, 3, 1},
	} {
		t.Run(by.String(), func(t *testing.T) {
			var sorter Sorter
			if got := numbers(sorter.Sort(some(), &Filter{}, by, false)); !slices.Equal(got, want) {
				t.Errorf("in the order %v, want %v", got, want)
			}
			if again, err := ParseBy(by.String()); err != nil || again != by {
				t.Errorf("its name is read as %v, error %v", again, err)
			}
			rng := rand.New(rand.NewPCG(1, uint64(by)))
			for range 20 {
				s := random(rng, 100)
				for _, reverse := range []bool{false, true} {
					var want []*Row
					for i := range s.Rows {
						want = append(want, &s.Rows[i])
					}
					slices.SortStableFunc(want, func(a, b *Row) int {
						if reverse {
							a, b = b, a
						}
						return compares[by](a, b)
					})
					if got := sorter.Sort(s, &Filter{}, by, reverse); !slices.Equal(got, want) {
						t.Fatalf("reverse %v: in the order %v, want %v", reverse, numbers(got), numbers(want))
					}
				}
			}
		})
	}
}

// TestAscending: of two rows the one that has less of everything comes first where it is said
// so, and last where it is not.
func TestAscending(t *testing.T) {
	less := Row{Number: 1, Start: 1, State: Held, Protocol: 0, ID: flow.Conn{Client: end("10.0.0.1:1"), Server: end("10.0.0.1:1")}}
	less.Sides[0] = Side{Bytes: 1, Cause: 1, Since: noon - 1, Held: true, Stalled: 1, Longest: 1}
	more := Row{Number: 2, Start: 2, State: Held + 1, Protocol: 1, ID: flow.Conn{Client: end("10.0.0.2:1"), Server: end("10.0.0.2:1")}}
	more.Sides[0] = Side{Bytes: 2, Cause: 2, Since: noon - 2, Held: true, Stalled: 2, Longest: 2}
	var sorter Sorter
	for by := range By(numBy) {
		s := &Snapshot{At: noon, Rows: []Row{less, more}}
		if by == ByHeld { // for how long
			s.Rows[1].State = Held
		}
		if first := sorter.Sort(s, &Filter{}, by, false)[0].Number; (first == 1) != by.Ascending() {
			t.Errorf("by %v number %d comes first, and ascending is %v", by, first, by.Ascending())
		}
	}
}

// BenchmarkSort sorts 10,000 rows, of which each quarter of a second others come first.
func BenchmarkSort(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	s := random(rng, 10_000)
	for i := range s.Rows {
		s.Rows[i].Sides[0].Stalled = time.Duration(rng.Int64())
	}
	var sorter Sorter
	b.ReportAllocs()
	for b.Loop() {
		sorter.Sort(s, &Filter{}, ByStalled, false)
	}
}
