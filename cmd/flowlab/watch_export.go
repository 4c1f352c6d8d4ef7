package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/export"
)

// mostEnded is of how many connections that are over, the latest, the verdict is kept for
// an export. Each takes some ten kilobytes.
const mostEnded = 256

// watchExport writes connections that are watched to files of their own.
type watchExport struct {
	board  *board.Live
	memory *export.Memory
	over   <-chan struct{} // closed when no more packets come

	mu   sync.Mutex
	late []*diagnose.View // of connections that are over
}

// ended takes a connection that is over.
func (x *watchExport) ended(v *diagnose.View) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.late) == mostEnded {
		x.late = slices.Delete(x.late, 0, 1)
	}
	x.late = append(x.late, v)
}

func (x *watchExport) find(number int) *diagnose.View {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, v := range x.late {
		if v.Number == number {
			return v
		}
	}
	return nil
}

// view is all that is known of a connection.
func (x *watchExport) view(ctx context.Context, number int) (*diagnose.View, error) {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-x.over:
			stop()
		case <-asking.Done():
		}
	}()
	v, err := x.board.View(asking, number)
	if err == nil {
		return v, nil
	}
	if v := x.find(number); v != nil {
		return v, nil
	}
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		err = board.ErrGone
	}
	return nil, err
}

// write writes the packets of a connection that are still kept, and says what it wrote.
func (x *watchExport) write(ctx context.Context, number int, name string) (string, error) {
	v, err := x.view(ctx, number)
	if err != nil {
		return "", fmt.Errorf("connection %d: %w", number, err)
	}
	file, path, err := newFile(name, number, func(path string) (*os.File, error) {
		return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	})
	if err != nil {
		return "", err
	}
	written, err := x.memory.Export(file, []*diagnose.View{v})
	if err = saved(err, file.Close()); err != nil {
		return "", fmt.Errorf("%s is not whole: %w", path, err)
	}
	said := writtenText(path, written)
	if since, ok := x.memory.Since(); ok && since > v.Start {
		said += fmt.Sprintf("; of its first %.1f s there may be none: %d MiB of packets are kept", since.Sub(v.Start).Seconds(), export.UsualMemory>>20)
	}
	return said, nil
}
