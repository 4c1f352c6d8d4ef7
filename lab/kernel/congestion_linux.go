package kernel

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// UnknownCongestionControl is the error of a congestion control that the kernel
// does not have.
type UnknownCongestionControl struct {
	Name      string
	Available []string // those that are loaded; others may be loadable
}

func (e *UnknownCongestionControl) Error() string {
	return fmt.Sprintf("this kernel has no congestion control %q", e.Name)
}

// checkCongestion tries a congestion control, which loads its module if there
// is one.
func checkCongestion(name string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	err = unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, name)
	if err == nil {
		return nil
	}
	if !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("set the congestion control %q: %w", name, os.NewSyscallError("setsockopt", err))
	}
	all, err := os.ReadFile("/proc/sys/net/ipv4/tcp_available_congestion_control")
	if err != nil {
		return err
	}
	return &UnknownCongestionControl{Name: name, Available: strings.Fields(string(all))}
}
