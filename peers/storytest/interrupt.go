package storytest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"flowlab/peers/story"
)

// InterruptStory interrupts a story a second after its first line; see [Interrupt].
func InterruptStory(t *testing.T, s *story.Story) {
	t.Helper()
	Interrupt(t, func(ctx context.Context, now func()) error {
		_, err := s.Run(ctx, func(story.Line) { time.AfterFunc(time.Second, now) })
		return err
	})
}

// Interrupt calls run, cancels its context when run calls now, and fails the test unless
// run then returns the context's error and left nothing behind: no file in the folder of
// temporary files, no process that inherited that folder's name, and, where there is
// /proc, no socket of this process.
func Interrupt(t *testing.T, run func(ctx context.Context, now func()) error) {
	t.Helper()
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	before := len(sockets())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := run(ctx, cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted, it returns %v: want %v", err, context.Canceled)
	}
	if ctx.Err() == nil {
		t.Error("it was over before it was interrupted")
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 0 {
		t.Errorf("files stay behind: %v %v", files, err)
	}
	for _, process := range processes(folder) {
		t.Errorf("a process stays behind: %s", process)
	}
	if after := sockets(); len(after) > before {
		t.Errorf("sockets stay behind: %d, and %d before", len(after), before)
	}
}

// processes are the others that have a text in their arguments or their environment.
func processes(text string) (found []string) {
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, proc := range all {
		if filepath.Base(proc) == strconv.Itoa(os.Getpid()) {
			continue
		}
		args, _ := os.ReadFile(filepath.Join(proc, "cmdline"))
		env, _ := os.ReadFile(filepath.Join(proc, "environ"))
		if bytes.Contains(args, []byte(text)) || bytes.Contains(env, []byte(text)) {
			found = append(found, filepath.Base(proc)+" "+string(bytes.ReplaceAll(args, []byte{0}, []byte{' '})))
		}
	}
	return found
}

// sockets are those of this process.
func sockets() (found []string) {
	all, _ := filepath.Glob("/proc/self/fd/*")
	for _, fd := range all {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:") {
			found = append(found, to)
		}
	}
	return found
}
