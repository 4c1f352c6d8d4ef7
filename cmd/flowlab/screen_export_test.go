//go:build unix

package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/export"
	"flowlab/diagnose/survey"
	"flowlab/flow"
	"flowlab/tlsrec"
)

// over is a watch that has ended, in the folder of the test: of connection 2 the last six of
// ten packets, a second apart, are kept.
func over(t *testing.T) *watchExport {
	t.Chdir(t.TempDir())
	x := &watchExport{board: board.NewLive(), memory: export.NewMemory(0), over: make(chan struct{})}
	x.memory.AddInterface(capture.Interface{Name: "lo", LinkType: capture.RawIP})
	start := flow.FromTime(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	for n := range 10 {
		x.memory.Keep(capture.Kept{
			Packet:     capture.Packet{Time: start.Add(time.Duration(n) * time.Second), Data: make([]byte, 250<<10), Length: 500 << 10},
			Connection: 2, Frame: n + 1,
		})
	}
	x.ended(&diagnose.View{Number: 2, Start: start})
	over := make(chan struct{})
	close(over)
	x.over = over
	return x
}

// What was watched is exported also once it is over, and what is missing is said.
func TestExportOfWhatIsOver(t *testing.T) {
	x := over(t)
	said, err := x.write(t.Context(), 2, "")
	if want := "wrote connection-2.pcapng: 6 packets, 0 of them with comments; of its first 4.0 s there may be none: 64 MiB of packets are kept"; err != nil || said != want {
		t.Errorf("says %q, %v, want %q", said, err, want)
	}
	if said, err := x.write(t.Context(), 2, ""); err != nil || !strings.HasPrefix(said, "wrote connection-2-2.pcapng: ") {
		t.Errorf("the second time it says %q, %v", said, err)
	}
	if _, err := x.write(t.Context(), 2, "connection-2.pcapng"); err == nil || err.Error() != "connection-2.pcapng exists already" {
		t.Errorf("a file that is there: %v", err)
	}
	if _, err := x.write(t.Context(), 3, ""); !errors.Is(err, board.ErrGone) {
		t.Errorf("a connection that is not known: %v", err)
	}
	for n := range mostEnded {
		x.ended(&diagnose.View{Number: 10 + n})
	}
	if len(x.late) != mostEnded || x.find(2) != nil || x.find(9+mostEnded) == nil {
		t.Errorf("%d views are kept", len(x.late))
	}
}

// A capture that breaks off is exported up to there, and that is said.
func TestExportOfDamagedFile(t *testing.T) {
	path := stalledCapture(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o666); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	write := replayExport(survey.Survey{Files: []string{path}, Keys: tlsrec.NewKeys()})
	said, err := write(t.Context(), 1, "half.pcapng")
	if err != nil || !strings.HasPrefix(said, "wrote half.pcapng: ") || !strings.Contains(said, "; more could not be read: ") {
		t.Errorf("says %q, %v", said, err)
	}
	var missing *export.NotFoundError
	if _, err := write(t.Context(), 99, "none.pcapng"); !errors.As(err, &missing) {
		t.Errorf("a connection that is not there: %v", err)
	}
	if _, err := os.Stat("none.pcapng"); err == nil {
		t.Error("a file was made for it")
	}
}
