package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"flowlab/internal/need"
)

// TestOneCapability has nobody capture with a program that has the one capability
// that the hint asks for, and without it, where the hint comes.
func TestOneCapability(t *testing.T) {
	need.Root(t)
	setcap := need.Program(t, "setcap")
	if testing.Short() {
		t.Skip("it builds the program")
	}
	// Nobody may not go into the folder of a test.
	folder, err := os.MkdirTemp("", "flowlab-capable")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "flowlab")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	if err := errors.Join(os.Chmod(folder, 0o777), os.Chmod(program, 0o755)); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (string, error) {
		cmd := exec.Command(program, args...)
		cmd.Dir = folder
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run("watch", "-i", "lo", "--duration", "100ms")
	var exit *exec.ExitError
	want := fmt.Sprintf("hint: sudo setcap cap_net_raw=ep %s;", program)
	if !errors.As(err, &exit) || exit.ExitCode() != exitError || !strings.Contains(out, want) {
		t.Errorf("without the capability: %v:\n%swant %q", err, out, want)
	}
	if out, err := exec.Command(setcap, "cap_net_raw=ep", program).CombinedOutput(); err != nil {
		t.Fatalf("setcap: %v: %s", err, out)
	}
	for _, args := range [][]string{
		{"watch", "-i", "lo", "--duration", "100ms"},
		{"watch", "-i", "any", "--duration", "100ms"},
		{"capture", "-i", "lo", "-w", "out.pcapng", "--duration", "100ms"},
		{"capture", "-i", "lo", "-w", "ring.pcapng", "--rotate-every", "1s", "--duration", "100ms"},
	} {
		if out, err := run(args...); err != nil {
			t.Errorf("flowlab %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "out.pcapng")); err != nil {
		t.Error(err)
	}
}
