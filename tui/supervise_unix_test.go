//go:build unix

package tui

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowlab/internal/need"
	"flowlab/scenarios"
	"flowlab/tui/settings"
)

// asProgram makes this test binary a program that has the screen; its value is
// the folder for what the program has to tell the test.
const asProgram = "FLOWLAB_TEST_ON_SCREEN"

// endedWell is what the program exits with if it ends by itself.
const endedWell = 3

func TestMain(m *testing.M) {
	if dir := os.Getenv(asProgram); dir != "" {
		os.Exit(program(dir))
	}
	os.Exit(m.Run())
}

// program shows the picker until a signal ends it; SIGUSR1 makes a goroutine
// panic that has nothing to do with the screen.
func program(dir string) int {
	ran, code, err := Supervise(os.Args[1:])
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 2
	case ran:
		return code
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
	defer stop()
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		<-asked
		panic("a worker failed")
	}()
	for name, pid := range map[string]int{"child": os.Getpid(), "parent": os.Getppid()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strconv.Itoa(pid)), 0o600); err != nil {
			panic(err)
		}
	}
	if _, err := Pick(ctx, scenarios.Groups(), "", settings.Default()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	fmt.Fprintln(os.Stderr, "a last word")
	return endedWell
}

// pane is a terminal in which a shell runs the program.
type pane struct {
	t    *testing.T
	tmux string
	dir  string
}

// openPane runs the program in a new terminal, and returns when it has the
// screen.
func openPane(t *testing.T) pane {
	t.Helper()
	tmux := need.Program(t, "tmux")
	dir, err := os.MkdirTemp("", "tui") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	p := pane{t, tmux, dir}
	const script = `
echo before
stty -g >settings-before
"$PROGRAM"
echo $? >code
stty -g >settings-after
echo after
"$TMUX_PROGRAM" wait-for -S ended
exec cat
`
	server := p.command("-u", "-f", os.DevNull, "new-session", "-d", "-x", "80", "-y", "24", "sh", "-c", script)
	server.Dir = dir
	server.Env = append(os.Environ(), "LC_ALL=C.UTF-8", asProgram+"="+dir, "PROGRAM="+os.Args[0], "TMUX_PROGRAM="+tmux)
	if out, err := server.CombinedOutput(); err != nil {
		t.Fatalf("start tmux: %v\n%s", err, out)
	}
	p.run("run-shell", "-b", "sleep 120; "+tmux+" -S "+p.socket()+" kill-server") // also if this test is killed
	t.Cleanup(func() {
		// The test's context, which commands have, is over by now.
		if out, err := exec.Command(tmux, "-S", p.socket(), "kill-server").CombinedOutput(); err != nil {
			t.Errorf("end tmux: %v\n%s", err, out)
		}
		os.RemoveAll(dir)
	})
	waitFor(t, "the screen", func() bool { return strings.Contains(p.run("capture-pane", "-p"), "choose a scenario") })
	return p
}

func (p pane) command(args ...string) *exec.Cmd {
	return exec.CommandContext(p.t.Context(), p.tmux, append([]string{"-S", p.socket()}, args...)...)
}

func (p pane) socket() string { return filepath.Join(p.dir, "socket") }

func (p pane) run(args ...string) string {
	p.t.Helper()
	out, err := p.command(args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// told is the content of a file that the program or its shell has written.
func (p pane) told(name string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(bytes.TrimSpace(text))
}

// signal sends a signal to the child or to the parent.
func (p pane) signal(who string, s syscall.Signal) {
	p.t.Helper()
	pid, err := strconv.Atoi(p.told(who))
	if err == nil {
		err = syscall.Kill(pid, s)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// TestTerminalIsRestored: whatever ends the program, its terminal is left as it
// was, and what was to be said is said.
func TestTerminalIsRestored(t *testing.T) {
	for _, c := range []struct {
		name   string
		end    func(pane)
		code   int
		said   []string
		unsaid string
	}{
		{name: "quit", end: func(p pane) { p.run("send-keys", "q") }, code: endedWell, said: []string{"a last word"}},
		{name: "Ctrl-C", end: func(p pane) { p.run("send-keys", "C-c") }, code: endedWell, said: []string{"a last word"}},
		{name: "SIGTERM", end: func(p pane) { p.signal("parent", syscall.SIGTERM) }, code: endedWell, said: []string{"a last word"}},
		{name: "SIGHUP", end: func(p pane) { p.signal("parent", syscall.SIGHUP) }, code: endedWell, said: []string{"a last word"}},
		{name: "SIGTERM to the child", end: func(p pane) { p.signal("child", syscall.SIGTERM) }, code: endedWell, said: []string{"a last word"}},
		{name: "a panic in any goroutine", end: func(p pane) { p.signal("child", syscall.SIGUSR1) }, code: 2,
			said: []string{"panic: a worker failed", "tui.program.func1"}, unsaid: "a last word"},
		{name: "SIGKILL", end: func(p pane) { p.signal("child", syscall.SIGKILL) }, code: 128 + int(syscall.SIGKILL), unsaid: "a last word"},
		{name: "SIGQUIT", end: func(p pane) { p.signal("parent", syscall.SIGQUIT) }, code: 2,
			said: []string{"SIGQUIT: quit"}, unsaid: "a last word"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := openPane(t)
			if got := strings.TrimSpace(p.run("display-message", "-p", "#{alternate_on}")); got != "1" {
				t.Fatalf("the program does not have the alternate screen: %q", got)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			ended := exec.CommandContext(ctx, p.tmux, "-S", p.socket(), "wait-for", "ended")
			c.end(p)
			if err := ended.Run(); err != nil {
				t.Fatalf("the program did not end: %v", err)
			}
			if got := p.told("code"); got != strconv.Itoa(c.code) {
				t.Errorf("the exit code is %s, want %d", got, c.code)
			}
			if before, after := p.told("settings-before"), p.told("settings-after"); before != after {
				t.Errorf("the terminal's settings are\n%s, and were\n%s", after, before)
			}
			if got := strings.TrimSpace(p.run("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag} #{wrap_flag}")); got != "0 1 0 0 1" {
				t.Errorf("alternate screen, cursor, mouse, keypad, wrapping: %s, want 0 1 0 0 1", got)
			}
			waitFor(t, "the end of the script", func() bool { return strings.Contains(p.run("capture-pane", "-p"), "after") })
			text := p.run("capture-pane", "-p", "-S", "-")
			for _, want := range append([]string{"before", "after"}, c.said...) {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not to be read in\n%s", want, text)
				}
			}
			if c.unsaid != "" && strings.Contains(text, c.unsaid) || strings.Contains(text, "choose a scenario") {
				t.Errorf("too much is to be read in\n%s", text)
			}
		})
	}
}

// TestSuperviseInChild: the child has the screen itself, and hides that it is
// one.
func TestSuperviseInChild(t *testing.T) {
	t.Setenv(supervised, "1")
	ran, _, err := Supervise(nil)
	if ran || err != nil {
		t.Errorf("ran %v, %v", ran, err)
	}
	if _, set := os.LookupEnv(supervised); set {
		t.Error("the mark is left for the child's own children")
	}
}
