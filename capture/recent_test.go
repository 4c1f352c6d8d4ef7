package capture

import (
	"testing"
	"time"

	"flowlab/flow"
)

// numbered is a packet of so many bytes, the first of which tells its number.
func numbered(n, size int) Kept {
	data := make([]byte, size)
	data[0] = byte(n)
	return Kept{Packet: Packet{Time: flow.Time(time.Hour).Add(time.Duration(n) * time.Second), Data: data, Length: size}, Frame: n}
}

// The latest packets stay, within the memory; a list stays as it was, whatever is
// kept after it.
func TestRecentKeepsTheLatest(t *testing.T) {
	r := NewRecent(4*chunkBytes, 0)
	const size = chunkBytes / 4
	for n := range 100 {
		r.Keep(numbered(n, size))
	}
	list := r.List()
	for n := 100; n < 200; n++ {
		r.Keep(numbered(n, size))
	}
	check := func(name string, first, last int, packets func(func(*Kept) bool)) {
		next := first
		for k := range packets {
			if k.Frame != next || k.Data[0] != byte(next) || len(k.Data) != size {
				t.Fatalf("%s: packet %d begins with %d, want packet %d", name, k.Frame, k.Data[0], next)
			}
			next++
		}
		if next != last+1 {
			t.Errorf("%s: the last is %d, want %d", name, next-1, last)
		}
	}
	check("list", 84, 99, list)
	check("what is kept", 184, 199, r.Take())
	check("after it was taken", 0, -1, r.List())
}

// What is older than the span is forgotten, a chunk at a time.
func TestRecentForgetsWhatIsOld(t *testing.T) {
	r := NewRecent(64*chunkBytes, 10*time.Second)
	for n := range 200 {
		r.Keep(numbered(n, chunkBytes/4))
	}
	for k := range r.List() {
		if k.Frame < 180 || k.Frame > 189 {
			t.Errorf("the oldest is packet %d, want one of 180 to 189", k.Frame)
		}
		break
	}
}

func TestRecentAllocatesNothingOnceFull(t *testing.T) {
	r := NewRecent(2*chunkBytes, 0)
	k := numbered(1, 1000)
	for range 3 * chunkPackets {
		r.Keep(k)
	}
	if n := testing.AllocsPerRun(10_000, func() { r.Keep(k) }); n > 0 {
		t.Errorf("%v allocations a packet, want none", n)
	}
}
