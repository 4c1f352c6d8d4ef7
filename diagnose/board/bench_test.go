package board_test

import (
	"testing"
	"time"

	"flowlab/bench/traffic"
	"flowlab/diagnose"
	"flowlab/diagnose/board"
)

// BenchmarkLook is what a look at 10,000 connections costs, a quarter of a second after the
// one before: where all have had packets, or none, and where all are held.
func BenchmarkLook(b *testing.B) {
	link, list := packets(b, traffic.Traffic{Packets: 400_000, Connections: 10_000, Open: 10_000, Snap: 96}, 1)
	for _, c := range []struct {
		name  string
		after time.Duration
	}{{"flowing", 0}, {"silent", 5 * time.Minute}} {
		b.Run(c.name, func(b *testing.B) {
			a := diagnose.NewEndless(20_000, func(*diagnose.View) {})
			for _, p := range list {
				a.Observe(link, p)
			}
			now := list[len(list)-1].Time.Add(c.after)
			a.Advance(now)
			l := board.NewLive()
			held := 0
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(250 * time.Millisecond)
				if c.after == 0 {
					b.StopTimer()
					l = board.NewLive() // all are new to it
					b.StartTimer()
				}
				l.Look(a, now, board.Source{}, eth0)
			}
			s := l.Snapshot()
			for i := range s.Rows {
				if s.Rows[i].State == board.Held {
					held++
				}
			}
			b.ReportMetric(float64(len(s.Rows)), "rows")
			b.ReportMetric(float64(held), "held")
		})
	}
}

// BenchmarkUntil is what a second of the pasts of connections costs that are recorded, where
// nothing comes, per connection.
func BenchmarkUntil(b *testing.B) {
	link, list := packets(b, traffic.HTTP2{Connections: 3, Streams: 60, Open: 20, Body: 40 << 10}, 1)
	a := diagnose.NewEndless(1000, func(*diagnose.View) {})
	for _, p := range list[:len(list)/2] {
		a.Observe(link, p)
	}
	now := list[len(list)/2].Time
	l := board.NewLive()
	l.Choose(1)
	l.Look(a, now, board.Source{}, eth0)
	l.Until(now)
	for b.Loop() {
		now = now.Add(time.Second)
		l.Until(now)
	}
}
