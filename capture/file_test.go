package capture

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestCreateKeepsWhatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lab.pcapng")
	if err := os.WriteFile(path, []byte("yesterday's packets"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, nil, FileOptions{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v, want one that wraps fs.ErrExist", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "yesterday's packets" {
		t.Errorf("the file was changed: %q", got)
	}
	f, err := Create(path, []Interface{{Name: "lab", LinkType: RawIP}}, FileOptions{Overwrite: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := packetsIn(t, path); len(got) != 0 {
		t.Errorf("%d packets in a file that got none", len(got))
	}
}

func TestFileHoldsEveryPacket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lab.pcapng")
	f, err := Create(path, []Interface{{Name: "lab", LinkType: RawIP}}, FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sizes := []int{0, 1, 1500, fileBuffer, maxPacket, 40} // also those above the buffer
	for i, n := range sizes {
		if err := f.Write(Packet{Time: 1, Data: make([]byte, n), Length: n}, "comment"); err != nil {
			t.Fatalf("packet %d: %v", i, err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got := packetsIn(t, path)
	if len(got) != len(sizes) {
		t.Fatalf("%d packets, want %d", len(got), len(sizes))
	}
	for i, p := range got {
		if len(p.Data) != sizes[i] {
			t.Errorf("packet %d has %d bytes, want %d", i, len(p.Data), sizes[i])
		}
	}
}

// packetsIn reads a file that must be whole.
func packetsIn(t *testing.T, path string) []Packet {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	packets, err := readAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return packets
}
