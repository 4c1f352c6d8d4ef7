package history_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flowlab/bench/traffic"
	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/diagnose/history"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// transfer is packets in order of time.
type transfer struct {
	link    capture.LinkType
	packets []capture.Packet
}

// writerTo makes a capture up.
type writerTo interface{ Write(w io.Writer) error }

// read reads all packets of a capture.
func read(t testing.TB, r *capture.Reader, err error) (all transfer) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		p.Data = bytes.Clone(p.Data)
		all.packets = append(all.packets, p)
	}
	all.link = r.Interfaces()[0].LinkType
	return all
}

// madeUp makes packets up. They are of microseconds, and are drawn out here, with
// silences.
func madeUp(t testing.TB, like writerTo, seed uint64) transfer {
	t.Helper()
	var file bytes.Buffer
	if err := like.Write(&file); err != nil {
		t.Fatal(err)
	}
	r, err := capture.NewReader(&file)
	all := read(t, r, err)
	random := rand.New(rand.NewPCG(seed, 0))
	start, was := all.packets[0].Time, all.packets[0].Time
	now, stretch := start, flow.Time(1+random.IntN(100))
	for i := range all.packets {
		p := &all.packets[i]
		now += (p.Time - was) * stretch
		if random.IntN(500) == 0 {
			now = now.Add(time.Duration(random.ExpFloat64() * float64(300*time.Millisecond)))
			stretch = flow.Time(1 + random.IntN(100))
		}
		was, p.Time = p.Time, now
	}
	return all
}

// recorded plays a scenario, and returns what passed both hosts.
func recorded(t testing.TB, name string) transfer {
	t.Helper()
	s, err := scenarios.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "capture.pcapng")
	file, err := capture.Create(path, play.Interfaces(&s.Knobs), capture.FileOptions{})
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
	r, err := capture.Open(path)
	all := read(t, r, err)
	r.Close()
	return all
}

// stretch has it last so long.
func (all *transfer) stretch(length time.Duration) {
	start := all.packets[0].Time
	by := length.Seconds() / all.packets[len(all.packets)-1].Time.Sub(start).Seconds()
	for i := range all.packets {
		p := &all.packets[i]
		p.Time = start + flow.Time(float64(p.Time-start)*by)
	}
}

// years is a silence.
const years = 3 * 365 * 24 * time.Hour

// fallSilent has a silence of years before one of the packets, and returns when it begins.
func (all *transfer) fallSilent(before int) flow.Time {
	for i := range all.packets[before:] {
		p := &all.packets[before+i]
		p.Time = p.Time.Add(years)
	}
	return all.packets[before-1].Time
}

// observe enters a packet. No timeline is kept, which has all of a silence.
func (all *transfer) observe(a *diagnose.Analysis, p capture.Packet) {
	if c := a.Observe(all.link, p).Connection; c != nil {
		for i := range c.Directions {
			c.Directions[i].Timeline = nil
		}
	}
}

// passed enters packets as [history.Past.Until] wants it, with a past of each connection,
// and ends the analysis.
func (all *transfer) passed(budget int, last bool) (*diagnose.Analysis, []*history.Past) {
	a := diagnose.New()
	var list []*history.Past
	for _, p := range all.packets {
		for _, past := range list {
			past.Until(p.Time, last)
		}
		all.observe(a, p)
		for len(list) < len(a.Connections()) {
			list = append(list, history.New(a.Connections()[len(list)], budget))
		}
	}
	end := all.packets[len(all.packets)-1].Time
	a.End(end)
	for _, past := range list {
		past.Step(end)
	}
	return a, list
}

// pasts enters packets, with a past of each connection, and ends the analysis.
func (all *transfer) pasts(budget int) (*diagnose.Analysis, []*history.Past) {
	return all.record(budget, func(*history.Past) {})
}

// record does so, and tells of each past that begins.
func (all *transfer) record(budget int, begun func(*history.Past)) (*diagnose.Analysis, []*history.Past) {
	a := diagnose.New()
	var list []*history.Past
	grid := all.packets[0].Time
	for _, p := range all.packets {
		for ; p.Time > grid; grid = grid.Add(history.Grid) {
			for _, past := range list {
				past.Step(grid)
			}
		}
		a.Observe(all.link, p)
		for len(list) < len(a.Connections()) {
			list = append(list, history.New(a.Connections()[len(list)], budget))
			begun(list[len(list)-1])
		}
	}
	for _, past := range list {
		past.Step(grid)
	}
	last := all.packets[len(all.packets)-1].Time
	a.End(last)
	for _, past := range list {
		past.Step(last)
	}
	return a, list
}

// until is an analysis of the packets up to t alone.
func (all *transfer) until(t flow.Time) *diagnose.Analysis {
	a := diagnose.New()
	for _, p := range all.packets {
		if p.Time > t {
			break
		}
		all.observe(a, p)
	}
	return a
}

// finished is an analysis of all packets, of which no past is recorded, and what it settled.
func (all *transfer) finished() (*diagnose.Analysis, map[int]*[2][]diagnose.Hold) {
	a, held := diagnose.New(), make(map[int]*[2][]diagnose.Hold)
	a.Settled = func(c *diagnose.Connection, from flow.Side, i flow.Interval, cause flow.Cause, by flow.HeldBy) {
		if held[c.Number] == nil {
			held[c.Number] = &[2][]diagnose.Hold{}
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

// gaugesOnly leaves out what an instant shows of verdicts, which is what is known later.
var gaugesOnly = cmp.Options{
	cmpopts.IgnoreFields(diagnose.DirectionView{}, "Limits", "Now", "Stalls", "Count", "History"),
	cmpopts.IgnoreUnexported(diagnose.Balance{}, diagnose.StreamLimit{}, h2flow.Messages{}),
	// Balances are looked at when a stall is long enough; where nothing lets time pass, that is at
	// the next packet.
	cmpopts.IgnoreFields(diagnose.Balance{}, "At", "Own", "Messages", "Connection", "Holders", "InFlight", "Room"),
	cmpopts.EquateEmpty(),
}

// inOrder has the streams in the order of their numbers.
func inOrder(v *diagnose.View) {
	if h := v.Layer.HTTP2; h != nil {
		slices.SortFunc(h.Streams, func(a, b diagnose.StreamView) int { return int(a.ID) - int(b.ID) })
	}
}

// transfers are what the properties are held to.
func transfers(t *testing.T) map[string]func(t *testing.T) transfer {
	list := make(map[string]func(t *testing.T) transfer)
	for seed := range uint64(6) {
		list[fmt.Sprintf("made-up TCP %d", seed)] = func(t *testing.T) transfer {
			return madeUp(t, traffic.Traffic{Packets: 3000, Connections: 4, Open: 4, Snap: 200}, seed)
		}
		list[fmt.Sprintf("made-up HTTP2 %d", seed)] = func(t *testing.T) transfer {
			return madeUp(t, traffic.HTTP2{Connections: 2, Streams: 30, Open: 1 + int(seed), Body: 40 << 10}, seed)
		}
	}
	if testing.Short() {
		return list
	}
	for _, name := range []string{"reader-stops", "lossy-path", "unread-stream-starves-siblings", "window-below-zero", "stream-limit-queues-calls"} {
		list[name] = func(t *testing.T) transfer { return recorded(t, name) }
	}
	return list
}

// sameGauges returns what a past shows of an instant, and fails the test unless its gauges are
// those of an analysis that is given the packets up to then and no more.
func (all *transfer) sameGauges(t *testing.T, past *history.Past, at flow.Time) diagnose.View {
	t.Helper()
	got, coarse := past.At(at, flow.Interval{}, 0)
	want, _ := all.until(at).Connections()[got.Number-1].Changed(at, true, nil)
	inOrder(&want)
	inOrder(&got)
	if d := cmp.Diff(want, got, gaugesOnly); d != "" || coarse {
		t.Fatalf("%v after the start, coarse %v (-fresh +past):\n%s", at.Sub(past.Span().Start), coarse, d)
	}
	return got
}

// TestGaugesAreThoseOfAFreshAnalysis holds what a past shows of an instant to an
// analysis that is given the packets up to then and no more.
func TestGaugesAreThoseOfAFreshAnalysis(t *testing.T) {
	for name, make := range transfers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := make(t)
			_, list := all.pasts(64 << 20)
			random := rand.New(rand.NewPCG(1, 2))
			for range 15 {
				past := list[random.IntN(len(list))]
				span := past.Span()
				at := span.Start.Add(time.Duration(random.Int64N(int64(span.Length()/history.Grid)+1)) * history.Grid)
				all.sameGauges(t, past, at)
			}
		})
	}
}

// TestVerdictsAreThoseOfTheFinishedAnalysis holds what a past says of who held a sender
// to an analysis of all packets of which no past is recorded.
func TestVerdictsAreThoseOfTheFinishedAnalysis(t *testing.T) {
	for name, make := range transfers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := make(t)
			_, list := all.pasts(64 << 20)
			a, held := all.finished()
			random := rand.New(rand.NewPCG(3, 4))
			for range 100 {
				past := list[random.IntN(len(list))]
				span := past.Span()
				at := span.Start.Add(time.Duration(random.Int64N(int64(span.Length()))))
				v, _ := past.At(at, flow.Interval{}, 0)
				c := a.Connections()[v.Number-1]
				for i := range v.Directions {
					sameVerdicts(t, &v.Directions[i], held[v.Number][i], &c.Directions[i].Stalls, at)
				}
			}
		})
	}
}

// sameVerdicts compares what a past shows of a time with all that was settled in the end.
func sameVerdicts(t *testing.T, d *diagnose.DirectionView, held []diagnose.Hold, stalls *diagnose.Stalls, at flow.Time) {
	t.Helper()
	var want flow.Limits
	var now diagnose.Hold
	for _, h := range held {
		want[h.Cause] += max(0, min(h.End, at).Sub(h.Start))
		if h.Start < at && at <= h.End {
			now = h
		}
	}
	if d.Limits != want {
		t.Errorf("at %d: the limits of the %v are %v, want %v", at, d.From, d.Limits, want)
	}
	if now.Length() > 0 && (d.Now.Cause != now.Cause || d.Now.HeldBy != now.HeldBy || d.Now.For < at.Sub(now.Start) || d.Now.Undecided != 0) {
		t.Errorf("at %d: the %v is held by %+v, want %v", at, d.From, d.Now, now)
	}
	count := 0
	for _, s := range stalls.Kept {
		if s.Start >= at {
			continue
		}
		if s.End = min(s.End, at); s.Length() < stalls.Least() {
			continue
		}
		count++
		if !slices.ContainsFunc(d.Stalls, func(g diagnose.Stall) bool {
			return g.Interval == s.Interval && g.Cause == s.Cause && g.HeldBy == s.HeldBy
		}) {
			t.Errorf("at %d: the %v's stall %v is not among %v", at, d.From, s, d.Stalls)
		}
	}
	if len(stalls.Kept) == stalls.Count && (count != len(d.Stalls) || count != d.Count) {
		t.Errorf("at %d: %d stalls of the %v, counted as %d, want %d", at, len(d.Stalls), d.From, d.Count, count)
	}
}
