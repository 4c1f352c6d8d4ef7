package kernel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/internal/need"
	"flowlab/lab"
)

func TestOptionErrors(t *testing.T) {
	one := []netip.Addr{netip.MustParseAddr("10.0.0.1")}
	for _, tt := range []struct {
		name string
		o    Options
		want string
	}{
		{"MTU", Options{Addrs: one, MTU: 500}, "host x: MTU of 500 bytes is not between 576 and 65535"},
		{"window", Options{Addrs: one, Window: -1}, "host x: window of -1 bytes is not between 1 and 268435456"},
		{"send buffer", Options{Addrs: one, SendBuffer: -1}, "host x: send buffer of -1 bytes is not between 1 and 536870912"},
		{"no address", Options{}, "host x: no address"},
		{"congestion control", Options{Addrs: one, CongestionControl: "cubicc"}, `host x: this kernel has no congestion control "cubicc"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "congestion control" {
				need.Root(t)
			}
			w := lab.NewWire(1)
			defer w.Close()
			tt.o.Name = "x"
			_, err := NewHost(w, tt.o)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestTransferArrivesIntact also sees that nothing else is on the wire.
func TestTransferArrivesIntact(t *testing.T) {
	for n, version := range []string{"IPv4", "IPv6"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			w := lab.NewWire(1)
			t.Cleanup(w.Close)
			seen := record(t, w)
			client, server := newHosts(t, w, Options{}, Options{}, lab.Path{Delay: time.Millisecond})
			conn, accepted := connect(t, client, server, n)
			want := bytes.Repeat([]byte("flowlab sends a pattern, "), 100_000)
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
			for _, s := range seen() { // nothing but TCP, which record sees to
				if s.Len > 1500-headers(clientAddrs[n]) {
					t.Errorf("a segment of %d bytes", s.Len)
				}
			}
		})
	}
}

func TestDialErrors(t *testing.T) {
	w := lab.NewWire(1)
	t.Cleanup(w.Close)
	client, server := newHosts(t, w, Options{}, Options{}, lab.Path{})
	if _, err := client.Dial(t.Context(), netip.MustParseAddrPort("192.0.2.2:81")); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("got %v, want that it is refused", err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client.Dial(soon, netip.MustParseAddrPort("192.0.2.9:81")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
	l, err := server.Listen(80)
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		accepted <- err
	}()
	server.Close()
	if err := <-accepted; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the host is closed, and Accept says %v, want net.ErrClosed", err)
	}
}

// TestNothingIsLeft makes hosts, transfers, and closes them, in the middle of it
// every other time.
func TestNothingIsLeft(t *testing.T) {
	need.Root(t)
	round := func(i int) {
		w := lab.NewWire(1)
		defer w.Close()
		client, server := newHosts(t, w, Options{}, Options{}, lab.Path{Delay: time.Millisecond})
		conn, accepted := connect(t, client, server, i%2)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			conn.Write(make([]byte, 1<<20))
			conn.Close()
		}()
		if i%2 == 0 {
			io.Copy(io.Discard, accepted)
		}
		client.Close()
		server.Close()
		<-ended
	}
	round(0) // what is made once is made
	before := [3]int{runtime.NumGoroutine(), descriptors(t), namespaces(t)}
	for i := range 50 {
		round(i)
	}
	var after [3]int
	for range 1000 { // a namespace is cleaned up some time after it was left
		after = [3]int{runtime.NumGoroutine(), descriptors(t), namespaces(t)}
		if after[0] <= before[0] && after[1] <= before[1] && after[2] <= before[2]+slack {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("goroutines, descriptors and namespaces: %v before, %v after", before, after)
}

// descriptors is how many files this process has open.
func descriptors(t *testing.T) int {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

// slack is for what tests of other packages make meanwhile, and for the kernel's
// count, which takes namespaces that are gone for used until their memory is given
// back. Were none given back, there would be a hundred more.
const slack = 60

// namespaces is how many network namespaces the kernel has in memory, also those
// that no process has a descriptor of.
func namespaces(t *testing.T) int {
	table, err := os.ReadFile("/proc/slabinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(table) {
		fields := bytes.Fields(line)
		if string(fields[0]) == "net_namespace" {
			n := 0
			for _, digit := range fields[1] {
				n = 10*n + int(digit-'0')
			}
			return n
		}
	}
	return 0 // a kernel that keeps no such table
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
