//go:build !linux

package solo

import "syscall"

// Control sets nothing on this system: the window and the congestion control stay
// as the system has them.
func (p *Part) Control(_, _ string, _ syscall.RawConn) error { return nil }
