//go:build darwin || linux

package need

import (
	"os"
	"syscall"
)

// lock waits for a lock of the file; it is held until the file is closed. An
// error means that the file system has no locks.
func lock(file *os.File, alone bool) {
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	for syscall.Flock(int(file.Fd()), how) == syscall.EINTR {
	}
}
