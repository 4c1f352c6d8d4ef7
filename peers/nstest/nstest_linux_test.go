package nstest

import (
	"io"
	"strings"
	"testing"
	"time"

	"flowlab/internal/need"
)

// Everything that a program sends before File is in the capture, and nothing of another
// namespace.
func TestProgramIsCaptured(t *testing.T) {
	t.Parallel()
	need.Program(t, "nghttp")
	for range 2 { // the same port in two namespaces
		s := New(t)
		server := s.Start(Program{Name: "nghttpd", Args: []string{"--no-tls", "-d", t.TempDir(), "8080"}, Port: 8080})
		capture := s.Capture()
		s.Run("nghttp", "http://127.0.0.1:8080/none")
		file := capture.File()
		server.Stop()
		out := s.Run("tcpdump", "-n", "-r", file, "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0")
		if syn, fin := strings.Count(out, "[S"), strings.Count(out, "[F"); syn != 2 || fin != 2 {
			t.Errorf("%d SYN and %d FIN, want 2 of each:\n%s", syn, fin, out)
		}
	}
}

func TestOwnSocketsAreInside(t *testing.T) {
	t.Parallel()
	s := New(t)
	l := s.Listen(0)
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = io.WriteString(c, "inside")
			c.Close()
		}
	}()
	c, err := s.Dial(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := io.ReadAll(c); string(got) != "inside" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if other, err := New(t).Dial(t.Context(), l.Addr().String()); err == nil {
		other.Close()
		t.Error("the port can be reached from another namespace")
	}
}

func TestProgramIsEndedInTime(t *testing.T) {
	t.Parallel()
	s := New(t)
	start := time.Now()
	r := s.Start(Program{Name: "sleep", Args: []string{"100"}, For: 50 * time.Millisecond})
	if err := r.Wait(); err == nil {
		t.Error("it ended of itself")
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it ran for %v, want 50ms", took)
	}
}
