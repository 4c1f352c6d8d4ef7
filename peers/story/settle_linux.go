package story

import "golang.org/x/sys/unix"

// settle waits until the process has ended, kills what is left of its group, and only then
// takes note of the end: until then the group's number is no other's.
func (p *Process) settle() error {
	for unix.Waitid(unix.P_PID, p.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	p.killRest()
	return p.cmd.Wait()
}
