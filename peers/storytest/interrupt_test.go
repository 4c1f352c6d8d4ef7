package storytest

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestFinds: what stays behind is found.
func TestFinds(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("there is no /proc")
	}
	mark := t.TempDir()
	if found := processes(mark); len(found) != 0 {
		t.Errorf("found %q, and there is none", found)
	}
	for name, cmd := range map[string]*exec.Cmd{
		"by its environment": {Path: "/bin/cat", Args: []string{"cat"}, Env: []string{"TMPDIR=" + mark}},
		"by its arguments":   {Path: "/bin/cat", Args: []string{"cat", "-", mark}},
	} {
		in, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if found := processes(mark); len(found) != 1 || !strings.Contains(found[0], "cat") {
			t.Errorf("%s: found %q, want cat", name, found)
		}
		in.Close()
		_ = cmd.Wait() // an argument is a folder, which cat does not read
	}
	before := len(sockets())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if after := len(sockets()); after != before+1 {
		t.Errorf("%d sockets, want %d", after, before+1)
	}
}
