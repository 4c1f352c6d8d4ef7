package h2flow_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/h2flow/peer"
	"flowlab/lab"
	"flowlab/lab/netstack"
	"flowlab/tcpwin"
)

// TestLedgerAgreesOverTCP is TestLedgerAgrees over a path that loses packets: the ledger
// is given what the packets at either host's interface show, captured a little out of
// order, with what was sent again.
func TestLedgerAgreesOverTCP(t *testing.T) {
	seeds := uint64(8)
	if testing.Short() {
		seeds = 2
	}
	var mu sync.Mutex
	frames, compared, again := 0, 0, 0
	t.Cleanup(func() {
		t.Logf("%d frames, %d windows compared; %d segments came twice or early", frames, compared, again)
		if !t.Failed() && (again < 100*int(seeds) || frames < 5000*int(seeds)) {
			t.Errorf("only %d frames, and %d segments that came twice or early", frames, again)
		}
	})
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 9))
			seen, records := overTCP(t, r)
			for at := range seen {
				for _, side := range []flow.Side{flow.Client, flow.Server} {
					f, c := replay(t, side, seen[at].tapes, records[side])
					mu.Lock()
					frames, compared = frames+f, compared+c
					mu.Unlock()
				}
				mu.Lock()
				again += seen[at].again
				mu.Unlock()
			}
		})
	}
}

// sight is what the packets at one interface showed of both directions.
type sight struct {
	streams [2]tcpwin.Stream
	tapes   [2][]byte
	next    [2]flow.Seq
	again   int // segments that came twice or early
	held    *tcpwin.Segment
	payload []byte // of it
}

// overTCP has a client and a server talk over a wire that loses packets.
func overTCP(t *testing.T, r *rand.Rand) (seen [2]sight, records [2][]peer.FrameRecord) {
	wire := lab.NewWire(r.Uint64())
	tap := wire.Tap()
	var hosts [2]*netstack.Host
	for i := range hosts {
		h, err := netstack.NewHost(wire, netstack.Options{Name: fmt.Sprint(i), Addrs: []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)})}})
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		if err := h.Port().SetPath(lab.Path{Delay: 200 * time.Microsecond, Loss: 0.002 + 0.01*r.Float64()}); err != nil {
			t.Fatal(err)
		}
		hosts[i] = h
	}
	read := make(chan struct{})
	shuffle := rand.New(rand.NewPCG(r.Uint64(), 1))
	go func() {
		defer close(read)
		for {
			packets, err := tap.Next(context.Background())
			for _, p := range packets {
				seen[p.Interface].take(p, shuffle)
			}
			if err != nil {
				return
			}
		}
	}()
	listener, err := hosts[1].Listen(443)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := hosts[0].Dial(t.Context(), netip.MustParseAddrPort("10.0.0.2:443"))
	if err != nil {
		t.Fatal(err)
	}
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	records = talk(t, r, [2]net.Conn{client, server}, 400, time.Second)
	wire.Close()
	<-read
	for i := range seen {
		seen[i].letGo()
	}
	return seen, records
}

// take enters a packet, before or after the one that follows it.
func (s *sight) take(p capture.Packet, shuffle *rand.Rand) {
	segment := new(tcpwin.Segment)
	tuple, err := capture.DecodeIP(p.Data, p.Length, segment)
	if err != nil {
		return
	}
	segment.Time = p.Time
	if segment.From = flow.Client; tuple.Src.Port == 443 {
		segment.From = flow.Server
	}
	payload := capture.Payload(p.Data, segment)
	if s.held != nil && segment.Time.Sub(s.held.Time) > time.Millisecond {
		s.letGo()
	}
	if s.held == nil && shuffle.IntN(20) == 0 && !segment.Has(tcpwin.SYN) {
		s.held, s.payload = segment, payload
		return
	}
	s.enter(segment, payload)
	s.letGo()
}

func (s *sight) letGo() {
	if held := s.held; held != nil {
		s.held = nil
		s.enter(held, s.payload)
	}
}

func (s *sight) enter(segment *tcpwin.Segment, payload []byte) {
	own, peer := &s.streams[segment.From], &s.streams[segment.From.Peer()]
	if segment.Has(tcpwin.SYN) {
		own.Begin(segment.Seq.Add(1))
		s.next[segment.From] = segment.Seq.Add(1)
		return
	}
	if segment.Len > 0 {
		if segment.Seq != s.next[segment.From] {
			s.again++
		}
		if end := segment.End(); end.After(s.next[segment.From]) {
			s.next[segment.From] = end
		}
		own.Add(segment.Seq, payload, segment.Len)
	}
	s.drain(segment.From, segment.Time)
	if segment.Has(tcpwin.ACK) {
		peer.Acked(segment.Ack, segment.Time)
		s.drain(segment.From.Peer(), segment.Time)
	}
}

func (s *sight) drain(from flow.Side, t flow.Time) {
	for {
		b, missing, ok := s.streams[from].Next(t)
		if !ok {
			return
		}
		s.tapes[from] = append(s.tapes[from], b...)
		if missing > 0 { // replay fails on it
			s.tapes[from] = append(s.tapes[from], make([]byte, missing)...)
		}
	}
}
