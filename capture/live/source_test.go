package live

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/capture/filter"
	"flowlab/flow"
)

// given is a handle that has packets of raw IP ready, in place of a system's.
type given struct {
	packets [][]byte
	stopped bool
}

func (g *given) interfaces() []capture.Interface {
	return []capture.Interface{{Name: "given", LinkType: capture.RawIP}}
}

func (g *given) next(time.Duration) (capture.Packet, error) {
	switch {
	case len(g.packets) > 0:
		p := g.packets[0]
		g.packets = g.packets[1:]
		return capture.Packet{Data: p, Length: len(p)}, nil
	case g.stopped:
		return capture.Packet{}, io.EOF
	}
	return capture.Packet{}, ErrNone
}

func (g *given) spare([]flow.Tuple) error { return errors.ErrUnsupported }
func (g *given) stop()                    { g.stopped = true }
func (g *given) stats() (Stats, error)    { return Stats{Received: 7}, nil }
func (g *given) close() error             { return nil }

// What the system's filter cannot do, a source does itself.
func TestFilterInUserSpace(t *testing.T) {
	match, err := filter.Compile("tcp dst port 9", capture.RawIP)
	if err != nil {
		t.Fatal(err)
	}
	const header = 14
	g := &given{packets: [][]byte{frame(1, 9, 0)[header:], frame(2, 10, 0)[header:], frame(3, 10, 0)[header:], frame(4, 9, 0)[header:]}}
	s := &Source{handle: g, match: match}
	for _, want := range []uint32{1, 4} {
		p, err := s.Next(time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := number(p.Data); n != want {
			t.Errorf("packet %d, want %d", n, want)
		}
	}
	if _, err := s.Next(time.Second); !errors.Is(err, ErrNone) {
		t.Errorf("after them: %v, want %v", err, ErrNone)
	}
	s.Stop()
	if _, err := s.Next(time.Second); !errors.Is(err, io.EOF) {
		t.Errorf("after Stop: %v, want %v", err, io.EOF)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, snap := range []int{-1, mostKept + 1} {
		if _, err := Open(Options{Interface: "lo", SnapLen: snap}); err == nil || !strings.Contains(err.Error(), "must be 0 to 262144") {
			t.Errorf("snap length %d: %v", snap, err)
		}
	}
}
