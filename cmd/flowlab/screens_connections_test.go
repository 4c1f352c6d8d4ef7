//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"flowlab/bench/traffic"
	"flowlab/internal/need"
)

// stalledCapture is a capture of HTTP/2 with silences in it, whose ends are of 10.0.0.0/8.
func stalledCapture(t *testing.T) string {
	t.Helper()
	return written(t, traffic.DrawnOut{Of: traffic.HTTP2{Connections: 3, Streams: 60, Open: 3, Body: 40 << 10}, Silence: time.Second, Every: 300, Seed: 1})
}

// written is a capture file.
func written(t *testing.T, like traffic.DrawnOut) string {
	t.Helper()
	var b bytes.Buffer
	if err := like.Write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "trace.pcap")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReplayOfYears opens a connection that says nothing for three years, and leaves.
func TestReplayOfYears(t *testing.T) {
	t.Parallel()
	like := traffic.DrawnOut{Of: traffic.HTTP2{Connections: 2, Streams: 30, Open: 2, Body: 40 << 10}, Silence: time.Second, Every: 300, Once: 3 * 365 * 24 * time.Hour}
	program, file := built(t, ""), written(t, like)
	s := newTerminal(t, "120", "40")
	s.types(program+" replay "+file, "Enter")
	s.sees("2 connections")
	s.types("Enter")
	s.sees("connection 1  10.1.0.0")
	s.types("Left")
	s.sees("PAUSED 1x")
	s.types("q")
	s.sees("ready$")
}

// TestReplayScreen filters with completion, sorts, goes to an instant, exports, copies and
// masks, by keys and by commands.
func TestReplayScreen(t *testing.T) {
	t.Parallel()
	tshark := need.Program(t, "tshark")
	program, file, dir := built(t, ""), stalledCapture(t), t.TempDir()
	s := newTerminal(t, "120", "40")
	if out, err := s.command("set", "-g", "set-clipboard", "on").CombinedOutput(); err != nil {
		t.Fatalf("set-clipboard: %v\n%s", err, out)
	}
	s.types("cd "+dir, "Enter", "clear", "Enter", program+" replay "+file, "Enter")
	s.sees("3 connections")

	s.types("/", "num", "Tab")
	s.sees("/number")
	s.types("Space", "3", "Enter")
	s.sees("▶10.1.0.0:1026")
	if strings.Count(s.shown(), "10.2.0.") != 1 {
		t.Errorf("more than connection 3 is shown:\n%s", s.shown())
	}
	s.types(":", "fil", "Tab", "Enter", ":sort ", "b", "Tab", "Enter")
	s.sees("sort: bytes")
	s.types(":go 1.5s", "Enter")
	s.sees("1.50 s  PAUSED 1x")
	s.types(":go yesterday", "Enter")
	s.sees(`"yesterday" is no time: write :go TIME, such as 3.2s, +5s, -1s or end`)
	s.types("C-u", "go end", "Enter")
	s.sees("END")

	s.types(":connection 2", "Enter")
	s.sees("connection 2  10.1.0.0")
	s.types("e")
	s.sees("wrote connection-2.pcapng: ")
	exported := filepath.Join(dir, "connection-2.pcapng")
	report, err := exec.Command(program, "analyze", exported).CombinedOutput()
	if err != nil || !strings.Contains(string(report), "one connection; it stalled") {
		t.Errorf("analyze: %v\n%s", err, report)
	}
	comments, err := exec.Command(tshark, "-r", exported, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment").Output()
	if err != nil || !strings.Contains(string(comments), "source frame ") || !strings.Contains(string(comments), "stall begins") {
		t.Errorf("tshark: %v, and the comments are\n%.1000s", err, comments)
	}
	s.types("e") // nothing is replaced
	s.sees("wrote connection-2-2.pcapng: ")
	s.types(":export connection-2.pcapng", "Enter")
	s.sees("connection-2.pcapng exists already: choose another name")

	s.types("y")
	s.sees("copied what holds connection 2: ")
	copied, err := s.command("show-buffer").Output()
	if err != nil || !strings.HasPrefix(string(copied), "connection 2 (10.1.0.0:") || !strings.Contains(string(copied), "prove it.") {
		t.Errorf("%v, and this was copied:\n%s", err, copied)
	}

	s.types("M")
	s.sees("connection 2  192.0.2.")
	s.types("e")
	s.sees("a file would have the true addresses")
	s.types("Escape")
	s.sees("a capture file  3 connections")
	address := regexp.MustCompile(`\b10\.[12]\.\d+\.\d+`)
	if found := address.FindString(s.shown()); found != "" {
		t.Errorf("%s is shown on a masked screen:\n%s", found, s.shown())
	}
	s.types(":mask off", "Enter")
	s.sees("trace.pcap  3 connections")
	s.types("q")
	s.sees("ready$")

	s.types("clear", "Enter", program+" replay --mask "+file, "Enter")
	s.sees("192.0.2.1:")
	s.types("Enter", "d", "Enter", "d")
	s.sees("stream ")
	if found := address.FindString(s.shown()); found != "" {
		t.Errorf("%s is shown with --mask:\n%s", found, s.shown())
	}
	s.types(":quit", "Enter")
	s.sees("ready$")
}
