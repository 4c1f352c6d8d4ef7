package lab

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"flowlab/flow"
)

func TestTapSeesBothEnds(t *testing.T) {
	w := newWire(t, 1)
	tap := w.Tap()
	if w.Tap() != tap {
		t.Error("a second tap on one wire")
	}
	a, _ := inbox(t, w, "a", addrA)
	b, in := inbox(t, w, "b", addrB)
	w.Drop(Rule{From: a.Index(), What: Any, First: 2, Last: 2})
	for i := range 3 {
		a.Send(udp(addrA, addrB, 100+i, uint16(i)))
	}
	<-in
	<-in
	b.Send(udp(addrB, addrA, 100, 9))
	w.Close()

	seen := map[[2]int]flow.Time{} // interface and id
	last := flow.Time(0)
	for {
		batch, err := tap.Next(t.Context())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range batch {
			if p.Time < last {
				t.Errorf("the clock runs back from %d to %d", last, p.Time)
			}
			if last = p.Time; p.Length != len(p.Data) {
				t.Errorf("length %d, data %d", p.Length, len(p.Data))
			}
			seen[[2]int{p.Interface, idOf(p.Data)}] = p.Time
		}
	}
	for _, want := range [][2]int{{0, 0}, {1, 0}, {0, 1}, {0, 2}, {1, 2}, {1, 9}} {
		if _, ok := seen[want]; !ok {
			t.Errorf("packet %d was not seen at port %d", want[1], want[0])
		}
	}
	if _, ok := seen[[2]int{1, 1}]; ok {
		t.Error("packet 1 was dropped, and seen where it would have arrived")
	}
	if d := w.Now().Sub(last); d < 0 || d > time.Minute {
		t.Errorf("the last packet is %v old by the wire's clock", d)
	}
}

func TestTapNextEndsWithItsContext(t *testing.T) {
	w := newWire(t, 1)
	tap := w.Tap()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tap.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	a, _ := inbox(t, w, "a", addrA)
	a.Send(udp(addrA, addrA, 100, 1))
	if batch, err := tap.Next(t.Context()); err != nil || len(batch) == 0 {
		t.Errorf("after a cancelled wait: %d packets, %v", len(batch), err)
	}
}

// TestFullTapMakesSendersWait fills the tap, and expects each packet once.
func TestFullTapMakesSendersWait(t *testing.T) {
	w := newWire(t, 1)
	tap := w.Tap()
	a, _ := inbox(t, w, "a", addrA)
	const sent = tapPackets + 1000
	packet := udp(addrA, addrB, 100, 1) // to nobody, so seen once
	var sender sync.WaitGroup
	sender.Go(func() {
		for range sent {
			a.Send(packet)
		}
		w.Close()
	})
	seen := 0
	for {
		batch, err := tap.Next(t.Context())
		if err == io.EOF {
			break
		}
		if seen == 0 { // let it fill up
			for w.Stats()[0].Sent <= tapPackets {
				time.Sleep(time.Millisecond)
			}
		}
		if len(batch) > tapPackets {
			t.Errorf("a batch of %d packets, want at most %d", len(batch), tapPackets)
		}
		seen += len(batch)
	}
	sender.Wait()
	if seen != sent {
		t.Errorf("%d packets seen, want %d", seen, sent)
	}
}

func TestCloseLetsWaitingSendersGo(t *testing.T) {
	w := newWire(t, 1)
	w.Tap()
	a, _ := inbox(t, w, "a", addrA)
	var sender sync.WaitGroup
	full := make(chan struct{})
	sender.Go(func() {
		packet := udp(addrA, addrB, 100, 1)
		for i := range tapPackets + 10 {
			if i == tapPackets {
				close(full)
			}
			a.Send(packet)
		}
	})
	<-full
	w.Close()
	sender.Wait()
}

func BenchmarkTap(b *testing.B) {
	w := NewWire(1)
	tap := w.Tap()
	a, err := w.Attach("a", addrs(addrA), func([]byte) {})
	if err != nil {
		b.Fatal(err)
	}
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			if _, err := tap.Next(b.Context()); err != nil {
				return
			}
		}
	})
	packet := udp(addrA, addrB, 1500, 1)
	b.ReportAllocs()
	for b.Loop() {
		a.Send(packet)
	}
	w.Close()
	reader.Wait()
}
