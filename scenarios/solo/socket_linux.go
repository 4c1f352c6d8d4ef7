package solo

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"flowlab/scenarios"
)

// Control sets what must be set on a socket before it listens or connects: the
// largest window of a consumer, and the congestion control of a producer. It is for
// [net.ListenConfig] and [net.Dialer].
//
// Linux doubles the receive buffer that is asked for, and offers about half of it
// as window (tcp(7), SO_RCVBUF), at most net.core.rmem_max; TCP_WINDOW_CLAMP bounds
// what it advertises.
func (p *Part) Control(_, _ string, raw syscall.RawConn) error {
	var err error
	failed := raw.Control(func(fd uintptr) { err = p.set(int(fd)) })
	if failed != nil {
		return failed
	}
	return err
}

func (p *Part) set(fd int) error {
	if p.Role == scenarios.Producer {
		name := p.Knobs.Producer.Congestion
		if err := unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, name); err != nil {
			return fmt.Errorf("congestion control %s: %w", name, err)
		}
		return nil
	}
	window := int(p.Knobs.Consumer.Window)
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, window); err != nil {
		return fmt.Errorf("a receive buffer for a window of %d bytes: %w", window, err)
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_WINDOW_CLAMP, window); err != nil {
		return fmt.Errorf("a window of %d bytes: %w", window, err)
	}
	return nil
}
