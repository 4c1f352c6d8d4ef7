package story

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// endWithParent has a command that is to be started, and has a group of its own, asked to end
// should its parent be killed, which can end nothing then. It is asked, as a program that
// has children can end them only so.
func endWithParent(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGTERM }

// settle waits until the process has ended, kills what is left of its group, and only then
// takes note of the end: until then the group's number is no other's.
func (p *Process) settle() error {
	for unix.Waitid(unix.P_PID, p.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	p.killRest()
	return p.cmd.Wait()
}
