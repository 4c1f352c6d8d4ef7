package watch

import (
	"bytes"
	"context"
	"io"
	"testing"

	"flowlab/bench/traffic"
	"flowlab/diagnose/board"
	"flowlab/diagnose/export"
	"flowlab/tlsrec"
)

// BenchmarkMemory is what a packet costs a watch with a screen, and with a memory for
// exports besides.
func BenchmarkMemory(b *testing.B) {
	for name, like := range map[string]interface{ Write(io.Writer) error }{
		"TCP":   traffic.Traffic{Packets: 100_000, Connections: 200, Open: 50, Snap: 256},
		"HTTP2": traffic.HTTP2{Connections: 20, Streams: 200, Open: 5, Body: 40 << 10},
	} {
		var file bytes.Buffer
		if err := like.Write(&file); err != nil {
			b.Fatal(err)
		}
		for _, kept := range []string{"without", "with"} {
			b.Run(name+" "+kept, func(b *testing.B) {
				packets := int64(0)
				for b.Loop() {
					pipe, err := NewPipe(bytes.NewReader(file.Bytes()), tlsrec.NewKeys())
					if err != nil {
						b.Fatal(err)
					}
					w := &Watch{Source: pipe, Most: 1000, Board: board.NewLive()}
					if kept == "with" {
						w.Memory = export.NewMemory(export.UsualMemory)
					}
					src, err := w.Run(context.Background())
					if err != nil {
						b.Fatal(err)
					}
					packets += src.Packets
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/packet")
			})
		}
	}
}
