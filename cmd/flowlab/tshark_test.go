package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"flowlab/internal/need"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// counted is as much of a run's JSON as the counts need.
type counted struct {
	Analysis struct {
		Connections []struct {
			Interface  string
			Directions []struct{ Events map[string]int }
		}
	}
}

// TestTsharkCountsTheSame runs every scenario and has tshark read its capture:
// at either host it must find as many zero windows as flowlab did.
func TestTsharkCountsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every scenario in full")
	}
	tshark := need.Program(t, "tshark")
	// All at once, whatever the number of processors: they mostly wait.
	runs := map[string]*recorded{}
	for _, s := range scenarios.Builtins() {
		runs[s.Name] = start(t, s.Name)
	}
	for _, s := range scenarios.Builtins() {
		t.Run(s.Name, func(t *testing.T) {
			run := runs[s.Name]
			connections := run.wait(t).Analysis.Connections
			points := play.Interfaces(&s.Knobs)
			if want := 2 * (len(points) - 1); len(connections) != want {
				t.Fatalf("%d connections, want %d, one at each of its hosts", len(connections), want)
			}
			flowlab := map[string]int{}
			for _, c := range connections {
				for _, d := range c.Directions {
					flowlab[c.Interface] += d.Events["zero-window"]
				}
			}
			for _, at := range points {
				if n := zeroWindows(t, tshark, run.file, at.Name); n != flowlab[at.Name] {
					t.Errorf("at the %s: flowlab counts %d zero windows, tshark %d", at.Name, flowlab[at.Name], n)
				}
			}
		})
	}
}

// recorded is a run under way that writes JSON and a capture.
type recorded struct {
	*exec.Cmd
	file           string
	stdout, stderr bytes.Buffer
}

func start(t *testing.T, scenario string) *recorded {
	t.Helper()
	r := &recorded{file: filepath.Join(t.TempDir(), "run.pcapng")}
	r.Cmd = exec.CommandContext(t.Context(), "flowlab", "run", scenario, "--json", "--write", r.file)
	r.Stdout, r.Stderr = &r.stdout, &r.stderr
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// wait returns what a run came to, whether its expectations are met or not.
func (r *recorded) wait(t *testing.T) (got counted) {
	t.Helper()
	if err := r.Wait(); err != nil && r.ProcessState.ExitCode() != exitFailed {
		t.Fatalf("%v\n%s", err, &r.stderr)
	}
	if err := json.Unmarshal(r.stdout.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// zeroWindows counts the segments at one interface that tshark calls zero
// windows. It is shown that interface's packets alone: to tshark the same
// packet seen twice is a retransmission.
func zeroWindows(t *testing.T, tshark, file, iface string) int {
	t.Helper()
	alone := file + "." + iface
	filter := exec.Command(tshark, "-r", file, "-Y", fmt.Sprintf("frame.interface_name == %q", iface), "-w", alone)
	if out, err := filter.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	defer os.Remove(alone)
	list := exec.Command(tshark, "-r", alone, "-Y", "tcp.analysis.zero_window", "-T", "fields", "-e", "frame.number")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(out, []byte("\n"))
}
