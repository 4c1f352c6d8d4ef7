package lab

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"flowlab/capture"
)

func TestAttachErrors(t *testing.T) {
	tests := []struct {
		name  string
		addrs []netip.Addr
		want  string
	}{
		{"no address", nil, "attach b: no address"},
		{"an invalid one", []netip.Addr{addrB, {}}, "attach b: address 2 of 2 is invalid"},
		{"one in use", []netip.Addr{addrB, addrA}, "attach b: a has the address 10.0.0.1 already"},
		{"one in use, written as IPv6", []netip.Addr{netip.MustParseAddr("::ffff:10.0.0.1")},
			"attach b: a has the address ::ffff:10.0.0.1 already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire(t, 1)
			inbox(t, w, "a", addrA)
			_, err := w.Attach("b", tt.addrs, nil)
			if text(err) != tt.want {
				t.Errorf("got %q, want %q", text(err), tt.want)
			}
			if n := len(w.Interfaces()); n != 1 {
				t.Errorf("%d ports after the error, want 1", n)
			}
		})
	}
	t.Run("closed wire", func(t *testing.T) {
		w := NewWire(1)
		w.Close()
		if _, err := w.Attach("a", []netip.Addr{addrA}, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v, want ErrClosed", err)
		}
	})
}

func TestThreePortsRouteByDestination(t *testing.T) {
	w := newWire(t, 1)
	a, inA := inbox(t, w, "a", addrA)
	_, inB := inbox(t, w, "b", addrB)
	_, inC := inbox(t, w, "c", netip.MustParseAddr("10.0.0.3"), addrC)

	v6 := make([]byte, 60)
	v6[0] = 0x60
	copy(v6[24:], addrC.AsSlice())
	a.Send(udp(addrA, addrB, 100, 1))
	a.Send(udp(addrA, netip.MustParseAddr("10.0.0.3"), 100, 2))
	a.Send(v6)
	a.Send(udp(addrA, addrA, 100, 3))
	a.Send(udp(addrA, netip.MustParseAddr("10.9.9.9"), 100, 4))
	a.Send([]byte("not IP"))

	if id := idOf(<-inB); id != 1 {
		t.Errorf("b got packet %d, want 1", id)
	}
	if id := idOf(<-inC); id != 2 {
		t.Errorf("c got packet %d, want 2", id)
	}
	if p := <-inC; len(p) != 60 {
		t.Errorf("c got %d bytes, want the 60 of the IPv6 packet", len(p))
	}
	if id := idOf(<-inA); id != 3 {
		t.Errorf("a got packet %d, want its own, 3", id)
	}
	want := PortStats{Name: "a", Sent: 6, Delivered: 4, Unroutable: 2}
	if got := w.Stats()[0]; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	names := []capture.Interface{{Name: "a", LinkType: capture.RawIP}, {Name: "b", LinkType: capture.RawIP}, {Name: "c", LinkType: capture.RawIP}}
	if got := w.Interfaces(); !slices.Equal(got, names) {
		t.Errorf("interfaces are %v, want %v", got, names)
	}
}

// TestOrderWhenTheDelayFalls sends over a long delay, then over none.
func TestOrderWhenTheDelayFalls(t *testing.T) {
	w := newWire(t, 1)
	a, _ := inbox(t, w, "a", addrA)
	_, in := inbox(t, w, "b", addrB)
	delays := []time.Duration{80, 40, 10, 0, 20, 0}
	id := 0
	begin := w.Now()
	for _, d := range delays {
		a.SetPath(Path{Delay: d * time.Millisecond})
		for range 20 {
			a.Send(udp(addrA, addrB, 100, uint16(id)))
			id++
		}
	}
	for want := range id {
		if got := idOf(<-in); got != want {
			t.Fatalf("packet %d arrived where %d was due", got, want)
		}
	}
	if d := w.Now().Sub(begin); d < 80*time.Millisecond {
		t.Errorf("the first delay of 80ms was over after %v", d)
	}
}

func TestSetPathRefusesWhatIsOutOfRange(t *testing.T) {
	w := newWire(t, 1)
	a, _ := inbox(t, w, "a", addrA)
	good := Path{Delay: time.Millisecond, Loss: 0.5}
	if err := a.SetPath(good); err != nil {
		t.Fatal(err)
	}
	err := a.SetPath(Path{Loss: 2})
	if want := "path of port a: loss 2 is not between 0 and 1"; text(err) != want {
		t.Errorf("got %q, want %q", text(err), want)
	}
	if got := a.Path(); got != good {
		t.Errorf("the path is %+v, want it unchanged: %+v", got, good)
	}
}

func TestQueueLimitDrops(t *testing.T) {
	w := newWire(t, 1)
	a, _ := inbox(t, w, "a", addrA)
	_, in := inbox(t, w, "b", addrB)
	a.SetPath(Path{Rate: 8e5, Queue: 10_000}) // 10 ms a packet
	for i := range 30 {
		a.Send(udp(addrA, addrB, 1000, uint16(i)))
	}
	s := w.Stats()[0]
	if taken := s.Sent - s.Overflowed; taken < 10 || taken > 12 {
		t.Errorf("%d of 30 packets were taken, want 10 or hardly more", taken)
	}
	begin := w.Now()
	for i := range int(s.Sent - s.Overflowed) {
		if got := idOf(<-in); got != i {
			t.Fatalf("packet %d arrived where %d was due", got, i)
		}
	}
	if d := w.Now().Sub(begin); d < 80*time.Millisecond {
		t.Errorf("10 packets of 10 ms took %v", d)
	}
}

// TestLossIsReproducible sends the same packets over wires of two seeds.
func TestLossIsReproducible(t *testing.T) {
	arrivals := func(seed uint64) []int {
		w := NewWire(seed)
		defer w.Close()
		a, _ := inbox(t, w, "a", addrA)
		_, in := inbox(t, w, "b", addrB)
		a.SetPath(Path{Loss: 0.2})
		const n = 2000
		for i := range n {
			a.Send(udp(addrA, addrB, 100, uint16(i)))
		}
		ids := make([]int, 0, n)
		for range n - w.Stats()[0].Lost {
			ids = append(ids, idOf(<-in))
		}
		return ids
	}
	first := arrivals(7)
	if lost := 2000 - len(first); lost < 320 || lost > 480 {
		t.Errorf("%d of 2000 packets were lost, want about 400", lost)
	}
	if !slices.Equal(first, arrivals(7)) {
		t.Error("the same seed lost other packets")
	}
	if slices.Equal(first, arrivals(8)) {
		t.Error("another seed lost the same packets")
	}
}

func TestCloseStopsDelivery(t *testing.T) {
	w := NewWire(1)
	a, _ := inbox(t, w, "a", addrA)
	_, in := inbox(t, w, "b", addrB)
	a.SetPath(Path{Delay: time.Hour})
	a.Send(udp(addrA, addrB, 100, 1))
	w.Close()
	w.Close()
	a.Send(udp(addrA, addrB, 100, 2))
	if len(in) != 0 {
		t.Error("a packet arrived on a closed wire")
	}
	if got := w.Stats()[0].Sent; got != 1 {
		t.Errorf("%d packets sent, want the one before the end", got)
	}
}
