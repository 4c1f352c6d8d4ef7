//go:build unix

package tui

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"
)

// supervised marks the child in its environment.
const supervised = "FLOWLAB_SUPERVISED"

// forwarded are the signals that end a program.
var forwarded = []os.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT}

func supervise(args []string) (ran bool, code int, err error) {
	if os.Getenv(supervised) != "" {
		return false, 0, os.Unsetenv(supervised) // it is not meant for the child's own children
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return false, 0, nil
	}
	defer tty.Close()
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return false, 0, nil
	}
	program, err := os.Executable()
	if err != nil {
		return false, 0, fmt.Errorf("find this program: %w", err)
	}

	var said bytes.Buffer
	child := exec.Command(program, args...)
	child.Env = append(os.Environ(), supervised+"=1")
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, &said
	child.WaitDelay = time.Second // for a grandchild that keeps stderr open
	signals := make(chan os.Signal, len(forwarded))
	signal.Notify(signals, forwarded...)
	defer signal.Stop(signals)
	if err := child.Start(); err != nil {
		return false, 0, fmt.Errorf("start the program that has the screen: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		child.Wait() // what there is to know is in ProcessState
		close(ended)
	}()
	for {
		select {
		case s := <-signals:
			child.Process.Signal(s) // it may have ended meanwhile
		case <-ended:
			putBack(tty, before)
			os.Stderr.Write(said.Bytes())
			return true, exitCode(child.ProcessState), nil
		}
	}
}

// exitCode is what a shell would say of a process that has ended.
func exitCode(p *os.ProcessState) int {
	if s := p.Sys().(syscall.WaitStatus); s.Signaled() {
		return 128 + int(s.Signal())
	}
	return p.ExitCode()
}

// putBack restores a terminal that was left as a screen needs it. Raw settings
// are the first that a screen takes and the last that it gives back, so as long
// as the settings are as before, so is the rest.
func putBack(tty *os.File, before *term.State) {
	now, err := term.GetState(int(tty.Fd()))
	if err != nil || *now == *before {
		return
	}
	tty.WriteString(leave)
	term.Restore(int(tty.Fd()), before)
}

// leave undoes what a screen switches on, in xterm's words (XTerm Control
// Sequences; the keyboard's are of xterm and kitty). A terminal ignores those
// that it does not know.
const leave = "\x1b[?2026l" + // what was held back for a whole picture is shown
	"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l" + // the mouse is the terminal's
	"\x1b[?2004l\x1b[?1004l" + // a paste is not bracketed, focus is not reported
	"\x1b[?9001l\x1b[<u\x1b[>4;0m" + // keys are sent in the old way
	"\x1b[?1l\x1b>" + // arrows and keypad too
	"\x1b[0m\x1b[?7h\x1b[?25h" + // no colours, lines wrap, the cursor is shown
	"\x1b[23;2t" + // the window's title
	"\x1b[?1049l" // the alternate screen is left
