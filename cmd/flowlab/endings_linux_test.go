package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"flowlab/internal/need"
)

// drawn is a screen: how it is begun, what it shows while it is there, and the exit code if
// a signal asks it to end.
type drawn struct {
	args, shows string
	asked       int
}

// screens are those of the program.
func screens(t *testing.T) map[string]drawn {
	need.Root(t)
	need.Program(t, "ip")
	name := fmt.Sprintf("flowlab-end-%d", os.Getpid())
	for _, args := range [][]string{{"netns", "add", name}, {"-n", name, "link", "set", "lo", "up"}} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip: %v: %s", err, out)
		}
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	long := filepath.Join(t.TempDir(), "long.yaml")
	if err := os.WriteFile(long, []byte("title: A long run\nnetwork: {rate: 5Mbit/s}\nend: 2m\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	file, err := filepath.Abs("testdata/chain_one.pcapng.gz")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]drawn{
		"lab":    {"run " + long, " LIVE", exitError},
		"watch":  {"watch -i lo --netns " + name, "no connection was seen yet", exitFine},
		"replay": {"replay " + file, "connections, ", exitFine},
		"top":    {"top --interval 100ms", "connections, ", exitFine},
	}
}

// TestTerminalIsRestored: whatever ends a screen, its terminal is left as it was.
func TestTerminalIsRestored(t *testing.T) {
	t.Parallel()
	program := built(t, "panics")
	kill := func(who int, s syscall.Signal) func(*terminal) {
		return func(x *terminal) {
			if err := syscall.Kill(x.processes()[who], s); err != nil {
				x.Fatal(err)
			}
		}
	}
	const parent, child = 0, 1
	for screen, c := range screens(t) {
		for _, ending := range []struct {
			name string
			end  func(*terminal)
			code int
			said string
		}{
			{"q", func(x *terminal) { x.types("q") }, exitFine, ""},
			{"Ctrl-C", func(x *terminal) { x.types("C-c") }, exitFine, ""},
			{"SIGTERM", kill(parent, syscall.SIGTERM), c.asked, ""},
			{"SIGHUP", kill(parent, syscall.SIGHUP), c.asked, ""},
			{"a panic in a worker", kill(child, syscall.SIGUSR1), exitError, "panic: a worker failed"},
			{"SIGKILL", kill(child, syscall.SIGKILL), 128 + int(syscall.SIGKILL), ""},
		} {
			t.Run(screen+"/"+ending.name, func(t *testing.T) {
				t.Parallel()
				x := newTerminal(t, "100", "30")
				before := x.settings()
				x.types("echo be''fore; "+program+" "+c.args+"; echo co''de $?", "Enter")
				x.sees(c.shows)
				if got := x.modes(); got != "1 0 1 1" {
					t.Fatalf("alternate screen, cursor, mouse, wrapping: %s, want 1 0 1 1", got)
				}
				ending.end(x)
				x.sees("code ")
				if after := x.settings(); after != before {
					t.Errorf("the terminal's settings were\n%s\nand are\n%s", before, after)
				}
				if got := x.modes(); got != "0 1 0 1" {
					t.Errorf("alternate screen, cursor, mouse, wrapping: %s, want 0 1 0 1", got)
				}
				text := x.all()
				for _, want := range []string{"before", ending.said, "code " + strconv.Itoa(ending.code)} {
					if !strings.Contains(text, want) {
						t.Errorf("%q is not to be read in\n%s", want, text)
					}
				}
				if strings.Contains(text, c.shows) {
					t.Errorf("what was on the screen is left in\n%s", text)
				}
			})
		}
	}
}

// processes are the program that was begun in a terminal, and the child that has the
// screen.
func (s *terminal) processes() (list [2]int) {
	s.Helper()
	out, err := s.command("display-message", "-p", "#{pane_pid}").Output()
	if err != nil {
		s.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	for i := range list {
		if err != nil {
			s.Fatal(err)
		}
		pid, err = childOf(pid)
		list[i] = pid
	}
	if err != nil {
		s.Fatal(err)
	}
	return list
}

// childOf is the one child of a process, whichever of its threads began it.
func childOf(pid int) (int, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return 0, err
	}
	var children strings.Builder
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil { // the thread may have ended
			children.Write(text)
		}
	}
	return strconv.Atoi(strings.TrimSpace(children.String()))
}

// modes says whether the terminal has its alternate screen, shows the cursor, reports the
// mouse and wraps lines.
func (s *terminal) modes() string {
	s.Helper()
	out, err := s.command("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{wrap_flag}").Output()
	if err != nil {
		s.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// all is what is shown and what was scrolled away.
func (s *terminal) all() string {
	s.Helper()
	out, err := s.command("capture-pane", "-p", "-S", "-").Output()
	if err != nil {
		s.Fatal(err)
	}
	return string(out)
}
