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
