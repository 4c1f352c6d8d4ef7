package netstack

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/lab"
)

// TestCloseLeavesNothing makes labs, stalls a transfer in each, and closes them
// in its midst.
func TestCloseLeavesNothing(t *testing.T) {
	labs, batch := 1000, 10
	if testing.Short() {
		labs = 50
	}
	// usage is taken again until it is down to what is allowed, for 15 s: timers
	// that were stopped leave the runtime's heap only in time, with all that
	// they refer to.
	usage := func(maxGoroutines int, maxHeap uint64) (goroutines int, heap uint64) {
		for range 150 {
			goroutines, heap = runtime.NumGoroutine(), heapInUse()
			if goroutines <= maxGoroutines && heap <= maxHeap {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		return goroutines, heap
	}
	runBatch := func() {
		var all sync.WaitGroup
		for range batch {
			all.Go(func() { stallAndClose(t) })
		}
		all.Wait()
	}
	runBatch()
	goroutines, heap := usage(2, 1<<20)
	begin := time.Now()
	for range labs / batch {
		runBatch()
	}
	took := time.Since(begin)
	maxGoroutines, maxHeap := goroutines, heap+1<<20
	after, heapAfter := usage(maxGoroutines, maxHeap)
	t.Logf("%v a lab; goroutines from %d to %d, heap from %d to %d KiB",
		took/time.Duration(labs), goroutines, after, heap>>10, heapAfter>>10)
	if after > maxGoroutines {
		t.Errorf("%d goroutines after %d labs, %d before", after, labs, goroutines)
	}
	if heapAfter > maxHeap {
		t.Errorf("%d KiB of heap after %d labs, %d before", heapAfter>>10, labs, heap>>10)
	}
	if took > time.Minute {
		t.Errorf("%d labs took %v", labs, took)
	}
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC() // the first one only ages the pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func stallAndClose(t *testing.T) {
	w := lab.NewWire(1)
	defer w.Close()
	hosts := [2]*Host{}
	for i, addrs := range [][]netip.Addr{clientAddrs, serverAddrs} {
		h, err := NewHost(w, Options{Addrs: addrs, Window: 16 << 10, SendBuffer: 64 << 10, DelayedACK: time.Second})
		if err != nil {
			t.Error(err)
			return
		}
		defer h.Close()
		hosts[i] = h
	}
	l, err := hosts[1].Listen(80)
	if err != nil {
		t.Error(err)
		return
	}
	conn, err := hosts[0].Dial(context.Background(), netip.AddrPortFrom(serverAddrs[0], 80))
	if err != nil {
		t.Error(err)
		return
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Error(err)
		return
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		conn.Write(make([]byte, 256<<10)) // more than the send buffer
	}()
	if _, err := io.CopyN(io.Discard, accepted, 32<<10); err != nil {
		t.Error(err)
	}
	hosts[0].Close()
	hosts[0].Close()
	<-written
}

// TestHostCloseInEveryState closes hosts whose connections are not open.
func TestHostCloseInEveryState(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		make func(t *testing.T, w *lab.Wire, client, server *Host)
	}{
		{"never used", func(*testing.T, *lab.Wire, *Host, *Host) {}},
		{"listening", func(t *testing.T, w *lab.Wire, client, server *Host) {
			if _, err := server.Listen(80); err != nil {
				t.Fatal(err)
			}
		}},
		{"SYN-SENT", func(t *testing.T, w *lab.Wire, client, server *Host) {
			w.Drop(lab.Rule{From: lab.AnyPort})
			background(t, func() { client.Dial(context.Background(), netip.AddrPortFrom(serverAddrs[0], 80)) })
			for w.Stats()[0].Sent == 0 {
				runtime.Gosched()
			}
		}},
		{"not accepted", func(t *testing.T, w *lab.Wire, client, server *Host) {
			if _, err := server.Listen(80); err != nil {
				t.Fatal(err)
			}
			if _, err := client.Dial(context.Background(), netip.AddrPortFrom(serverAddrs[0], 80)); err != nil {
				t.Fatal(err)
			}
		}},
		{"FIN-WAIT-1", func(t *testing.T, w *lab.Wire, client, server *Host) {
			conn, _ := connect(t, client, server, 0)
			w.Drop(lab.Rule{From: lab.AnyPort})
			conn.Close()
		}},
		{"FIN-WAIT-2 and CLOSE-WAIT", func(t *testing.T, w *lab.Wire, client, server *Host) {
			conn, accepted := connect(t, client, server, 0)
			conn.Close()
			io.Copy(io.Discard, accepted)
		}},
		{"TIME-WAIT", func(t *testing.T, w *lab.Wire, client, server *Host) {
			conn, accepted := connect(t, client, server, 0)
			conn.CloseWrite()
			io.Copy(io.Discard, accepted)
			accepted.Close()
			io.Copy(io.Discard, conn)
			conn.Close()
		}},
		{"LAST-ACK", func(t *testing.T, w *lab.Wire, client, server *Host) {
			conn, accepted := connect(t, client, server, 0)
			conn.CloseWrite()
			io.Copy(io.Discard, accepted)
			w.Drop(lab.Rule{From: lab.AnyPort})
			accepted.Close()
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := lab.NewWire(1)
			defer w.Close()
			client, server := newHosts(t, w, Options{}, Options{}, lab.Path{})
			tt.make(t, w, client, server)
			begin := time.Now()
			client.Close()
			server.Close()
			if d := time.Since(begin); d > 2*time.Second {
				t.Errorf("closing took %v", d)
			}
		})
	}
}

func TestCloseWakesWhoWaits(t *testing.T) {
	t.Parallel()
	past := time.Unix(1, 0)
	tests := []struct {
		name string
		end  func(p *pair)
		want error // nil: any error
	}{
		{"Close", func(p *pair) { p.conn.Close() }, net.ErrClosed},
		{"deadline", func(p *pair) { p.conn.SetDeadline(past) }, os.ErrDeadlineExceeded},
		{"the host's Close", func(p *pair) { p.client.Close() }, nil},
		{"the other side's reset", func(p *pair) { p.server.Close() }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, Options{SendBuffer: 64 << 10}, Options{Window: 16 << 10}, lab.Path{})
			read, write := make(chan error, 1), make(chan error, 1)
			go func() {
				_, err := p.conn.Read(make([]byte, 1))
				read <- err
			}()
			go func() {
				_, err := p.conn.Write(make([]byte, 1<<20))
				write <- err
			}()
			for p.conn.Blocked() == 0 {
				runtime.Gosched()
			}
			tt.end(p)
			for name, result := range map[string]chan error{"Read": read, "Write": write} {
				if err := <-result; err == nil || tt.want != nil && !errors.Is(err, tt.want) {
					t.Errorf("%s: got %v, want %v", name, err, tt.want)
				}
			}
		})
	}
}

func TestWriteDeadlineCountsWhatWasTaken(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{SendBuffer: 64 << 10}, Options{Window: 16 << 10}, lab.Path{})
	start := time.Now()
	p.conn.SetWriteDeadline(start.Add(50 * time.Millisecond))
	n, err := p.conn.Write(make([]byte, 1<<20))
	took := time.Since(start)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
	if n < 64<<10 || n > 96<<10 {
		t.Errorf("%d bytes were taken, want the send buffer and the window: up to %d", n, 80<<10)
	}
	if d := p.conn.Blocked(); d < took/2 || d > took {
		t.Errorf("blocked for %v, want nearly all of the %v that the write took", d, took)
	}
	p.conn.SetWriteDeadline(time.Time{})
	background(t, func() {
		rest := make([]byte, 100<<10-n)
		if _, err := p.conn.Write(rest); err != nil {
			t.Errorf("after the deadline was lifted: %v", err)
		}
	})
	if _, err := io.CopyN(io.Discard, p.accepted, 100<<10); err != nil {
		t.Error(err)
	}
}

func TestLimitsEndWithTheConnection(t *testing.T) {
	t.Parallel()
	start := time.Now()
	p := newPair(t, Options{}, Options{}, lab.Path{Delay: time.Millisecond})
	took := time.Since(start)
	p.conn.CloseWrite()
	if _, err := io.Copy(io.Discard, p.accepted); err != nil {
		t.Fatal(err)
	}
	p.accepted.Close()
	if _, err := io.Copy(io.Discard, p.conn); err != nil {
		t.Fatal(err)
	}
	end := p.conn.Limits(p.wire.Now())
	if got := p.conn.Limits(p.wire.Now().Add(time.Hour)); got != end {
		t.Errorf("an hour later %v, want still %v", got, end)
	}
	if d := end[flow.Handshake]; d < 2*time.Millisecond || d > took {
		t.Errorf("the handshake took %v, want a round trip of 2ms or more, and no more than the %v in which the pair was made", d, took)
	}
}
