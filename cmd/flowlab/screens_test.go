//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flowlab/internal/need"
)

// terminal is a shell inside tmux, which is driven as a person drives it.
type terminal struct {
	*testing.T
	tmux, socket string
}

func newTerminal(t *testing.T, width, height string) *terminal {
	t.Helper()
	tmux := need.Program(t, "tmux")
	dir, err := os.MkdirTemp("", "tmux") // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	s := &terminal{t, tmux, filepath.Join(dir, "s")}
	server := s.command("-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height, "exec sh -i")
	server.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := server.CombinedOutput(); err != nil {
		t.Fatalf("start tmux: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		_ = s.command("kill-server").Run()
		_ = os.RemoveAll(dir)
	})
	watchdog := "sleep 300; " + tmux + " -S " + s.socket + " kill-server" // also if this test is killed
	if out, err := s.command("run-shell", "-b", watchdog).CombinedOutput(); err != nil {
		t.Fatalf("run-shell: %v\n%s", err, out)
	}
	s.types("PS1='rea''dy$ '", "Enter") // not to be taken for what is typed
	s.sees("ready$")
	return s
}

func (s *terminal) command(args ...string) *exec.Cmd {
	return exec.CommandContext(s.Context(), s.tmux, append([]string{"-S", s.socket}, args...)...)
}

// types sends keys by tmux's names.
func (s *terminal) types(keys ...string) {
	s.Helper()
	if out, err := s.command(append([]string{"send-keys"}, keys...)...).CombinedOutput(); err != nil {
		s.Fatalf("send keys %q: %v\n%s", keys, err, out)
	}
}

func (s *terminal) shown() string {
	s.Helper()
	out, err := s.command("capture-pane", "-p").Output()
	if err != nil {
		s.Fatal(err)
	}
	return string(out)
}

// sees waits until a text is shown.
func (s *terminal) sees(text string) {
	s.Helper()
	var shown string
	for late := time.Now().Add(20 * time.Second); time.Now().Before(late); time.Sleep(50 * time.Millisecond) {
		if shown = s.shown(); strings.Contains(shown, text) {
			return
		}
	}
	s.Fatalf("%q is not shown after 20 s, but\n%s", text, shown)
}

// settings are those of the terminal, as stty prints them.
func (s *terminal) settings() string {
	s.Helper()
	tty, err := s.command("display-message", "-p", "#{pane_tty}").Output()
	if err != nil {
		s.Fatal(err)
	}
	f, err := os.Open(strings.TrimSpace(string(tty)))
	if err != nil {
		s.Fatal(err)
	}
	defer f.Close()
	stty := exec.CommandContext(s.Context(), "stty", "-a")
	stty.Stdin = f
	out, err := stty.Output()
	if err != nil {
		s.Fatal(err)
	}
	return string(out)
}

// TestScreens picks a scenario, runs it, turns a knob, goes back in time, resizes,
// suspends and resumes, and quits; then it looks at a capture of it.
func TestScreens(t *testing.T) {
	if testing.Short() {
		t.Skip("lives through a scenario")
	}
	t.Parallel()
	s := newTerminal(t, "80", "24")
	dir := t.TempDir()
	program, file, long := built(t, ""), dir+"/out.pcapng", dir+"/long.yaml"
	if err := os.WriteFile(long, []byte("title: A long run\nnetwork: {rate: 50Mbit/s}\nend: 2m\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	before := s.settings()

	s.types(program, "Enter")
	s.sees("choose a scenario")
	s.types("/", "r", "e", "a", "d", "e", "r", "Space", "s", "t", "o", "p")
	s.sees("flowlab run reader-stops")
	s.types("Enter", "Enter")
	s.sees("LIVE")
	s.types("q") // back to the scenarios
	s.sees("flowlab run reader-stops")
	s.types("q")
	s.sees("ready$")
	s.types("clear", "Enter", program+" run "+long, "Enter")
	s.sees("LIVE")
	s.types("0") // the consumer stops reading, and the chart answers
	s.sees("consumer.read-rate = 0")
	s.sees("held by RECEIVE WINDOW")
	s.types("k", "Up")
	s.sees("network.rtt")
	s.types("k", "?")
	s.sees("where a stall began or ended")
	s.types("?")
	s.types("Space")
	s.sees("FROZEN")
	s.types("Left", "Left", "Left", "Left")
	s.sees("PAST")
	s.types("End")
	s.sees("LIVE")
	if out, err := s.command("resize-window", "-x", "120", "-y", "40").CombinedOutput(); err != nil {
		t.Fatalf("resize: %v\n%s", err, out)
	}
	s.types("c")
	s.sees("producer writes")
	s.types("C-z")
	s.sees("ready$")
	s.types("clear", "Enter", "fg", "Enter")
	s.sees("held by")
	s.types("q")
	s.sees("packets at 2 interfaces") // the report, on the terminal as it was
	s.sees("ready$")
	if after := s.settings(); strings.ReplaceAll(after, "rows 40; columns 120", "rows 24; columns 80") != before {
		t.Errorf("the terminal's settings were\n%s\nand are\n%s", before, after)
	}

	if out, err := exec.Command(program, "run", "testdata/stop.yaml", "--headless", "--write", file).CombinedOutput(); err != nil {
		t.Fatalf("run: %v\n%s", err, out)
	}
	s.types("clear", "Enter", program+" replay "+file, "Enter")
	s.sees("2 connections")
	s.types("/", "port", "Space", "x", "Enter")
	s.sees("a port is a number")
	s.types("C-u", "port", "Space", "9", "Enter")
	s.sees("▶192.0.2.1")
	s.types("Enter")
	s.sees("client sent")
	s.types("[")
	s.sees("PAUSED 1x")
	s.types("C-c")
	s.sees("ready$")
}
