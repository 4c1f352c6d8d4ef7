package replay

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"flowlab/bench/traffic"
	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
)

// busy is a capture of 2.5 million packets of 5,000 connections.
func busy(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "busy.pcap")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	if err := (traffic.Traffic{Packets: 2_500_000, Connections: 5000, Open: 500, Snap: 80}).Write(file); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkOpen is what the first reading of 2.5 million packets of 5,000 connections costs,
// next to an analysis of the same files that keeps nothing.
func BenchmarkOpen(b *testing.B) {
	s := survey.Survey{Files: []string{busy(b)}}
	b.Run("replay", func(b *testing.B) {
		for b.Loop() {
			r, err := Open(b.Context(), s)
			if err != nil {
				b.Fatal(err)
			}
			size := 0
			for _, t := range r.tracks {
				size += t.size()
			}
			b.ReportMetric(float64(size)/(1<<20), "MiB-kept")
			b.ReportMetric(float64(len(r.tracks)), "connections")
		}
	})
	b.Run("survey", func(b *testing.B) {
		s := s
		s.Receive = func(*survey.Source, *diagnose.View) {}
		for b.Loop() {
			if _, err := s.Run(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkAt is what the snapshot of an instant costs, where each is 33 ms after the one
// before, as when it is played, and where each is far from it.
func BenchmarkAt(b *testing.B) {
	r, err := Open(b.Context(), survey.Survey{Files: []string{busy(b)}})
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	span := r.Span()
	for _, c := range []struct {
		name string
		by   time.Duration
	}{{"playing", 33 * time.Millisecond}, {"jumping", span.Length() * 7 / 11}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			at, rows, n := span.Start.Add(span.Length()/2), 0, 0
			for b.Loop() {
				at = span.Start + (at-span.Start+flow.Time(c.by))%flow.Time(span.Length())
				rows += len(r.At(at).Rows)
				n++
			}
			b.ReportMetric(float64(rows)/float64(n), "rows")
		})
	}
	b.Run("chosen", func(b *testing.B) {
		for b.Loop() {
			r.Choose(0)
			r.Choose(2500)
			r.mu.Lock()
			c := r.chosen
			r.mu.Unlock()
			<-c.done
		}
	})
}
