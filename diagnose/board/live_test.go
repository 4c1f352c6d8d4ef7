package board_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flowlab/bench/traffic"
	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/history"
	"flowlab/diagnose/watch"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tlsrec"
)

// packets are those of a capture that is made up, in which there are silences and stalls.
func packets(t testing.TB, like interface{ Write(io.Writer) error }, seed uint64) (link capture.LinkType, list []capture.Packet) {
	t.Helper()
	var file bytes.Buffer
	if err := (traffic.DrawnOut{Of: like, Silence: time.Second, Every: 400, Seed: seed}).Write(&file); err != nil {
		t.Fatal(err)
	}
	pipe, err := watch.NewPipe(&file, tlsrec.NewKeys())
	if err != nil {
		t.Fatal(err)
	}
	for {
		p, err := pipe.Next(time.Minute)
		if errors.Is(err, io.EOF) {
			return pipe.Interfaces()[0].LinkType, list
		}
		if err != nil {
			t.Fatal(err)
		}
		p.Data = bytes.Clone(p.Data)
		list = append(list, p)
	}
}

func captures() map[string]interface{ Write(io.Writer) error } {
	list := map[string]interface{ Write(io.Writer) error }{}
	for open := range 3 {
		list[fmt.Sprintf("TCP %d", open)] = traffic.Traffic{Packets: 8000, Connections: 30, Open: 6 + open, Snap: 200}
		list[fmt.Sprintf("HTTP2 %d", open)] = traffic.HTTP2{Connections: 3, Streams: 90, Open: 2 + open, Body: 40 << 10}
	}
	return list
}

func eth0(int) string { return "eth0" }

// watched has an analysis of packets looked at every so often, as they come.
func watched(l *board.Live, link capture.LinkType, list []capture.Packet, every, minStall time.Duration, looked func(a *diagnose.Analysis, now flow.Time)) *diagnose.Analysis {
	a := diagnose.NewEndless(1000, func(v *diagnose.View) { l.Ended(v.Number) })
	a.MinStall = minStall
	next := list[0].Time.Add(every)
	for _, p := range list {
		for ; p.Time >= next; next = next.Add(every) {
			a.Advance(next)
			l.Look(a, next, board.Source{Packets: a.Packets}, eth0)
			looked(a, next)
			a.Sweep(next)
		}
		l.Until(p.Time)
		a.Observe(link, p)
	}
	return a
}

// TestRowsAreWhatViewsSay holds rows, most of which are not made anew, to views.
func TestRowsAreWhatViewsSay(t *testing.T) {
	for name, like := range captures() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			link, list := packets(t, like, 1)
			minStall := time.Duration(0)
			if strings.HasPrefix(name, "TCP") {
				minStall = 2500 * time.Millisecond // longer than what was heard last takes to be settled
			}
			l, held := board.NewLive(), 0
			watched(l, link, list, 90*time.Millisecond, minStall, func(a *diagnose.Analysis, now flow.Time) {
				rows := l.Snapshot().Rows
				if len(rows) != len(a.Connections()) {
					t.Fatalf("%d rows of %d connections", len(rows), len(a.Connections()))
				}
				for i, c := range a.Connections() {
					v := c.View(now, flow.Interval{}, 0)
					same(t, &rows[i], &v, now)
					if rows[i].State == board.Held {
						held++
					}
				}
			})
			if held == 0 {
				t.Error("nothing was held")
			}
		})
	}
}

// same compares a row with a view of the same instant.
func same(t *testing.T, r *board.Row, v *diagnose.View, now flow.Time) {
	t.Helper()
	if r.Number != v.Number || r.ID != v.ID || r.Start != v.Start || r.End != v.End || r.Interface != "eth0" {
		t.Fatalf("row %+v is not that of %+v", r, v)
	}
	if got, want := r.Protocol == board.HTTP2, v.Layer.HTTP2 != nil; got != want {
		t.Errorf("connection %d: protocol %v, HTTP/2 %v", r.Number, r.Protocol, want)
	}
	held := false
	for i := range r.Sides {
		s, d := &r.Sides[i], &v.Directions[i]
		if s.Bytes != d.Bytes || s.Stalls != d.Count {
			t.Errorf("connection %d: %d bytes and %d stalls of the %v, want %d and %d", r.Number, s.Bytes, s.Stalls, d.From, d.Bytes, d.Count)
		}
		if s.Since == 0 {
			continue
		}
		if s.Shut && d.Window != 0 || !s.Shut && d.Window == 0 && d.MaxWindow > 0 {
			t.Errorf("connection %d: the window for the %v is shut: %v, and has %d bytes", r.Number, d.From, s.Shut, d.Window)
		}
		if s.Cause != d.Now.Cause || s.HeldBy != d.Now.HeldBy || s.For(now) < d.Now.For {
			t.Errorf("connection %d at %d: the %v is held by %v (%v) for %v, want %+v", r.Number, now, d.From, s.Cause, s.HeldBy, s.For(now), d.Now)
		}
		held = held || s.Held
		var sum, longest time.Duration
		for _, stall := range d.Stalls {
			sum += stall.Length()
			longest = max(longest, stall.Length())
		}
		if d.Count == len(d.Stalls) && (s.Stalled != sum || s.Longest != longest) {
			t.Errorf("connection %d: stalls of %v, the longest %v, want %v and %v", r.Number, s.Stalled, s.Longest, sum, longest)
		}
	}
	if r.State != board.Closed && (r.State == board.Held) != held {
		t.Errorf("connection %d is %v, and a stall is under way: %v", r.Number, r.State, held)
	}
}

// TestPastRowsAreThoseThatWere holds the rows of earlier instants to what was shown then.
func TestPastRowsAreThoseThatWere(t *testing.T) {
	for name, like := range captures() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			link, list := packets(t, like, 2)
			l := board.NewLive()
			var were []*board.Snapshot
			watched(l, link, list, time.Second/4, 0, func(*diagnose.Analysis, flow.Time) {
				if s := l.Snapshot(); len(were) == 0 || s.At.Sub(were[len(were)-1].At) >= time.Second {
					were = append(were, s)
				}
			})
			if len(were) < 5 {
				t.Fatalf("only %d seconds", len(were))
			}
			for range 200 {
				i := rand.IntN(len(were) - 1)
				at := were[i].At.Add(time.Duration(rand.Int64N(int64(time.Second))))
				got := l.At(at)
				if d := cmp.Diff(were[i].Rows, got.Rows); d != "" || got.At != at || got.Live || got.Source != were[i].Source {
					t.Fatalf("%v after the first (-was +is):\n%s", at.Sub(were[0].At), d)
				}
			}
			marks, span := l.Marks(), l.Span()
			if len(marks) == 0 || !slices.IsSorted(marks) || span.Start != were[0].At {
				t.Errorf("%d marks, span %v", len(marks), span)
			}
		})
	}
}

// gaugesOnly leaves out what an instant shows of verdicts, and of what was when the past began.
var gaugesOnly = cmp.Options{
	cmpopts.IgnoreFields(diagnose.DirectionView{}, "Limits", "Now", "Stalls", "Count", "History"),
	cmpopts.IgnoreFields(diagnose.HalfView{}, "Limits", "Now", "Stalls"),
	cmpopts.IgnoreFields(diagnose.HTTPView{}, "Balances"),
	cmpopts.IgnoreUnexported(diagnose.StreamLimit{}, h2flow.Messages{}),
	cmpopts.EquateEmpty(),
}

// TestChosenGoesBack holds the past of a connection that is chosen to fresh analyses.
func TestChosenGoesBack(t *testing.T) {
	link, list := packets(t, traffic.HTTP2{Connections: 2, Streams: 60, Open: 4, Body: 40 << 10}, 3)
	l := board.NewLive()
	l.Choose(2)
	looks := 0
	watched(l, link, list, time.Second/4, 0, func(*diagnose.Analysis, flow.Time) { looks++ })
	end := l.Snapshot()
	if end.Chosen == nil || end.Chosen.Number != 2 || len(end.Chosen.Directions[0].History) == 0 {
		t.Fatalf("after %d looks %+v is chosen", looks, end.Chosen)
	}
	start := history.Ceil(list[0].Time)
	random := rand.New(rand.NewPCG(4, 5))
	shown := 0
	for range 40 {
		steps := random.Int64N(int64(end.At.Sub(start) / history.Grid))
		at := start.Add(time.Duration(steps) * history.Grid)
		got := l.At(at).Chosen
		if got == nil {
			continue // it was not looked at by then
		}
		shown++
		fresh := diagnose.New()
		for _, p := range list {
			if p.Time <= at {
				fresh.Observe(link, p)
			}
		}
		want, _ := fresh.Connections()[1].Changed(at, true, nil)
		for _, v := range []*diagnose.View{&want, got} {
			slices.SortFunc(v.Layer.HTTP2.Streams, func(a, b diagnose.StreamView) int { return int(a.ID) - int(b.ID) })
		}
		if d := cmp.Diff(want, *got, gaugesOnly); d != "" {
			t.Fatalf("%v after the first packet (-fresh +shown):\n%s", at.Sub(start), d)
		}
	}
	if shown < 10 {
		t.Errorf("it is shown at %d instants of 40", shown)
	}
	l.Choose(0)
	if s := l.Snapshot(); s.Chosen != nil {
		t.Errorf("connection %d is shown, and none is chosen", s.Chosen.Number)
	}
}
