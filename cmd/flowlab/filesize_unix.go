//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// init asks for an error where a file reaches the limit of its size (ulimit -f)
// in place of the signal that ends the process: that file is then cut after its
// last whole packet, as on a full disk.
func init() { signal.Ignore(syscall.SIGXFSZ) }
