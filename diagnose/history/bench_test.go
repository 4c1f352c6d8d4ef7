package history_test

import (
	"bytes"
	"testing"
	"time"

	"flowlab/bench/traffic"
	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/diagnose/history"
	"flowlab/flow"
)

// tenMinutes makes up one connection that lasts ten minutes.
func tenMinutes(b *testing.B, like writerTo) transfer {
	b.Helper()
	var file bytes.Buffer
	if err := like.Write(&file); err != nil {
		b.Fatal(err)
	}
	r, err := capture.NewReader(&file)
	all := read(b, r, err)
	all.stretch(10 * time.Minute)
	return all
}

var histories = []struct {
	name string
	like writerTo
}{
	{"TCP", traffic.Traffic{Packets: 300_000, Connections: 1, Open: 1, Snap: 96}},
	{"HTTP2", traffic.HTTP2{Connections: 1, Streams: 2000, Open: 20, Body: 128 << 10}},
}

// BenchmarkStep records ten minutes in which packets pass at most steps. An operation is one step.
func BenchmarkStep(b *testing.B) {
	for _, h := range histories {
		b.Run(h.name, func(b *testing.B) {
			all := tenMinutes(b, h.like)
			b.ReportAllocs()
			b.ResetTimer()
			var steps, kept int
			for steps < b.N {
				b.StopTimer()
				a := diagnose.New()
				a.Observe(all.link, all.packets[0])
				past := history.New(a.Connections()[0], 1<<30)
				grid := all.packets[0].Time
				for _, p := range all.packets[1:] {
					for ; p.Time > grid && steps < b.N; grid = grid.Add(history.Grid) {
						b.StartTimer()
						past.Step(grid)
						b.StopTimer()
						steps++
					}
					if steps == b.N {
						break
					}
					a.Observe(all.link, p)
				}
				kept += past.Bytes()
			}
			b.ReportMetric(float64(kept)/float64(steps), "kept-B/step")
		})
	}
}

// BenchmarkAt shows instants of ten minutes, with a chart of all of them, and with one of
// ten seconds.
func BenchmarkAt(b *testing.B) {
	for _, h := range histories {
		all := tenMinutes(b, h.like)
		_, list := all.pasts(128 << 20)
		whole := list[0].Span()
		for name, length := range map[string]time.Duration{"10min": 10 * time.Minute, "10s": 10 * time.Second} {
			b.Run(h.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for i := range b.N {
					at := whole.Start.Add(time.Duration(int64(i) * 7_919_000_000 % int64(whole.Length())))
					span := flow.Interval{Start: at.Add(-length), End: at}
					if length == 10*time.Minute {
						span = whole
					}
					list[0].At(at, span, 200)
				}
				b.ReportMetric(float64(list[0].Bytes())/1e6, "kept-MB")
			})
		}
	}
}
