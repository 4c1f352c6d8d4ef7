package capture

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fullDiskEnv names the file that this test, run again as a child, fills.
const fullDiskEnv = "FLOWLAB_TEST_FULL_DISK"

// The most that the child may write to a file: not the end of any block.
const fullDiskLimit = 100_001

// TestFileOnFullDisk writes to a file that the kernel lets grow no further, as
// on a full disk: the write that crosses the limit is done in part, and the next
// one fails. The limit is one of the whole process, so a child has it.
func TestFileOnFullDisk(t *testing.T) {
	if path := os.Getenv(fullDiskEnv); path != "" {
		fillDisk(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "cut.pcapng")
	child := exec.Command(os.Args[0], "-test.run=^TestFileOnFullDisk$", "-test.v")
	child.Env = append(os.Environ(), fullDiskEnv+"="+path)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	const block = 1032 // of a packet of 1000 bytes, see fillDisk
	if size := info.Size(); size > fullDiskLimit || size <= fullDiskLimit-block {
		t.Errorf("the file has %d bytes, want as many as whole blocks fit into %d", size, fullDiskLimit)
	}
	packets := packetsIn(t, path)
	says := fmt.Sprintf("%s: saved %d packets (%d bytes) and no more: write %s: file too large",
		path, len(packets), info.Size(), path)
	if !strings.Contains(string(out), says) {
		t.Errorf("the child said\n%s\nwant\n%s", out, says)
	}
	for i, p := range packets {
		if int(p.Time) != i {
			t.Fatalf("packet %d is the one of time %d", i, p.Time)
		}
	}
}

func fillDisk(t *testing.T, path string) {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: fullDiskLimit, Max: fullDiskLimit}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	f, err := Create(path, []Interface{{Name: "lab", LinkType: RawIP}}, FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := Packet{Data: make([]byte, 1000), Length: 1000}
	var first error
	for first == nil && p.Time < 1000 {
		first = f.Write(p, "")
		p.Time++
	}
	var save *SaveError
	if !errors.As(first, &save) || !errors.Is(first, syscall.EFBIG) {
		t.Fatalf("error %v, want a SaveError of EFBIG", first)
	}
	if again := f.Write(p, ""); again != first {
		t.Errorf("the next write returned %v, want %v", again, first)
	}
	if err := f.Close(); !errors.As(err, &save) {
		t.Errorf("Close returned %v, want the SaveError", err)
	}
	t.Log(first)
}
