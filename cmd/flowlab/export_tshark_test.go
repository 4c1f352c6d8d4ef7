package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowlab/internal/need"
)

// TestTsharkReadsTheExport: tshark finds each comment on its frame, and prints what
// testdata/export-KIND.golden has.
func TestTsharkReadsTheExport(t *testing.T) {
	tshark, capinfos := need.Program(t, "tshark"), need.Program(t, "capinfos")
	for _, kind := range []string{"stall", "unread"} {
		t.Run(kind, func(t *testing.T) {
			folder := t.TempDir()
			if err := saveCapture(kind, filepath.Join(folder, "made.pcapng"), 1, 0); err != nil {
				t.Fatal(err)
			}
			in := func(name string, arguments ...string) []byte {
				program := exec.CommandContext(t.Context(), name, arguments...)
				program.Dir = folder
				out, err := program.Output()
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				return out
			}
			in("flowlab", "analyze", "made.pcapng", "--connection", "1", "--write", "out.pcapng")
			// The comment on the file, then those on frames.
			got := in(capinfos, "-k", "out.pcapng")
			got = append(got, in(tshark, "-n", "-r", "out.pcapng", "-Y", "frame.comment", "-T", "fields", "-e", "frame.number", "-e", "frame.interface_name", "-e", "frame.comment")...)
			golden := filepath.Join("testdata", "export-"+kind+".golden")
			if *update {
				if err := os.WriteFile(golden, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
