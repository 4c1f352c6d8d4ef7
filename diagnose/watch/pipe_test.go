package watch

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"flowlab/bench/traffic"
	"flowlab/capture"
	"flowlab/capture/live"
	"flowlab/tlsrec"
)

func made(t testing.TB, packets int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := (traffic.Traffic{Packets: packets, Connections: 20, Open: 10, Snap: 96}).Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// all reads a source to its end.
func all(t *testing.T, s Source, wait time.Duration) (packets []capture.Packet, idle int, err error) {
	t.Helper()
	for {
		p, err := s.Next(wait)
		switch {
		case errors.Is(err, live.ErrNone):
			idle++
		case err != nil:
			return packets, idle, err
		default:
			p.Data = bytes.Clone(p.Data)
			packets = append(packets, p)
		}
	}
}

func TestPipeGivesEveryPacket(t *testing.T) {
	file := made(t, 50_000)
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := NewPipe(bytes.NewReader(file), tlsrec.NewKeys())
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := all(t, pipe, time.Second)
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	for i, p := range got {
		want, err := r.Next()
		if err != nil {
			t.Fatalf("packet %d: %v", i+1, err)
		}
		if p.Time != want.Time || p.Length != want.Length || !bytes.Equal(p.Data, want.Data) {
			t.Fatalf("packet %d is not what the file has", i+1)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("the pipe gave %d packets, the file has more", len(got))
	}
}

// Who waits for a packet is told that none came, and gets what came while it
// did something else.
func TestPipeThatPauses(t *testing.T) {
	file := made(t, 1000)
	from, to := io.Pipe()
	go func() {
		_, _ = to.Write(file[:len(file)/2])
		time.Sleep(50 * time.Millisecond)
		_, _ = to.Write(file[len(file)/2 : len(file)-10])
		_ = to.Close()
	}()
	pipe, err := NewPipe(from, tlsrec.NewKeys())
	if err != nil {
		t.Fatal(err)
	}
	got, idle, err := all(t, pipe, 5*time.Millisecond)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the end: %v, want %v", err, io.ErrUnexpectedEOF)
	}
	if idle == 0 || len(got) < 900 {
		t.Errorf("%d packets, and %d times none; want nearly all, and a pause", len(got), idle)
	}
}

func TestPipeStops(t *testing.T) {
	from, to := io.Pipe()
	defer to.Close()
	file := made(t, 1000)
	go func() { _, _ = to.Write(file) }()
	pipe, err := NewPipe(from, tlsrec.NewKeys())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipe.Next(time.Second); err != nil {
		t.Fatal(err)
	}
	pipe.Stop()
	for {
		if _, err := pipe.Next(time.Second); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Errorf("after Stop: %v, want %v", err, io.EOF)
			}
			return
		}
	}
}
