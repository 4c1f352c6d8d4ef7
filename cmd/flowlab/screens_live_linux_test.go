package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flowlab/internal/need"
)

// TestWatchScreen watches a transfer whose reader stops, and saves it while it goes on:
// what is confined may make that file, and reads no other.
func TestWatchScreen(t *testing.T) {
	t.Parallel()
	need.Root(t)
	namespace := fmt.Sprintf("flowlab-screen-%d", os.Getpid())
	for _, args := range [][]string{{"netns", "add", namespace}, {"-n", namespace, "link", "set", "lo", "up"}} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %v: %v\n%s", args, err, out)
		}
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", namespace).Run() })
	program, dir := built(t, ""), t.TempDir()
	s := newTerminal(t, "120", "40")
	s.types("cd "+dir, "Enter", "clear", "Enter", program+" watch -i lo --netns "+namespace+" tcp", "Enter")
	s.sees("no connection was seen yet")

	serve := exec.CommandContext(t.Context(), "ip", "netns", "exec", namespace, program, "serve", "--listen", "127.0.0.1:5201", "--read-rate", "0")
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serve.Process.Kill(); _ = serve.Wait() })
	send := exec.CommandContext(t.Context(), "ip", "netns", "exec", namespace, "sh", "-c",
		"until ss -Hltn sport = :5201 | grep -q .; do sleep 0.05; done; exec "+program+" send 127.0.0.1:5201 --duration 1m")
	if err := send.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = send.Process.Kill(); _ = send.Wait() })

	s.sees("receive-window")
	s.types("e")
	s.sees("wrote connection-1.pcapng: ")
	report, err := exec.Command(program, "analyze", filepath.Join(dir, "connection-1.pcapng")).CombinedOutput()
	if err != nil || !strings.Contains(string(report), "receive-window") {
		t.Errorf("analyze: %v\n%s", err, report)
	}
	s.types(":export /tmp/elsewhere.pcapng", "Enter")
	s.sees("permission denied")
	s.types("q")
	s.sees("connection 1")
	s.sees("ready$")
}
