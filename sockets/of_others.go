//go:build !linux

package sockets

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
)

// Of asks the kernel what it knows of a connection of this process.
func Of(syscall.Conn) (Info, error) {
	return Info{}, fmt.Errorf("TCP_INFO on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
