package netstack

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/lab"
	"flowlab/tcpwin"
)

// windows returns what the server advertised after its SYN, in bytes.
func windows(list []observed) (all []int) {
	scale := int8(0)
	for _, s := range list {
		switch {
		case s.port != 1 || !s.sent:
		case s.Has(tcpwin.SYN):
			scale = s.Scale
		case !s.Has(tcpwin.RST):
			all = append(all, int(s.Window)<<scale)
		}
	}
	return all
}

func TestAdvertisedWindowIsTheKnob(t *testing.T) {
	t.Parallel()
	for _, knob := range []int{2000, 16 << 10, 65535, 128 << 10, 1 << 20, 6 << 20} {
		t.Run(fmt.Sprint(knob), func(t *testing.T) {
			t.Parallel()
			w := lab.NewWire(1)
			t.Cleanup(w.Close)
			seen := record(t, w)
			client, server := newHosts(t, w, Options{}, Options{Window: knob}, lab.Path{Delay: time.Millisecond})
			conn, accepted := connect(t, client, server, 0)
			size := 8 * min(knob, 1<<20)
			background(t, func() { conn.Write(make([]byte, size)) })
			if _, err := io.CopyN(io.Discard, accepted, int64(size)); err != nil {
				t.Fatal(err)
			}
			conn.CloseWrite() // its ACK advertises an empty buffer
			if _, err := io.Copy(io.Discard, accepted); err != nil {
				t.Fatal(err)
			}
			all := windows(seen())
			if len(all) == 0 {
				t.Fatal("no window seen")
			}
			largest := slices.Max(all)
			if largest > knob || largest < knob*9/10 {
				t.Errorf("the largest window is %d, want up to %d", largest, knob)
			}
		})
	}
}

func TestSetWindowWhileRunning(t *testing.T) {
	t.Parallel()
	w := lab.NewWire(1)
	t.Cleanup(w.Close)
	seen := record(t, w)
	client, server := newHosts(t, w, Options{}, Options{Window: 16 << 10}, lab.Path{Delay: time.Millisecond})
	conn, accepted := connect(t, client, server, 0)
	background(t, func() {
		for {
			if _, err := conn.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	read := func(n int64) flow.Time {
		if _, err := io.CopyN(io.Discard, accepted, n); err != nil {
			t.Fatal(err)
		}
		return w.Now()
	}
	grow := read(256 << 10)
	server.SetWindow(512 << 10)
	shrink := read(8 << 20)
	server.SetWindow(32 << 10)
	small := read(2 << 20) // takes effect as data come in
	read(256 << 10)

	before, large, after := 0, 0, 0
	scale := int8(0)
	for _, s := range seen() {
		if s.port != 1 || !s.sent {
			continue
		}
		if s.Has(tcpwin.SYN) {
			scale = s.Scale
			continue
		}
		window := int(s.Window) << scale
		switch {
		case s.Time < grow:
			before = max(before, window)
		case s.Time < shrink:
			large = max(large, window)
		case s.Time > small:
			after = max(after, window)
		}
	}
	if before > 16<<10 {
		t.Errorf("the largest window was %d at first, want up to %d", before, 16<<10)
	}
	if large > 512<<10 || large < 450<<10 {
		t.Errorf("the largest window was %d after it grew, want up to %d", large, 512<<10)
	}
	if after > 32<<10 {
		t.Errorf("the largest window was %d after it shrank, want up to %d", after, 32<<10)
	}
	conn.Close()
}

// TestTheReaderStops: nothing but the window holds the sender then.
func TestTheReaderStops(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{}, Options{Window: 64 << 10}, lab.Path{Delay: time.Millisecond})
	background(t, func() { p.conn.Write(make([]byte, 1<<20)) })
	p.closeWindow(64 << 10)
	before := p.conn.Limits(p.wire.Now())
	time.Sleep(700 * time.Millisecond)
	if s := share(p.conn, before, flow.ReceiveWindow); s < 0.99 {
		t.Errorf("the receive window held the sender %.1f %% of the time, want all; %v",
			100*s, p.conn.Limits(p.wire.Now()))
	}
	if got := p.accepted.Limits(p.wire.Now()); got[flow.ReceiveWindow] != 0 {
		t.Errorf("the server sends nothing, but %v", got)
	}
	if _, err := io.CopyN(io.Discard, p.accepted, 1<<20); err != nil {
		t.Error(err)
	}
}
