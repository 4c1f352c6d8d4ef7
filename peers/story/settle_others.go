//go:build !linux

package story

// settle waits until the process has ended, and kills what is left of its group at once: as
// long as anything is, the group's number is no other's.
func (p *Process) settle() error {
	err := p.cmd.Wait()
	p.killRest()
	return err
}
