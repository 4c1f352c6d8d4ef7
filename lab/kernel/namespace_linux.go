package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// namespace is a network namespace without a name: it lives as long as its file
// is open, or a device or socket in it is.
type namespace struct{ file *os.File }

func newNamespace() (*namespace, error) {
	n := new(namespace)
	err := apart(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return os.NewSyscallError("unshare", err)
		}
		var err error
		n.file, err = os.Open(ownNamespace)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make a network namespace: %w", err)
	}
	return n, nil
}

// inside calls f on a thread in the namespace. What f opens stays in it.
func (n *namespace) inside(f func() error) error {
	file, err := n.file.SyscallConn() // which keeps it open meanwhile
	if err != nil {
		return err
	}
	return apart(func() error {
		enter := func(fd int) error { return os.NewSyscallError("setns", unix.Setns(fd, unix.CLONE_NEWNET)) }
		if err := onDescriptor(file, enter); err != nil {
			return fmt.Errorf("enter the network namespace: %w", err)
		}
		return f()
	})
}

func (n *namespace) path() string {
	return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), n.file.Fd())
}

func (n *namespace) close() { n.file.Close() }

const ownNamespace = "/proc/thread-self/ns/net"

// apart calls f on a thread that f may take to another network namespace, and
// brings it back.
func apart(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		home, err := os.Open(ownNamespace)
		if err != nil {
			runtime.UnlockOSThread()
			done <- err
			return
		}
		defer home.Close()
		err = f()
		// A thread that does not get home ends with this goroutine.
		if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

// setting is a file under /proc/sys/net and what is written to it. That folder
// shows the namespace of the thread that looks.
type setting struct{ name, value string }

// apply makes settings. A kernel without IPv6 has none of it.
func apply(settings []setting) error {
	for _, s := range settings {
		err := os.WriteFile(filepath.Join("/proc/sys/net", s.name), []byte(s.value), 0)
		if err != nil && !(errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(s.name, "ipv6/")) {
			return fmt.Errorf("set %s to %q: %w", s.name, s.value, err)
		}
	}
	return nil
}
