//go:build !linux

package sockets

import (
	"errors"
	"fmt"
	"runtime"
)

// Diag asks the kernel for the TCP sockets of a network namespace.
type Diag struct{}

// OpenDiag fails: only Linux has sock_diag.
func OpenDiag(string) (*Diag, error) {
	return nil, fmt.Errorf("the sockets of %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

// Close does nothing.
func (*Diag) Close() error { return nil }

// Dump gives none.
func (*Diag) Dump([]Socket) ([]Socket, error) { return nil, errors.ErrUnsupported }
