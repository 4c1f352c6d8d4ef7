package capture

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"flowlab/flow"
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

// What was dropped is in the file as soon as it is known, and what was received at
// the end; nothing is written that says the same again.
func TestFileCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lab.pcapng")
	f, err := Create(path, []Interface{{Name: "lab", LinkType: RawIP}}, FileOptions{Comment: "a capture"})
	if err != nil {
		t.Fatal(err)
	}
	size := func() int64 {
		if err := f.Flush(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	begun := size()
	for second := range int64(10) {
		if err := f.Statistics(0, flow.Time(second), 1000*second, 0); err != nil {
			t.Fatal(err)
		}
	}
	if now := size(); now != begun {
		t.Errorf("the file grew by %d bytes without a packet, or one that was dropped", now-begun)
	}
	if err := f.Statistics(0, 11, 11_000, 7); err != nil {
		t.Fatal(err)
	}
	size()
	if _, drops := content(t, path); drops != 7 {
		t.Errorf("%d dropped by the file that is being written, want 7", drops)
	}
	if err := f.Statistics(1, 11, 1, 1); err == nil {
		t.Error("there is no interface 1, and no error")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, drops := content(t, path); drops != 7 {
		t.Errorf("%d dropped by the whole file, want 7", drops)
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
