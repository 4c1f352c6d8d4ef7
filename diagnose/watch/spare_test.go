package watch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"flowlab/capture"
	"flowlab/capture/live"
	"flowlab/flow"
)

// wire is a source whose packets are cut as the kernel would cut them.
type wire struct {
	packets []capture.Packet
	headers int
	spared  map[uint16]bool // by the client's port
	calls   int
	refuse  int // more than so many connections at once
	whole   map[uint16]int
	passed  time.Duration
	step    time.Duration // between packets; 0 for a millisecond
}

func (w *wire) Interfaces() []capture.Interface {
	return []capture.Interface{{Name: "eth0", LinkType: capture.RawIP}}
}

func (w *wire) Next(time.Duration) (capture.Packet, error) {
	if len(w.packets) == 0 {
		return capture.Packet{}, io.EOF
	}
	p := w.packets[0]
	w.packets = w.packets[1:]
	port := binary.BigEndian.Uint16(p.Data[20:])
	if w.spared[port] {
		p.Data = p.Data[:min(len(p.Data), w.headers)]
	} else {
		w.whole[port] += len(p.Data)
	}
	return p, nil
}

func (w *wire) Stop()                      {}
func (w *wire) Stats() (live.Stats, error) { return live.Stats{}, nil }

func (w *wire) spare(list []flow.Tuple) error {
	w.calls++
	if w.refuse > 0 && len(list) > w.refuse {
		return errors.New("no memory")
	}
	w.spared = map[uint16]bool{}
	for _, c := range list {
		w.spared[c.Src.Port] = true
	}
	return nil
}

// carry adds a segment of a client to the wire, a step after the one before.
func (w *wire) carry(port uint16, flags byte, seq uint32, payload []byte) uint32 {
	p := make([]byte, 40+len(payload))
	p[0], p[8], p[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	copy(p[12:], []byte{192, 0, 2, 1, 192, 0, 2, 2})
	binary.BigEndian.PutUint16(p[20:], port)
	binary.BigEndian.PutUint16(p[22:], 443)
	binary.BigEndian.PutUint32(p[24:], seq)
	p[32], p[33] = 0x50, flags
	binary.BigEndian.PutUint16(p[34:], 60000)
	copy(p[40:], payload)
	w.packets = append(w.packets, capture.Packet{Time: noon.Add(w.passed), Data: p, Length: len(p)})
	w.passed += cmp.Or(w.step, time.Millisecond)
	return seq + uint32(len(payload))
}

func (w *wire) run(t *testing.T) {
	t.Helper()
	w.whole = map[uint16]int{}
	run := Watch{Source: w, Most: 1000, Payload: &Payload{Headers: w.headers, Spare: w.spare}}
	if _, err := run.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
}

const ack = 0x10

// data is a megabyte of DATA frames on stream 1, after the preface and a HEADERS.
func data() []byte {
	var b bytes.Buffer
	b.WriteString(http2.ClientPreface)
	f := http2.NewFramer(&b, nil)
	_ = f.WriteSettings()
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x83, 0x84, 0x86}, EndHeaders: true})
	for range 64 {
		_ = f.WriteData(1, false, make([]byte, 16384))
	}
	return b.Bytes()
}

// A connection that brings much which nobody reads is spared soon; one of HTTP/2, and
// those that bring little, are not.
func TestBulkIsSpared(t *testing.T) {
	w := &wire{headers: 256}
	frames := data()
	var bulk, http, little uint32 = 1, 1, 1
	for len(frames) > 0 {
		n := min(len(frames), 1400)
		bulk = w.carry(1000, ack, bulk, make([]byte, 1400))
		http = w.carry(2000, ack, http, frames[:n])
		frames = frames[n:]
		if len(frames)%10 == 0 {
			little = w.carry(3000, ack, little, make([]byte, 1400))
		}
	}
	w.run(t)
	if !w.spared[1000] || len(w.spared) != 1 {
		t.Errorf("spared are %v, want port 1000", w.spared)
	}
	if n := w.whole[1000]; n < enough || n > enough+20*1440 {
		t.Errorf("of the bulk %d bytes came, want %d and a little more", n, enough)
	}
	if n := w.whole[2000]; n < 1<<20 {
		t.Errorf("of HTTP/2 %d bytes came, want all of it", n)
	}
}

// What turns out to be HTTP/2 comes whole again, and what is over is forgotten.
func TestSparedIsWanted(t *testing.T) {
	w := &wire{headers: 256}
	seq := uint32(1)
	for range 400 {
		seq = w.carry(1000, ack, seq, make([]byte, 1400))
	}
	for frames := data(); len(frames) > 0; {
		n := min(len(frames), 1400)
		seq = w.carry(1000, ack, seq, frames[:n])
		frames = frames[n:]
	}
	w.run(t)
	if n := w.whole[1000]; n < enough+1<<19 {
		t.Errorf("%d bytes came, want what came before it was spared and after it began to be HTTP/2", n)
	}
	if w.calls < 2 || len(w.spared) != 0 {
		t.Errorf("said %d times what is spared, last %v; want none at the end", w.calls, w.spared)
	}
}

// Where the kernel has no memory for all, some are spared.
func TestSparedAsManyAsCanBe(t *testing.T) {
	w := &wire{headers: 256, refuse: 12}
	var seq [40]uint32
	for range 400 {
		for i := range seq {
			seq[i] = w.carry(uint16(1000+i), ack, seq[i], make([]byte, 1400))
		}
	}
	w.run(t)
	if n := len(w.spared); n == 0 || n > 12 {
		t.Errorf("%d are spared, want some, and at most 12", n)
	}
	if w.calls > 60 {
		t.Errorf("the kernel was asked %d times", w.calls)
	}
}
