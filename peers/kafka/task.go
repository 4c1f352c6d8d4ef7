// What goes on beside a story, and ends with it.

package kafka

import (
	"context"

	"flowlab/peers/story"
)

// task runs until it is stopped.
type task struct {
	end  context.CancelFunc
	done chan struct{}
	err  error // there once done is closed
}

func begin(ctx context.Context, s *story.Stage, run func(context.Context) error) *task {
	ctx, end := context.WithCancel(ctx)
	t := &task{end: end, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		t.err = run(ctx)
	}()
	s.AtEnd(func() { _ = t.stop() }) // whoever wants its error has stopped it before
	return t
}

// stop ends it, and returns what went wrong with it.
func (t *task) stop() error {
	t.end()
	<-t.done
	return t.err
}
