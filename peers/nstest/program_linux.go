package nstest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"flowlab/internal/need"
)

// Program is a program to run in a namespace.
type Program struct {
	Name string   // in PATH, or a path; a missing one skips the test, or fails it
	Args []string // without the name
	Env  []string // "KEY=value", besides the test's own
	Dir  string   // where it runs; "" is the test's own folder
	Port int      // that it listens on, which Start waits for; 0 if it is no server
	// For is how long it may run; 0 is a minute. Then it is ended.
	For time.Duration
}

// Running is a program that runs.
type Running struct {
	command *exec.Cmd
	name    string
	out     output // standard output and standard error
	ended   chan struct{}
	err     error // valid once ended is closed
	stop    sync.Once
}

// output may be read while a program writes to it.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// killAfter is how long a program has to end of itself once it was told to.
const killAfter = 2 * time.Second

// Start starts a program, and returns once it listens. It is ended at the end of the
// test if it was not before.
func (s *Space) Start(p Program) *Running {
	s.t.Helper()
	r := s.start(p)
	if p.Port != 0 {
		if err := s.listens(r, p.Port); err != nil {
			s.t.Fatal(err)
		}
	}
	return r
}

func (s *Space) start(p Program) *Running {
	s.t.Helper()
	limit := p.For
	if limit == 0 {
		limit = time.Minute
	}
	r := &Running{command: bounded(s.t, limit, p.Name, p.Args...), name: p.Name, ended: make(chan struct{})}
	r.command.Env, r.command.Dir = append(os.Environ(), p.Env...), p.Dir
	r.command.Stdout, r.command.Stderr = &r.out, &r.out
	r.command.WaitDelay = killAfter // a grandchild may hold the pipes open
	if err := s.Do(r.command.Start); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		r.err = r.command.Wait()
		close(r.ended)
	}()
	s.t.Cleanup(r.Stop)
	return r
}

// bounded is a command that is ended after a time, even if the test's process is gone by
// then.
func bounded(t testing.TB, limit time.Duration, name string, args ...string) *exec.Cmd {
	t.Helper()
	seconds := func(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }
	return exec.Command(need.Program(t, "timeout"), append([]string{"-k", seconds(killAfter), seconds(limit), need.Program(t, name)}, args...)...)
}

// Run runs a program to its end, and returns what it printed; the test fails if its exit
// code is not 0.
func (s *Space) Run(name string, args ...string) string {
	s.t.Helper()
	return s.RunProgram(Program{Name: name, Args: args})
}

// RunProgram is Run for a program that needs more than arguments.
func (s *Space) RunProgram(p Program) string {
	s.t.Helper()
	r := s.start(p)
	if err := r.Wait(); err != nil {
		s.t.Fatal(err)
	}
	return r.Output()
}

// Wait waits until the program ends of itself. The error has what it printed.
func (r *Running) Wait() error {
	<-r.ended
	if r.err != nil {
		return fmt.Errorf("%s: %w: %s", r.name, r.err, r.Output())
	}
	return nil
}

// Output is what it has printed until now, on standard output and standard error.
func (r *Running) Output() string { return r.out.String() }

// Stop tells the program to end (SIGTERM), and waits until it has; it is killed if it
// does not. Stopping twice is fine.
func (r *Running) Stop() {
	r.stop.Do(func() { _ = r.command.Process.Signal(syscall.SIGTERM) })
	<-r.ended
}

// listens waits until a port of the namespace is listened on.
func (s *Space) listens(r *Running, port int) error {
	again := time.NewTicker(5 * time.Millisecond) // only the kernel can tell, if asked
	defer again.Stop()
	for {
		var open bool
		err := s.Do(func() (err error) {
			open, err = listening(port)
			return err
		})
		if open || err != nil {
			return err
		}
		select {
		case <-r.ended:
			return fmt.Errorf("%s ended before it listened on port %d: %v: %s", r.name, port, r.err, r.Output())
		case <-again.C:
		}
	}
}

// listening tells whether a TCP port is listened on, in the thread's namespace
// (proc_net_tcp in the kernel's documentation).
func listening(port int) (bool, error) {
	for _, name := range []string{"tcp", "tcp6"} {
		table, err := os.ReadFile("/proc/thread-self/net/" + name)
		if err != nil {
			return false, err
		}
		for line := range strings.Lines(string(table)) {
			fields := strings.Fields(line)
			if len(fields) > 3 && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) && fields[3] == "0A" {
				return true, nil
			}
		}
	}
	return false, nil
}
