package nstest

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"flowlab/internal/need"
)

// Space is a network namespace with loopback alone: 127.0.0.1, of 1,500 bytes a packet.
type Space struct {
	t    testing.TB
	file *os.File
}

// New makes a namespace. Without root the test is skipped, or fails; see package need.
func New(t testing.TB) *Space {
	t.Helper()
	need.Root(t)
	s := &Space{t: t}
	err := apart(func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		if s.file, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return err
		}
		return setLoopback(1500)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.file.Close() })
	return s
}

// setLoopback brings up the loopback interface of the thread's namespace.
func setLoopback(mtu uint32) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open a socket: %w", err)
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint32(mtu)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFMTU, lo); err != nil {
		return fmt.Errorf("set the MTU of lo to %d: %w", mtu, err)
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("bring up lo: %w", err)
	}
	return nil
}

// Do calls f on a thread in the namespace. Sockets that f opens, and programs that it
// starts, stay there.
func (s *Space) Do(f func() error) error {
	return apart(func() error {
		if err := unix.Setns(int(s.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter the network namespace: %w", err)
		}
		return f()
	})
}

// apart calls f on a thread of its own, which ends with it.
func apart(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and it is never unlocked
		done <- f()
	}()
	return <-done
}

// Listen opens a TCP port of 127.0.0.1 in the namespace; 0 is any that is free. It is
// closed at the end of the test.
func (s *Space) Listen(port int) net.Listener {
	s.t.Helper()
	var l net.Listener
	err := s.Do(func() (err error) {
		l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { l.Close() })
	return l
}

// Dial opens a TCP connection within the namespace.
func (s *Space) Dial(ctx context.Context, addr string) (c net.Conn, err error) {
	err = s.Do(func() error {
		var d net.Dialer
		c, err = d.DialContext(ctx, "tcp", addr)
		return err
	})
	return c, err
}
