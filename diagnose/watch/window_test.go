package watch

import (
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/flow"
)

var noon = flow.FromTime(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))

// newWindow returns a window of one interface over a ring in a folder of the
// test's own.
func newWindow(t *testing.T, before, after time.Duration, memory int64, keep int) (*Window, *capture.Ring) {
	t.Helper()
	ring, err := capture.NewRing(filepath.Join(t.TempDir(), "stall.pcapng"), nil, capture.RingOptions{Keep: keep}, capture.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w := NewWindow(ring, before, after, memory)
	if err := w.AddInterface(capture.Interface{Name: "eth0", LinkType: capture.RawIP}); err != nil {
		t.Fatal(err)
	}
	return w, ring
}

// write writes a packet of that many bytes for each tenth of a second up to and
// without a time, the first byte of which tells its number.
func write(t *testing.T, w *Window, from, to time.Duration, size int) {
	t.Helper()
	for d := from; d < to; d += 100 * time.Millisecond {
		p := capture.Packet{Time: noon.Add(d), Data: make([]byte, size), Length: size}
		p.Data[0] = byte(d / (100 * time.Millisecond))
		if err := w.Write(p, ""); err != nil {
			t.Fatal(err)
		}
		if err := w.pass(noon.Add(d)); err != nil {
			t.Fatal(err)
		}
	}
}

// times reads a file, and returns when its first and its last packet passed, and
// how many there are.
func times(t *testing.T, path string) (first, last time.Duration, packets int) {
	t.Helper()
	r, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return first, last, packets
		}
		if err != nil {
			t.Fatal(err)
		}
		if last = p.Time.Sub(noon); packets == 0 {
			first = last
		}
		if want := byte(last / (100 * time.Millisecond)); p.Data[0] != want {
			t.Fatalf("the packet of %v is number %d, want %d", last, p.Data[0], want)
		}
		packets++
	}
}

func TestWindowHasWhatCameBeforeAndAfter(t *testing.T) {
	w, ring := newWindow(t, 2*time.Second, time.Second, 64<<20, 0)
	write(t, w, 0, 10*time.Second, 100)
	path, err := w.fire(noon.Add(10*time.Second), "why")
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, 10*time.Second, 12*time.Second, 100)
	w.hold(noon.Add(10500 * time.Millisecond)) // too late: the file is over
	if again, err := w.fire(noon.Add(15*time.Second), "again"); err != nil || again == path {
		t.Fatalf("the second file is %q, %v", again, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files := ring.Files()
	if len(files) != 2 || files[0] != path {
		t.Fatalf("files %v, want two", files)
	}
	if _, _, packets := times(t, files[1]); packets != 0 {
		t.Errorf("%d packets in a file about a time without any", packets)
	}
	first, last, packets := times(t, path)
	if first != 8*time.Second || last != 11*time.Second || packets != 31 {
		t.Errorf("%d packets from %v to %v, want 31 from 8s to 11s", packets, first, last)
	}
}

func TestWindowGoesOnWithTheStall(t *testing.T) {
	w, _ := newWindow(t, time.Second, time.Second, 64<<20, 0)
	path, err := "", error(nil)
	for d := time.Duration(0); d < 10*time.Second; d += 100 * time.Millisecond {
		write(t, w, d, d+1, 100)
		switch {
		case d == 2*time.Second:
			if path, err = w.fire(noon.Add(d), "why"); err != nil {
				t.Fatal(err)
			}
		case d > 2*time.Second && d <= 6*time.Second:
			w.hold(noon.Add(d))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if first, last, _ := times(t, path); first != time.Second || last != 7*time.Second {
		t.Errorf("from %v to %v, want 1s to 7s", first, last)
	}
}

// A stall that does not end is recorded for a minute.
func TestWindowEnds(t *testing.T) {
	w, _ := newWindow(t, 0, time.Second, 64<<20, 0)
	write(t, w, 0, 100*time.Millisecond, 10)
	path, err := w.fire(noon, "why")
	if err != nil {
		t.Fatal(err)
	}
	for d := 100 * time.Millisecond; d < 2*time.Minute; d += 100 * time.Millisecond {
		w.hold(noon.Add(d))
		write(t, w, d, d+1, 10)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for ; err == nil; n++ {
		_, err = r.Next()
	}
	if n-1 != 601 {
		t.Errorf("%d packets, want 601: those of a minute", n-1)
	}
}

// What is kept is bounded by memory, too, and taking it again costs none.
func TestWindowForgets(t *testing.T) {
	w, _ := newWindow(t, time.Hour, 0, 2<<20, 0)
	data := make([]byte, 1000)
	now := noon
	one := func() {
		now = now.Add(time.Millisecond)
		if err := w.Write(capture.Packet{Time: now, Data: data, Length: 1000}, ""); err != nil {
			t.Fatal(err)
		}
	}
	for range 10_000 {
		one()
	}
	if allocs := testing.AllocsPerRun(10_000, one); allocs > 0 {
		t.Errorf("%v allocations a packet", allocs)
	}
	path, err := w.fire(now, "why")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for ; err == nil; n++ {
		_, err = r.Next()
	}
	if n < 1048 || n > 2097 { // between one MiB and two
		t.Errorf("%d packets of 1000 bytes were kept in 2 MiB", n-1)
	}
}
