package netstack

import (
	"bytes"
	"io"
	"testing"
	"time"

	"flowlab/lab"
)

func TestTransferArrivesIntact(t *testing.T) {
	t.Parallel()
	for n, name := range []string{"IPv4", "IPv6"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lab.NewWire(1)
			t.Cleanup(w.Close)
			client, server := newHosts(t, w, Options{}, Options{}, lab.Path{Delay: time.Millisecond})
			conn, accepted := connect(t, client, server, n)
			want := pattern(3 << 20)
			background(t, func() {
				conn.Write(want)
				conn.CloseWrite()
			})
			got, err := io.ReadAll(accepted)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%d bytes came, not the %d that were sent", len(got), len(want))
			}
			if l := accepted.LocalAddr().String(); l != conn.RemoteAddr().String() {
				t.Errorf("the server's end is %s, the client calls it %s", l, conn.RemoteAddr())
			}
		})
	}
}

func BenchmarkBulk(b *testing.B) {
	for _, tapped := range []bool{false, true} {
		name := "bare"
		if tapped {
			name = "tapped"
		}
		b.Run(name, func(b *testing.B) {
			w := lab.NewWire(1)
			b.Cleanup(w.Close)
			if tapped {
				tap := w.Tap()
				go func() {
					for {
						if _, err := tap.Next(b.Context()); err != nil {
							return
						}
					}
				}()
			}
			client, server := newHosts(b, w, Options{}, Options{}, lab.Path{})
			conn, accepted := connect(b, client, server, 0)
			chunk := make([]byte, 1<<20)
			go func() {
				for {
					if _, err := conn.Write(chunk); err != nil {
						return
					}
				}
			}()
			in := make([]byte, len(chunk))
			b.SetBytes(int64(len(chunk)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := io.ReadFull(accepted, in); err != nil {
					b.Fatal(err)
				}
			}
			conn.Close()
		})
	}
}
