package capture

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"flowlab/flow"
)

var noon = flow.FromTime(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))

// fill writes packets of 100 bytes, a second apart.
func fill(t *testing.T, r *Ring, n int) {
	t.Helper()
	for i := range n {
		p := Packet{Time: noon.Add(time.Duration(i) * time.Second), Data: make([]byte, 100), Length: 100}
		if err := r.Write(p, ""); err != nil {
			t.Fatalf("packet %d: %v", i, err)
		}
		if err := r.Statistics(0, p.Time, int64(i+1), int64(i/2)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRing(t *testing.T) {
	for _, c := range []struct {
		name    string
		options RingOptions
		files   []string
		packets []int
		drops   []int64
	}{
		{"no limit", RingOptions{}, []string{"out_00001_20261124120000.pcapng"}, []int{10}, []int64{4}},
		{"time", RingOptions{Span: 4 * time.Second},
			[]string{"out_00001_20261124120000.pcapng", "out_00002_20261124120004.pcapng", "out_00003_20261124120008.pcapng"},
			[]int{4, 4, 2}, []int64{1, 2, 1}},
		{"count", RingOptions{Span: 4 * time.Second, Keep: 2},
			[]string{"out_00002_20261124120004.pcapng", "out_00003_20261124120008.pcapng"},
			[]int{4, 2}, []int64{2, 1}},
		{"size", RingOptions{Size: 500},
			[]string{"out_00001_20261124120000.pcapng", "out_00002_20261124120004.pcapng", "out_00003_20261124120008.pcapng"},
			[]int{4, 4, 2}, []int64{1, 2, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			r, err := NewRing(filepath.Join(dir, "out.pcapng"), []Interface{{Name: "eth0", LinkType: RawIP}}, c.options, FileOptions{})
			if err != nil {
				t.Fatal(err)
			}
			fill(t, r, 10)
			found, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) != len(c.files) || len(r.Files()) != len(c.files) {
				t.Fatalf("%d files are there and %d are told, want %d", len(found), len(r.Files()), len(c.files))
			}
			for i, f := range found {
				if f.Name() != c.files[i] || r.Files()[i] != filepath.Join(dir, c.files[i]) {
					t.Errorf("file %d is %s, told as %s; want %s", i, f.Name(), r.Files()[i], c.files[i])
				}
				packets, drops := content(t, r.Files()[i])
				if packets != c.packets[i] || drops != c.drops[i] {
					t.Errorf("%s has %d packets and %d drops, want %d and %d", f.Name(), packets, drops, c.packets[i], c.drops[i])
				}
			}
		})
	}
}

// content reads a file that must be whole.
func content(t *testing.T, path string) (packets int, drops int64) {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all, err := readAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return len(all), r.Dropped()
}

// An interface that shows up late is in the files that follow, too.
func TestRingAddsInterfaces(t *testing.T) {
	r, err := NewRing(filepath.Join(t.TempDir(), "out"), nil, RingOptions{Span: time.Second}, FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"eth0", "eth1", "eth2"} {
		if err := r.AddInterface(Interface{Name: name, LinkType: RawIP}); err != nil {
			t.Fatal(err)
		}
		for of := range i + 1 {
			if err := r.Write(Packet{Time: noon.Add(time.Duration(i) * time.Second), Interface: of, Data: []byte{0x45}, Length: 1}, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for i, path := range r.Files() {
		if packets, _ := content(t, path); packets != i+1 {
			t.Errorf("file %d has %d packets, want %d", i, packets, i+1)
		}
	}
}

func TestRingRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := NewRing(filepath.Join(dir, "none", "out.pcapng"), nil, RingOptions{}, FileOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	ring := func() *Ring {
		r, err := NewRing(filepath.Join(dir, "out.pcapng"), []Interface{{Name: "eth0", LinkType: RawIP}}, RingOptions{}, FileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	fill(t, ring(), 1)
	again := ring()
	err := again.Write(Packet{Time: noon, Data: []byte{0x45}, Length: 1}, "")
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file that is there: %v", err)
	}
	if later := again.Write(Packet{Time: noon, Data: []byte{0x45}, Length: 1}, ""); later == nil || later.Error() != err.Error() {
		t.Errorf("the next packet: %v, want the first error again", later)
	}
}
