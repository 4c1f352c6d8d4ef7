//go:build !linux

package story

import "os/exec"

// Only Linux tells a process that its parent has been killed.
func endWithParent(*exec.Cmd) {}

// settle waits until the process has ended, and kills what is left of its group at once: as
// long as anything is, the group's number is no other's.
func (p *Process) settle() error {
	err := p.cmd.Wait()
	p.killRest()
	return err
}
