//go:build unix

package story

import (
	"os/exec"
	"syscall"
	"time"
)

// ownGroup gives a command that is to be started a process group of its own: a Ctrl-C at
// the terminal is for the story, which ends it in order.
func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}

// terminate asks the group of a command to end.
func terminate(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

// killGroup ends what is left of the group of a command.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// awaitGroup waits a moment until the group of a command is gone: a process that was killed
// still has its files until the system comes to it.
func awaitGroup(cmd *exec.Cmd) {
	for late := time.Now().Add(time.Second); time.Now().Before(late); time.Sleep(time.Millisecond) {
		if syscall.Kill(-cmd.Process.Pid, 0) != nil {
			return
		}
	}
}
