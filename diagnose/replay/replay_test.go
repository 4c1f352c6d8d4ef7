package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flowlab/bench/traffic"
	"flowlab/capture"
	"flowlab/capture/live"
	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/history"
	"flowlab/diagnose/survey"
	"flowlab/diagnose/watch"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// transfer is packets in order of time, and the file that has them.
type transfer struct {
	path       string
	interfaces []capture.Interface
	link       capture.LinkType
	packets    []capture.Packet
}

// drawnOut makes a capture up, in which there are silences and stalls.
func drawnOut(t testing.TB, like interface{ Write(io.Writer) error }, seed uint64) (all transfer) {
	t.Helper()
	return written(t, traffic.DrawnOut{Of: like, Silence: 700 * time.Millisecond, Every: 200, Seed: seed})
}

// years is a silence.
const years = 3 * 365 * 24 * time.Hour

func written(t testing.TB, d traffic.DrawnOut) (all transfer) {
	t.Helper()
	if d.Seed%2 == 1 {
		d.Round = time.Millisecond // some come at an instant of the grid
	}
	var made bytes.Buffer
	if err := d.Write(&made); err != nil {
		t.Fatal(err)
	}
	all.path = filepath.Join(t.TempDir(), "drawn-out.pcap")
	if err := os.WriteFile(all.path, made.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	all.read(t)
	return all
}

// read reads all packets.
func (all *transfer) read(t testing.TB) {
	t.Helper()
	r, err := capture.Open(all.path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for err == nil {
		var p capture.Packet
		if p, err = r.Next(); err == nil {
			p.Data = bytes.Clone(p.Data)
			all.packets = append(all.packets, p)
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	all.interfaces = r.Interfaces()
	all.link = all.interfaces[0].LinkType
}

// recorded plays a scenario, and records what passes both hosts.
func recorded(t testing.TB, name string) (all transfer) {
	t.Helper()
	s, err := scenarios.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	all.path = filepath.Join(t.TempDir(), "recorded.pcapng")
	file, err := capture.Create(all.path, play.Interfaces(&s.Knobs), capture.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := play.Start(t.Context(), s, play.Options{Seed: 1, Record: file})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	all.read(t)
	return all
}

func transfers() map[string]func(t *testing.T) transfer {
	list := map[string]func(t *testing.T) transfer{}
	for seed := range uint64(4) {
		list[fmt.Sprintf("TCP %d", seed)] = func(t *testing.T) transfer {
			return drawnOut(t, traffic.Traffic{Packets: 6000, Connections: 20, Open: 3 + int(seed), Snap: 200}, seed)
		}
		list[fmt.Sprintf("HTTP2 %d", seed)] = func(t *testing.T) transfer {
			return drawnOut(t, traffic.HTTP2{Connections: 3, Streams: 40, Open: 1 + int(seed), Body: 40 << 10}, seed)
		}
	}
	list["TCP, years"] = func(t *testing.T) transfer {
		return written(t, traffic.DrawnOut{Of: traffic.Traffic{Packets: 6000, Connections: 20, Open: 6, Snap: 200}, Silence: 700 * time.Millisecond, Every: 200, Once: years})
	}
	list["HTTP2, years"] = func(t *testing.T) transfer {
		return written(t, traffic.DrawnOut{Of: traffic.HTTP2{Connections: 3, Streams: 40, Open: 3, Body: 40 << 10}, Silence: 700 * time.Millisecond, Every: 200, Once: years})
	}
	if testing.Short() {
		return list
	}
	for _, name := range []string{"reader-stops", "unread-stream-starves-siblings", "stream-limit-queues-calls"} {
		list[name] = func(t *testing.T) transfer { return recorded(t, name) }
	}
	return list
}

func opened(t testing.TB, all transfer, limit int64) *Replay {
	t.Helper()
	r, err := open(t.Context(), survey.Survey{Files: []string{all.path}, Workers: 2}, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// observe enters a packet. No timeline is kept, which has all of a silence.
func (all *transfer) observe(a *diagnose.Analysis, p capture.Packet) {
	if c := a.Observe(all.link, p).Connection; c != nil {
		for i := range c.Directions {
			c.Directions[i].Timeline = nil
		}
	}
}

// finished is an analysis of all packets, and what it settled.
func (all *transfer) finished() (*diagnose.Analysis, map[int]*[2][]diagnose.Hold) {
	a, held := diagnose.New(), make(map[int]*[2][]diagnose.Hold)
	a.Settled = func(c *diagnose.Connection, from flow.Side, i flow.Interval, cause flow.Cause, by flow.HeldBy) {
		if held[c.Number] == nil {
			held[c.Number] = new([2][]diagnose.Hold)
		}
		list := &held[c.Number][from]
		*list = append(*list, diagnose.Hold{Interval: i, Cause: cause, HeldBy: by})
	}
	for _, p := range all.packets {
		all.observe(a, p)
	}
	a.End(all.packets[len(all.packets)-1].Time)
	return a, held
}

// until is an analysis of the packets up to an instant.
func (all *transfer) until(t flow.Time) *diagnose.Analysis {
	a := diagnose.New()
	for _, p := range all.packets {
		if p.Time <= t {
			all.observe(a, p)
		}
	}
	return a
}

// TestRowsAreExact holds the rows of any instant to an analysis of the packets up to then,
// and to one of all packets.
func TestRowsAreExact(t *testing.T) {
	for name, of := range transfers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := of(t)
			r := opened(t, all, all256)
			a, held := all.finished()
			span := r.Span()
			states := map[board.State]int{}
			for i := range 60 {
				at := span.Start.Add(time.Duration(rand.Int64N(int64(span.Length()))))
				switch list := held[1+rand.IntN(len(held))]; {
				case i == 0:
					at = span.End
				case i%3 == 0 && len(list[1]) > 0: // just when something else holds a sender
					at = min(max(list[1][rand.IntN(len(list[1]))].Start, span.Start), span.End)
				}
				s := r.At(at)
				grid := at - at%flow.Time(history.Grid)
				if at == span.End {
					grid = at
				}
				fresh := all.until(grid)
				if s.At != at || s.Coarse || s.LeftOut != 0 || len(s.Rows) != len(fresh.Connections()) || s.Source.Connections != len(s.Rows) {
					t.Fatalf("%+v shows %d rows, want %d", s.Source, len(s.Rows), len(fresh.Connections()))
				}
				if s.Source.Packets != fresh.Packets || s.Source.Bytes != fresh.Bytes || s.Source.Last != fresh.Last {
					t.Errorf("%+v, want %d packets with %d bytes, the last at %d", s.Source, fresh.Packets, fresh.Bytes, fresh.Last)
				}
				for k := range s.Rows {
					row, now := &s.Rows[k], fresh.Connections()[k]
					states[row.State]++
					if row.Number != now.Number || row.ID != now.ID || row.Start != now.Start || row.End != now.End ||
						row.Sides[0].Bytes != now.Directions[0].Account.Bytes || row.Sides[1].Bytes != now.Directions[1].Account.Bytes ||
						(row.State == board.Closed) != fresh.Closed(now) {
						t.Fatalf("at %d: %+v is not as an analysis of the packets up to then says (closed: %v)", at, row, fresh.Closed(now))
					}
					for side := range row.Sides {
						d := &a.Connections()[k].Directions[side]
						sameVerdicts(t, row, side, held[row.Number][side], &d.Stalls, at)
					}
				}
			}
			for _, state := range []board.State{board.Held, board.Flowing} {
				if states[state] == 0 {
					t.Errorf("no connection was ever %v", state)
				}
			}
		})
	}
}

const all256 = 256 << 20

func sameVerdicts(t *testing.T, row *board.Row, side int, held []diagnose.Hold, stalls *diagnose.Stalls, at flow.Time) {
	t.Helper()
	s := &row.Sides[side]
	var want board.Side
	under := flow.Application // the cause of the stall that is under way; a short time of another does not end it
	for _, stall := range stalls.Kept {
		if stall.Start >= at {
			continue
		}
		length := min(stall.End, at).Sub(stall.Start)
		if length < stalls.Least() {
			continue
		}
		if stall.End >= at {
			under = stall.Cause
		}
		want.Stalls++
		want.Stalled += length
		want.Longest = max(want.Longest, length)
	}
	if s.Stalls != want.Stalls || s.Stalled != want.Stalled || s.Longest != want.Longest {
		t.Errorf("connection %d at %d: %d stalls of %v, the longest %v, want %+v", row.Number, at, s.Stalls, s.Stalled, s.Longest, want)
	}
	for _, h := range held {
		if h.Start >= at || h.End < at || row.State == board.Closed {
			continue
		}
		if s.Cause != h.Cause || s.HeldBy != h.HeldBy || s.Since == 0 || s.Since > h.Start {
			t.Errorf("connection %d at %d: held by %v (%v) since %d, want %+v", row.Number, at, s.Cause, s.HeldBy, s.Since, h)
		}
		if (under == s.Cause && under != flow.Application) != s.Held {
			t.Errorf("connection %d at %d: held by %v: %v, and a stall by %v is under way", row.Number, at, s.Cause, s.Held, under)
		}
	}
}

// gaugesOnly leaves out what an instant shows of verdicts, which is what is known later.
var gaugesOnly = cmp.Options{
	cmpopts.IgnoreFields(diagnose.DirectionView{}, "Limits", "Now", "Stalls", "Count", "History"),
	cmpopts.IgnoreUnexported(diagnose.Balance{}, diagnose.StreamLimit{}, h2flow.Messages{}),
	cmpopts.IgnoreFields(diagnose.Balance{}, "At", "Own", "Messages", "Connection", "Holders", "InFlight", "Room"),
	cmpopts.EquateEmpty(),
}

// inOrder has the streams in the order of their numbers.
func inOrder(v *diagnose.View) {
	if h := v.Layer.HTTP2; h != nil {
		slices.SortFunc(h.Streams, func(a, b diagnose.StreamView) int { return int(a.ID) - int(b.ID) })
	}
}

// TestChosenIsExact holds all there is of a connection at any instant to an analysis of
// the packets up to then, and its verdicts to its row.
func TestChosenIsExact(t *testing.T) {
	for name, of := range transfers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := of(t)
			r := opened(t, all, all256)
			rows := r.Snapshot().Rows
			for range 3 {
				number := 1 + rand.IntN(len(rows))
				r.Choose(number)
				r.mu.Lock()
				c := r.chosen
				r.mu.Unlock()
				<-c.done
				if _, _, done, err := r.Reading(); err != nil || !done {
					t.Fatalf("done %v, %v", done, err)
				}
				start, end := rows[number-1].Start.Add(history.Grid), rows[number-1].End
				for range 10 {
					at := start.Add(time.Duration(rand.Int64N(max(1, int64(end.Sub(start))))))
					at -= at % flow.Time(history.Grid)
					s := r.At(at)
					if s.Chosen == nil || s.Chosen.Number != number || s.Coarse {
						t.Fatalf("at %d of %d connection %d is not shown", at, end, number)
					}
					want, _ := all.until(at).Connections()[number-1].Changed(at, true, nil)
					inOrder(&want)
					inOrder(s.Chosen)
					if d := cmp.Diff(want, *s.Chosen, gaugesOnly); d != "" {
						t.Fatalf("connection %d, %v after its start (-fresh +shown):\n%s", number, at.Sub(start), d)
					}
					for i, d := range s.Chosen.Directions {
						if side := s.Rows[number-1].Sides[i]; side.Stalls != d.Count || side.Since != 0 && d.Now.For > 0 && (side.Cause != d.Now.Cause || side.HeldBy != d.Now.HeldBy) {
							t.Errorf("the row has %+v, all there is %+v and %d stalls", side, d.Now, d.Count)
						}
					}
				}
				if len(r.Marks()) != 0 != (rows[number-1].Stalls() != 0) {
					t.Errorf("%d marks of %d stalls", len(r.Marks()), rows[number-1].Stalls())
				}
			}
		})
	}
}

// TestClosingEndsReading closes while a connection is read in which a packet comes every other
// second: fewer than are read at a time, with hundreds of instants each.
func TestClosingEndsReading(t *testing.T) {
	r := opened(t, written(t, traffic.DrawnOut{
		Of: traffic.Traffic{Packets: 4000, Connections: 1, Open: 1, Snap: 200}, Silence: 2 * time.Second, Every: 1,
	}), all256)
	r.Choose(1)
	c := r.chosen
	for c.pastSoFar() == nil {
		time.Sleep(time.Millisecond)
	}
	r.Close()
	if end := c.pastSoFar().Span().End; c.whole.Load() || end == r.Span().End {
		t.Errorf("closing waits until all of %v is read", r.Span().Length())
	}
}

// TestWatchAgrees holds the end of a replay to what a screen is shown of the same packets
// when they come live.
func TestWatchAgrees(t *testing.T) {
	for name, of := range transfers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := of(t)
			r := opened(t, all, all256)
			l := board.NewLive()
			w := watch.Watch{Source: &given{transfer: &all}, Most: 1000, Board: l}
			if _, err := w.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
			ours, theirs := r.Snapshot(), l.Snapshot()
			if ours.At != theirs.At || ours.Source.Packets != theirs.Source.Packets || ours.Source.Bytes != theirs.Source.Bytes || ours.Source.Connections != theirs.Source.Connections {
				t.Errorf("a replay ends with %+v, a watch with %+v", ours.Source, theirs.Source)
			}
			if len(theirs.Rows) == 0 {
				t.Fatal("nothing to compare")
			}
			for _, row := range theirs.Rows {
				own := ours.Rows[row.Number-1]
				if own.ID != row.ID || own.Start != row.Start || own.Protocol != row.Protocol || own.End != row.End || own.Sides[0].Bytes != row.Sides[0].Bytes || own.Sides[1].Bytes != row.Sides[1].Bytes || (own.State == board.Closed) != (row.State == board.Closed) {
					t.Errorf("a replay ends with %+v, a watch with %+v", own, row)
				}
				for i := range own.Sides {
					if own.Sides[i].Since == 0 && row.Sides[i].Since != 0 {
						t.Errorf("at the end of a replay nothing holds the %v, at that of a watch %v", flow.Side(i), row.Sides[i].Cause)
					}
				}
			}
		})
	}
}

// given is a source of packets that are there.
type given struct {
	*transfer
	at int
}

func (g *given) Interfaces() []capture.Interface { return g.interfaces }
func (g *given) Stop()                           {}
func (g *given) Stats() (live.Stats, error)      { return live.Stats{}, nil }

func (g *given) Next(time.Duration) (capture.Packet, error) {
	if g.at == len(g.packets) {
		return capture.Packet{}, io.EOF
	}
	g.at++
	return g.packets[g.at-1], nil
}

// TestLeavesOutWhatIsNoRoomFor holds the numbers of those that are kept to those with room
// for all.
func TestLeavesOutWhatIsNoRoomFor(t *testing.T) {
	all := drawnOut(t, traffic.Traffic{Packets: 6000, Connections: 40, Open: 8, Snap: 200}, 7)
	whole, part := opened(t, all, all256).Snapshot(), opened(t, all, 40_000).Snapshot()
	if part.LeftOut == 0 || part.LeftOut+len(part.Rows) != len(whole.Rows) || part.Source != whole.Source {
		t.Fatalf("%d rows and %d left out of %d, %+v and %+v", len(part.Rows), part.LeftOut, len(whole.Rows), part.Source, whole.Source)
	}
	for i := range part.Rows {
		row := &part.Rows[i]
		if want := &whole.Rows[row.Number-1]; row.ID != want.ID || row.Start != want.Start {
			t.Errorf("%+v has the number of %+v", row, want)
		}
	}
}

// TestRowsOfThoseThatStalledStay holds which rows are left when there are too many.
func TestRowsOfThoseThatStalledStay(t *testing.T) {
	all := drawnOut(t, traffic.Traffic{Packets: 6000, Connections: 40, Open: 8, Snap: 200}, 8)
	whole, r := opened(t, all, all256).Snapshot(), opened(t, all, all256)
	less(r.tracks, 10)
	part := r.Snapshot()
	if part.LeftOut == 0 || part.LeftOut+len(part.Rows) != len(whole.Rows) || part.Source != whole.Source {
		t.Fatalf("%d rows and %d left out of %d", len(part.Rows), part.LeftOut, len(whole.Rows))
	}
	least := time.Duration(math.MaxInt64)
	for i := range part.Rows {
		if row := &part.Rows[i]; row.State == board.Closed {
			least = min(least, row.Sides[0].Stalled+row.Sides[1].Stalled)
		}
	}
	for _, row := range whole.Rows {
		sum := row.Sides[0].Stalled + row.Sides[1].Stalled
		if !slices.ContainsFunc(part.Rows, func(p board.Row) bool { return p.Number == row.Number }) && (row.State != board.Closed || sum > least) {
			t.Errorf("%+v is left out, and one with stalls of %v is not", row, least)
		}
	}
}

func TestPlayer(t *testing.T) {
	clock := time.Unix(1000, 0)
	p := Player{From: 5e9, Since: clock, Speed: 2}
	if at := p.At(clock.Add(3 * time.Second)); at != 11e9 {
		t.Errorf("after 3 s at twice the speed it shows %d", at)
	}
	q := Player{From: p.At(clock.Add(time.Second)), Since: clock.Add(time.Second), Speed: 0.1}
	if at := q.At(clock.Add(11 * time.Second)); at != 8e9 {
		t.Errorf("after 10 s more at a tenth it shows %d", at)
	}
	for _, c := range []struct {
		speed float64
		steps int
		want  float64
	}{{1, 1, 2}, {1, -1, 0.5}, {100, 1, 100}, {0.1, -3, 0.1}, {3, 1, 5}, {50, -20, 0.1}} {
		if got := Step(c.speed, c.steps); got != c.want {
			t.Errorf("%d steps from %g are %g, want %g", c.steps, c.speed, got, c.want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(t.Context(), survey.Survey{Files: []string{"-"}}); err == nil {
		t.Error("standard input is taken")
	}
	if _, err := Open(t.Context(), survey.Survey{Files: []string{filepath.Join(t.TempDir(), "none.pcap")}}); err == nil {
		t.Error("a file that is not there is taken")
	}
}
