//go:build unix

package story

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/internal/need"
)

func TestMain(m *testing.M) { os.Exit(need.Beside(m)) }

// alive tells whether a process is there, and no zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return syscall.Kill(pid, 0) == nil && !errors.Is(err, os.ErrNotExist)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// TestNothingStaysBehind: processes, their children that do not want to go, and the folder
// are gone when a story is over: at its end, by an error, when it is interrupted, and by a
// panic.
func TestNothingStaysBehind(t *testing.T) {
	for name, end := range map[string]func(context.CancelFunc) error{
		"at the end":  func(context.CancelFunc) error { return nil },
		"an error":    func(context.CancelFunc) error { return io.ErrUnexpectedEOF },
		"interrupted": func(stop context.CancelFunc) error { stop(); return context.Canceled },
		"a panic":     func(context.CancelFunc) error { panic("the story failed") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			var p *Process
			var folder, child string
			s := &Story{Name: "test", Tell: func(ctx context.Context, s *Stage) (err error) {
				folder = s.Folder()
				// The child ignores SIGTERM, as some do.
				p, err = s.Start(exec.Command("sh", "-c", `sh -c 'trap "" TERM; echo $$ >child; while :; do sleep 1; done' & wait`))
				if err != nil {
					return err
				}
				for child == "" {
					text, _ := os.ReadFile(folder + "/child")
					child = strings.TrimSpace(string(text))
					time.Sleep(10 * time.Millisecond)
				}
				return end(stop)
			}}
			func() {
				defer func() { _ = recover() }()
				if _, err := s.Run(ctx, nil); name == "at the end" && err != nil {
					t.Error(err)
				}
			}()
			if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the folder is still there: %v", err)
			}
			pid, err := strconv.Atoi(child)
			if err != nil || alive(p.cmd.Process.Pid) || alive(pid) {
				t.Errorf("the process, or its child %d, is still there", pid)
			}
		})
	}
}

// TestGroupEndsWithItsProcess: what a process leaves of its group ends with it, and not with
// the story, when the group's number may be that of somebody else's.
func TestGroupEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	s := &Story{Name: "test", Tell: func(ctx context.Context, s *Stage) error {
		// The child has the output, which is not at its end before the child is.
		cmd := exec.Command("sh", "-c", `sleep 100 & echo $! >child`)
		cmd.Stdout = NewLines(func([]byte) {})
		p, err := s.Start(cmd)
		if err != nil {
			return err
		}
		if err := p.Wait(ctx); err != nil {
			return err
		}
		text, err := os.ReadFile(s.Folder() + "/child")
		if err != nil {
			return err
		}
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err != nil || alive(pid) {
			t.Errorf("the child %d is there, and its parent is not: %v", pid, err)
		}
		p.toGroup(func(*exec.Cmd) { t.Error("a signal is sent to a number that may be another's") })
		return nil
	}}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if _, err := s.Run(ctx, nil); err != nil {
		t.Error(err)
	}
}

// TestMissingProgram: it is named, with how to install it, and nothing is begun.
func TestMissingProgram(t *testing.T) {
	s := &Story{Needs: []Program{{"sh", "apt-get install dash"}, {"no-such-program", "apt-get install nothing"}},
		Tell: func(context.Context, *Stage) error { panic("told") }}
	_, err := s.Run(t.Context(), nil)
	m, ok := errors.AsType[*Missing](err)
	if !ok || m.Name != "no-such-program" || m.Hint() != "apt-get install nothing" {
		t.Errorf("%v", err)
	}
}

// TestWatch: a peer on loopback that does not read, and then does, is seen to hold its
// sender.
func TestWatch(t *testing.T) {
	if testing.Short() || os.Getuid() != 0 {
		t.Skip("captures on loopback")
	}
	t.Parallel()
	var watched *Watched
	toPort := func(id flow.Conn) bool { return id.Server.Port == watched.Port }
	s := &Story{Name: "test", Tell: func(ctx context.Context, s *Stage) error {
		port, err := s.Port()
		if err != nil {
			return err
		}
		if watched, err = s.Watch("test", port); err != nil {
			return err
		}
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(port)})
		if err != nil {
			return err
		}
		defer l.Close()
		done := make(chan error, 1)
		go func() {
			c, err := l.Accept()
			if err == nil {
				time.Sleep(time.Second)
				_, err = io.Copy(io.Discard, c)
				c.Close()
			}
			done <- err
		}()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return err
		}
		if _, err := c.Write(make([]byte, 32<<20)); err != nil {
			return err
		}
		c.Close()
		err = <-done
		watched.End()
		return err
	}}
	result, err := s.Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	views, err := watched.Connections()
	if err != nil || len(views) != 1 || len(result.Watched) != 1 || watched.Unseen != "" {
		t.Fatalf("%d connections, %v, %q", len(views), err, watched.Unseen)
	}
	held := watched.Held(flow.Client)
	if held[flow.ReceiveWindow] < 800*time.Millisecond || watched.ZeroWindow(flow.Server) < 500*time.Millisecond {
		t.Errorf("held by %v, zero for %v; want the window for the second in which nobody read", held, watched.ZeroWindow(flow.Server))
	}
	longest := watched.Longest(flow.Client, flow.ReceiveWindow)
	if longest.Length() < 800*time.Millisecond || longest.HeldBy != flow.Reader || watched.ZeroWindows(flow.Server) == 0 {
		t.Errorf("the longest stall is %v by %v, with %d windows of zero", longest.Length(), longest.HeldBy, watched.ZeroWindows(flow.Server))
	}
	if n := watched.ZeroWindows(flow.Client); n != 0 {
		t.Errorf("the client, to which nothing was sent, is seen to have closed its window %d times", n)
	}
	sent := watched.Sent(flow.Client, toPort)
	if none := watched.Sent(flow.Client, func(flow.Conn) bool { return false }); sent > 32<<20 || sent < 31<<20 && watched.Lost() == 0 || none != 0 {
		t.Errorf("%d bytes were sent, and %d in no connection; want about %d and 0; %d packets were lost", sent, none, 32<<20, watched.Lost())
	}
}

// TestWatchAt: what is not on this machine is not watched, and that is said; nothing waits
// for it.
func TestWatchAt(t *testing.T) {
	s := &Story{Name: "test", Tell: func(ctx context.Context, s *Stage) error {
		for _, wrong := range []string{"192.0.2.1", "localhost:65536"} {
			if _, err := s.WatchAt("wrong", wrong); err == nil {
				t.Errorf("%s is watched", wrong)
			}
		}
		w, err := s.WatchAt("far", "192.0.2.1:5672")
		if err != nil {
			return err
		}
		if s.Seen(w) || w.Port != 5672 {
			t.Errorf("port %d of another machine is seen: %q", w.Port, w.Unseen)
		}
		w.End()
		everything := func(flow.Conn) bool { return true }
		if held := w.Held(flow.Client); held.Total() != 0 || w.ZeroWindows(flow.Server) != 0 || w.Sent(flow.Client, everything) != 0 {
			t.Error("something was seen of it")
		}
		return nil
	}}
	result, err := s.Run(t.Context(), nil)
	if err != nil || len(result.Lines) != 1 || !strings.Contains(result.Lines[0].Text, "192.0.2.1") {
		t.Errorf("%+v, %v", result, err)
	}
}
