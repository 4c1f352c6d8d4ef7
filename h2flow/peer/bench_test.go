package peer

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"flowlab/flow"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// BenchmarkServer downloads from this package's server and from net/http's in turn, by
// a client that grants all credit at once and parses nothing, and prints the ratio.
func BenchmarkServer(b *testing.B) {
	const size = 256 << 20
	stock := stockServer(b, func(w http.ResponseWriter, _ *http.Request) {
		for left := size; left > 0; left -= 1 << 16 {
			w.Write(letters[:min(len(letters), 1<<14)])
			w.Write(letters[:1<<14])
			w.Write(letters[:1<<14])
			w.Write(letters[:1<<14])
		}
	})
	own := serve(b, Config{}, SendBytes(size))
	var took [2]time.Duration
	b.ReportAllocs()
	b.SetBytes(2 * size)
	for b.Loop() {
		for i, addr := range []string{own, stock} {
			start := time.Now()
			download(b, dial(b, addr), size)
			took[i] += time.Since(start)
		}
	}
	rate := func(d time.Duration) float64 { return float64(b.N) * size / 1e6 / d.Seconds() }
	b.ReportMetric(rate(took[0]), "own-MB/s")
	b.ReportMetric(rate(took[1]), "stock-MB/s")
	b.ReportMetric(rate(took[0])/rate(took[1]), "ratio")
}

// download asks for "/" and takes as many bytes as the body has, with their frames.
func download(b *testing.B, conn net.Conn, size int64) {
	b.Helper()
	defer conn.Close()
	io.WriteString(conn, http2.ClientPreface)
	f := http2.NewFramer(conn, nil)
	f.WriteSettings(initial(maxWindow)...)
	f.WriteWindowUpdate(0, maxWindow-defaultWindow)
	var block blockWriter
	e := hpack.NewEncoder(&block)
	for _, field := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "test"}, {":path", "/"}} {
		e.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
	}
	f.WriteSettingsAck()
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block, EndStream: true, EndHeaders: true})
	buf := make([]byte, 1<<20)
	for left := size + size/16384*9; left > 0; {
		n, err := conn.Read(buf)
		if err != nil {
			b.Fatalf("%d bytes before the end: %v", left, err)
		}
		left -= int64(n)
	}
}

type blockWriter []byte

func (w *blockWriter) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	return len(p), nil
}

// BenchmarkPair sends from this client to this server, both with their accounts, over
// net.Pipe and loopback.
func BenchmarkPair(b *testing.B) {
	for name, n := range networks {
		b.Run(name, func(b *testing.B) {
			const size = 64 << 20
			near, far := n(b)
			half := Knobs{Credit: Credit{Share: 0.5}}
			c, err := New(flow.Client, near, Config{}, nil)
			if err != nil {
				b.Fatal(err)
			}
			s, err := New(flow.Server, far, Config{Settings: initial(1 << 20), ConnWindow: 1 << 20, Knobs: half}, Discard)
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			go c.Run(ctx)
			go s.Run(ctx)
			b.ReportAllocs()
			b.SetBytes(size)
			for b.Loop() {
				st, err := c.Open(Request{Method: "POST", Path: "/", Body: Source{Bytes: size, End: true}})
				if err != nil {
					b.Fatal(err)
				}
				<-st.Done()
				if err := st.Err(); err != nil {
					b.Fatal(fmt.Errorf("upload: %w", err))
				}
			}
		})
	}
}
