// Each policy in a process of its own.

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"flowlab/report"
	"flowlab/scenarios/overload"
)

// inProcesses does tasks, so many at once, each in a child of this process. When the
// first fails, or the context is done, the others are ended.
func (c *comparing) inProcesses(outer context.Context, tasks []*overload.Task) ([]*overload.Outcome, error) {
	ctx, stop := context.WithCancelCause(outer)
	defer stop(nil)
	outcomes := make([]*overload.Outcome, len(tasks))
	places := make(chan struct{}, c.atOnce)
	var wg sync.WaitGroup
	rounds := (len(tasks) + c.atOnce - 1) / c.atOnce
	shown := showElapsed(ctx, time.Duration(rounds)*c.load.For)
	for i, t := range tasks {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-places }()
			o, err := inProcess(ctx, t)
			if err != nil {
				stop(fmt.Errorf("%s: %w", t.Policy, err))
			}
			outcomes[i] = o
		})
	}
	wg.Wait()
	failure := context.Cause(ctx)
	stop(nil)
	<-shown
	switch {
	case outer.Err() != nil:
		return nil, errors.New("interrupted: there is nothing to compare")
	case failure != nil:
		return nil, failure
	}
	return outcomes, nil
}

// showElapsed shows how much of a time has passed, until ctx is done; then it closes what
// it returns.
func showElapsed(ctx context.Context, total time.Duration) <-chan struct{} {
	done := make(chan struct{})
	begun := time.Now()
	go func() {
		defer close(done)
		s := newStatus(false)
		defer s.erase()
		ticks := time.NewTicker(redraw)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-ticks.C:
				s.show(func(columns int) string { return report.Elapsed(now.Sub(begun), total, columns) })
			}
		}
	}()
	return done
}

// inProcess does a task in a child of this process.
func inProcess(ctx context.Context, t *overload.Task) (*overload.Outcome, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	task, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	child := exec.CommandContext(ctx, program, "compare", "overload", "--alone")
	var said bytes.Buffer
	child.Stdin, child.Stderr = bytes.NewReader(task), &said
	out, err := child.Output()
	if err != nil {
		if first, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n"); first != "" {
			return nil, fmt.Errorf("its process: %s", first)
		}
		return nil, fmt.Errorf("its process: %w", err)
	}
	o := &overload.Outcome{}
	if err := json.Unmarshal(out, o); err != nil {
		return nil, fmt.Errorf("what its process wrote: %w", err)
	}
	return o, nil
}
