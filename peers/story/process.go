package story

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Process is a program that a story has started.
type Process struct {
	cmd   *exec.Cmd
	log   string
	ended chan struct{}
	err   error // of Wait; there once ended is closed
	stop  sync.Once

	mu   sync.Mutex
	gone bool // the number of its group may be another's
}

// grace is how long a process has to end by itself.
const grace = 5 * time.Second

// Start starts a program, in a process group of its own, with its output in a file of the
// stage's folder unless the command has other places for it. It and all its children end
// with the story.
func (s *Stage) Start(cmd *exec.Cmd) (*Process, error) {
	log, err := os.CreateTemp(s.folder, filepath.Base(cmd.Path)+"-*.log")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(cmd.Path), err)
	}
	defer log.Close()
	if cmd.Stdout == nil {
		cmd.Stdout = log
	}
	if cmd.Stderr == nil {
		cmd.Stderr = log
	}
	if cmd.Dir == "" {
		cmd.Dir = s.folder
	}
	ownGroup(cmd)
	endWithParent(cmd)
	p := &Process{cmd: cmd, log: log.Name(), ended: make(chan struct{})}
	started := make(chan error, 1)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(cmd.Path), err)
	}
	go p.hurry(s.story.Hurry)
	s.AtEnd(p.Stop)
	return p, nil
}

// run starts the process, and waits until it has ended, on one thread: to Linux the parent is
// the thread that started it, which else may end before.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	p.err = p.settle()
	awaitGroup(p.cmd)
	close(p.ended)
}

// Ended is closed once the process has.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Wait waits until the process has ended by itself. The error says how it ended, with the
// last that it wrote.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-p.ended:
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w%s", filepath.Base(p.cmd.Path), p.err, p.last())
	}
	return nil
}

// Stop ends the process and its children: they are asked to, and after five seconds made
// to.
func (p *Process) Stop() {
	p.stop.Do(func() {
		p.toGroup(terminate)
		select {
		case <-p.ended:
		case <-time.After(grace):
			p.toGroup(killGroup)
			<-p.ended
		}
	})
}

// hurry kills the process and its children as soon as there is no time left.
func (p *Process) hurry(now <-chan struct{}) {
	select {
	case <-now:
		p.toGroup(killGroup)
	case <-p.ended:
	}
}

// toGroup does something to the group, unless its number may be another's by now: the system
// gives it away once the process has been waited for, and a story may go on for minutes.
func (p *Process) toGroup(do func(*exec.Cmd)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.gone {
		do(p.cmd)
	}
}

// killRest kills the children that the process has left, and nothing of that number later.
func (p *Process) killRest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	killGroup(p.cmd)
	p.gone = true
}

// last is the last of what the process wrote, for an error.
func (p *Process) last() string {
	const most = 400
	data, err := os.ReadFile(p.log)
	text := strings.TrimSpace(string(data))
	if err != nil || text == "" {
		return ""
	}
	if len(text) > most {
		text = "…" + text[len(text)-most:]
	}
	return ": " + strings.ReplaceAll(text, "\n", " | ")
}

// Listens waits until something accepts connections at an address, for as long as the
// process lives and ctx is not done.
func (p *Process) Listens(ctx context.Context, address string) error {
	var dialer net.Dialer
	for {
		c, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not listen on %s: %w%s", filepath.Base(p.cmd.Path), address, ctx.Err(), p.last())
		case <-p.ended:
			return errors.Join(fmt.Errorf("%s has ended%s", filepath.Base(p.cmd.Path), p.last()), p.err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
