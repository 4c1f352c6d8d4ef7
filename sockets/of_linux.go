package sockets

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Of asks the kernel what it knows of a connection of this process.
func Of(c syscall.Conn) (Info, error) {
	var info Info
	raw, err := c.SyscallConn()
	if err != nil {
		return info, fmt.Errorf("TCP_INFO: %w", err)
	}
	asked := raw.Control(func(fd uintptr) { err = info.ask(fd) })
	if err := errors.Join(asked, err); err != nil {
		return Info{}, fmt.Errorf("TCP_INFO: %w", err)
	}
	return info, nil
}

// ask asks for TCP_INFO. Package unix does so too, but does not tell how much of
// it the kernel gave.
func (i *Info) ask(fd uintptr) error {
	var given [512]byte // the kernel gives no more than it has
	length := uint32(len(given))
	_, _, code := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.IPPROTO_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(&given)), uintptr(unsafe.Pointer(&length)), 0)
	if code != 0 {
		return code
	}
	if !i.parse(given[:length]) {
		return fmt.Errorf("the kernel gave %d bytes, and any has %d", length, leastInfo)
	}
	return nil
}
