package export

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
)

var noon = flow.FromTime(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))

// filled is a memory of two MiB after 400 packets of 10 kB of connections 1 and 2 by
// turns, a tenth of a second apart.
func filled() *Memory {
	m := NewMemory(2 << 20)
	m.AddInterface(capture.Interface{Name: "lo", LinkType: capture.RawIP})
	m.AddInterface(capture.Interface{Name: "eth0", LinkType: capture.RawIP})
	for n := range 400 {
		data := make([]byte, 10_000)
		binary.BigEndian.PutUint32(data, uint32(n+1))
		m.Keep(capture.Kept{
			Packet:     capture.Packet{Time: noon.Add(time.Duration(n) * 100 * time.Millisecond), Interface: 1, Data: data, Length: len(data)},
			Connection: 1 + n%2, Frame: n + 1,
		})
	}
	return m
}

// stalled is connection 2, with a stall of which the first frame is long forgotten.
func stalled() *diagnose.View {
	v := &diagnose.View{Number: 2, Interface: 1, Start: noon, End: noon.Add(40 * time.Second)}
	v.Directions[flow.Server].From = flow.Server
	d := &v.Directions[flow.Client]
	d.Bytes = 1000
	d.Limits[flow.ReceiveWindow] = 38 * time.Second
	d.Stalls = []diagnose.Stall{{
		Interval: flow.Interval{Start: noon.Add(time.Second), End: noon.Add(39*time.Second + 900*time.Millisecond)},
		Cause:    flow.ReceiveWindow, HeldBy: flow.Reader, Frames: []int{10, 398, 400},
	}}
	d.Count = 1
	return v
}

// What is still kept of a connection is written, with what was found of it, and the
// file says from when on.
func TestMemoryExports(t *testing.T) {
	m := filled()
	since, ok := m.Since()
	if !ok || since <= noon {
		t.Fatalf("the oldest packet is of %v, %v", since, ok)
	}
	var b bytes.Buffer
	written, err := m.Export(&b, []*diagnose.View{stalled()})
	if err != nil {
		t.Fatal(err)
	}
	file := b.String()
	for _, want := range []string{
		"the client sent 1,000 bytes; held by receive-window 100.0 %\n",
		"its packets before " + seconds(since.Sub(noon)) + " are no longer kept",
		"source frame 398: proves that the client is held by receive-window (reader)",
		"source frame 400: stall ends after 38.900 s: the client was held by receive-window (reader)",
	} {
		if !strings.Contains(file, want) {
			t.Errorf("the file does not say %q", want)
		}
	}
	r, err := capture.NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	n, next := 0, uint32(0)
	for p, err := r.Next(); err == nil; p, err = r.Next() {
		number := binary.BigEndian.Uint32(p.Data)
		if number%2 != 0 || n > 0 && number != next || len(p.Data) != 10_000 {
			t.Fatalf("packet %d of %d bytes, want %d", number, len(p.Data), next)
		}
		n, next = n+1, number+2
	}
	if n == 0 || n != written.Packets || next != 402 || written.Comments != 2 {
		t.Errorf("%d packets up to %d; said %+v", n, next-2, written)
	}
	if points := r.Interfaces(); len(points) != 1 || points[0].Name != "eth0" {
		t.Errorf("interfaces %v, want eth0 alone", points)
	}
}

// blocked is a writer that takes nothing until it is let go.
type blocked struct{ waits, goes chan struct{} }

func (b *blocked) Write(p []byte) (int, error) {
	select {
	case b.waits <- struct{}{}:
	default:
	}
	<-b.goes
	return len(p), nil
}

// A disk that takes nothing keeps nobody from keeping packets.
func TestSlowExportDelaysNobody(t *testing.T) {
	m := filled()
	to := &blocked{waits: make(chan struct{}, 1), goes: make(chan struct{})}
	done := make(chan error)
	go func() {
		_, err := m.Export(to, []*diagnose.View{stalled()})
		done <- err
	}()
	<-to.waits
	for n := range 1000 { // more than the memory holds; the test would hang here
		m.Keep(capture.Kept{Packet: capture.Packet{Time: noon.Add(time.Minute), Interface: 1, Data: make([]byte, 10_000), Length: 10_000}, Connection: 2, Frame: 401 + n})
	}
	close(to.goes)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
