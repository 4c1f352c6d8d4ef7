package story

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestParentKilled: if a story's own process is killed, which can end nothing then, what it
// started ends all the same.
func TestParentKilled(t *testing.T) {
	const variable = "FLOWLAB_TEST_STORY"
	if file := os.Getenv(variable); file != "" { // this is the process to be killed
		s := &Story{Name: "test", Tell: func(ctx context.Context, s *Stage) error {
			cmd := exec.Command("sh", "-c", `echo $$ >"$0" && exec sleep 1000`, file)
			p, err := s.Start(cmd)
			if err != nil {
				return err
			}
			return p.Wait(ctx)
		}}
		_, err := s.Run(t.Context(), nil)
		t.Fatal(err)
	}
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "pid")
	parent := exec.Command(os.Args[0], "-test.run=^TestParentKilled$")
	parent.Env = append(os.Environ(), variable+"="+file, "TMPDIR="+folder)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	soon(t, "the process runs", func() bool {
		text, _ := os.ReadFile(file)
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return pid != 0
	})
	if err := parent.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = parent.Wait() // killed
	soon(t, "the process has ended", func() bool { return !alive(pid) })
}

// TestThreadEnds: a process goes on when the thread ends whose goroutine started it: to Linux
// the parent is a thread.
func TestThreadEnds(t *testing.T) {
	t.Parallel()
	s := &Story{Name: "test", Tell: func(_ context.Context, s *Stage) (err error) {
		var p *Process
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
			p, err = s.Start(exec.Command("sleep", "1000"))
		}()
		if <-done; err != nil {
			return err
		}
		select {
		case <-p.Ended():
			return errors.New("it has ended with a thread")
		case <-time.After(200 * time.Millisecond):
			return nil
		}
	}}
	if _, err := s.Run(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// soon waits until something is so.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	for late := time.Now().Add(20 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}
