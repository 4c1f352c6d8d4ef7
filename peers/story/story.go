package story

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// Story is a scenario on real systems.
type Story struct {
	Name    string
	Title   string    // one line
	Teaches string    // one line
	Wire    string    // what is seen of it on the wire, and what is not; a sentence or two
	Needs   []Program // of others
	There   string    // the flag of flowlab run that names a system which is there and is used; "" if it starts its own
	Lasts   time.Duration
	Tell    func(context.Context, *Stage) error
	Hurry   <-chan struct{} // once it is closed, what was started is given no time to end; may be nil
}

// Program is one that a story needs.
type Program struct {
	Name    string // as it is looked for in the PATH
	Install string // how it is installed on Debian
}

// Missing is the error of a program that is not there.
type Missing struct{ Program }

func (m *Missing) Error() string { return m.Name + " is not installed" }

// Hint says how it is installed.
func (m *Missing) Hint() string { return m.Install }

// Missing returns a [Missing] for each program that the story needs and this machine does
// not have, joined; nil if all are there.
func (s *Story) Missing() error {
	var missing []error
	for _, p := range s.Needs {
		if _, err := exec.LookPath(p.Name); err != nil {
			missing = append(missing, &Missing{p})
		}
	}
	return errors.Join(missing...)
}

// longest is how long a story may take: the programs of others may hang.
const longest = 5 * time.Minute

// Run tells the story, and returns what came of it, also if it failed: then the error says
// why. All that it started has ended by then. The lines that are said are given to say, if
// it is not nil, when they are.
func (s *Story) Run(ctx context.Context, say func(Line)) (*Result, error) {
	if err := s.Missing(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "flowlab-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the story: %w", err)
	}
	stage := &Stage{story: s, folder: folder, begun: time.Now(), say: say}
	ctx, cancel := context.WithTimeoutCause(ctx, longest, fmt.Errorf("%s: not at its end after %v", s.Name, longest))
	defer cancel()
	if err = s.tell(ctx, stage); err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	result := stage.end()
	if removing := os.RemoveAll(folder); err == nil {
		err = removing
	}
	result.Err, result.Passed = err, result.Passed && err == nil
	return result, err
}

// tell tells the story; a panic in it passes on once all has ended.
func (s *Story) tell(ctx context.Context, stage *Stage) (err error) {
	told := false
	defer func() {
		if !told {
			stage.end()
			_ = os.RemoveAll(stage.folder)
		}
	}()
	err = s.Tell(ctx, stage)
	told = true
	return err
}
