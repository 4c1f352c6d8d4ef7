package play

import (
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"flowlab/diagnose"
	"flowlab/scenarios"
)

// volume is what one transfer of the benchmark moves, in bytes.
const volume = 128 << 20

// BenchmarkPipeline compares a bulk transfer that is captured and analysed with
// the same two hosts on the same wire without a tap. An operation is one
// transfer of each kind, in turn; "analysed/bare" is the median of the ratios of
// their throughput.
//
//	go test ./scenarios/play -run '^$' -bench Pipeline -benchtime 20x
func BenchmarkPipeline(b *testing.B) {
	knobs := scenarios.DefaultKnobs()
	knobs.Network.RTT = 0
	knobs.Consumer.Window = 1 << 20
	var ratios []float64
	var bare, analysed time.Duration
	for i := range b.N {
		first := i%2 == 0 // whichever goes first has the warmer or the colder caches
		a, c := transfer(b, &knobs, first), transfer(b, &knobs, !first)
		if !first {
			a, c = c, a
		}
		analysed, bare = analysed+a, bare+c
		ratios = append(ratios, c.Seconds()/a.Seconds())
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "analysed/bare")
	b.ReportMetric(volume*float64(b.N)/analysed.Seconds()/1e6, "analysed-MB/s")
	b.ReportMetric(volume*float64(b.N)/bare.Seconds()/1e6, "bare-MB/s")
}

// transfer moves the volume through a new lab, analysed or not, and returns how
// long it took.
func transfer(b *testing.B, k *scenarios.Knobs, analysed bool) time.Duration {
	p, err := build(Userspace, k, 1, analysed)
	if err != nil {
		b.Fatal(err)
	}
	r := &Run{scenario: &scenarios.Scenario{Knobs: *k}, place: p, start: p.wire.Now(), analysis: diagnose.New()}
	var pipeline sync.WaitGroup
	if analysed {
		pipeline.Go(r.pipeline)
	}
	if err := p.connect(b.Context(), k); err != nil {
		b.Fatal(err)
	}
	chunk := make([]byte, k.Producer.Chunk)
	var apps sync.WaitGroup
	start := time.Now()
	apps.Go(func() {
		for range volume / len(chunk) {
			if _, err := p.sending.Write(chunk); err != nil {
				b.Error(err)
				return
			}
		}
	})
	if _, err := io.CopyN(io.Discard, p.receiving, volume); err != nil {
		b.Error(err)
	}
	took := time.Since(start)
	apps.Wait()
	p.close()
	pipeline.Wait()
	return took
}
