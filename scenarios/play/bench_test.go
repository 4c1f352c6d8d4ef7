package play

import (
	"io"
	"sync"
	"testing"

	"flowlab/diagnose"
	"flowlab/scenarios"
)

// BenchmarkPipeline compares a bulk transfer that is captured and analysed with
// the same two hosts on the same wire without a tap. The figure to look at is
// the ratio of the two, in one run.
func BenchmarkPipeline(b *testing.B) {
	knobs := scenarios.DefaultKnobs()
	knobs.Network.RTT = 0
	knobs.Consumer.Window = 1 << 20
	for _, watched := range []bool{false, true} {
		name := "bare"
		if watched {
			name = "analysed"
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(knobs.Producer.Chunk))
			transferChunks(b, &knobs, watched)
		})
	}
}

// transferChunks moves b.N chunks through a lab, analysed or not.
func transferChunks(b *testing.B, k *scenarios.Knobs, analysed bool) {
	p, err := build(k, 1, analysed)
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
	b.ResetTimer()
	apps.Go(func() {
		for range b.N {
			if _, err := p.sending.Write(chunk); err != nil {
				b.Error(err)
				return
			}
		}
	})
	if _, err := io.CopyN(io.Discard, p.receiving, int64(b.N)*int64(len(chunk))); err != nil {
		b.Error(err)
	}
	apps.Wait()
	b.StopTimer()
	p.close()
	pipeline.Wait()
}
