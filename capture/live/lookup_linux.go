package live

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"flowlab/capture"
)

// found is an interface as the system knows it.
type found struct {
	index    int32 // 0 is Any
	name     string
	loopback bool
	link     capture.LinkType
}

// linkTypes are those of the kinds of hardware (linux/if_arp.h) that are captured
// as they are. All others are captured with a cooked header.
var linkTypes = map[uint16]capture.LinkType{
	unix.ARPHRD_ETHER:    capture.Ethernet,
	unix.ARPHRD_LOOPBACK: capture.Ethernet,
	unix.ARPHRD_NONE:     capture.RawIP, // TUN devices, WireGuard
	unix.ARPHRD_TUNNEL:   capture.RawIP,
	unix.ARPHRD_TUNNEL6:  capture.RawIP,
	519:                  capture.RawIP, // ARPHRD_RAWIP
}

// lookUp asks for an interface in the namespace that the thread is in.
func lookUp(name string) (found, error) {
	if name == Any {
		return found{name: Any, link: capture.LinuxCooked2}, nil
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return found{}, fmt.Errorf("look the interface up: %w", err)
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq(name)
	if err != nil { // longer than a name can be
		return found{}, ErrNoInterface
	}
	f := found{name: name, link: capture.LinuxCooked2}
	for _, ask := range []struct {
		what uint
		take func()
	}{
		{unix.SIOCGIFINDEX, func() { f.index = int32(request.Uint32()) }},
		{unix.SIOCGIFFLAGS, func() { f.loopback = request.Uint16()&unix.IFF_LOOPBACK != 0 }},
		{unix.SIOCGIFHWADDR, func() {
			if link, ok := linkTypes[request.Uint16()]; ok {
				f.link = link
			}
		}},
	} {
		err := unix.IoctlIfreq(fd, ask.what, request)
		if errors.Is(err, unix.ENODEV) {
			return found{}, ErrNoInterface
		}
		if err != nil {
			return found{}, fmt.Errorf("look the interface up: %w", err)
		}
		ask.take()
	}
	return f, nil
}

// nameOf asks for the name of an interface in the namespace of a socket. One that
// is gone already is named by its number.
func nameOf(fd int, index int32) (name string, loopback bool) {
	request, err := unix.NewIfreq("")
	if err == nil {
		request.SetUint32(uint32(index))
		err = unix.IoctlIfreq(fd, unix.SIOCGIFNAME, request)
	}
	if err != nil {
		return fmt.Sprintf("interface %d", index), false
	}
	name = request.Name()
	err = unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, request)
	return name, err == nil && request.Uint16()&unix.IFF_LOOPBACK != 0
}

// within calls f on a thread in a namespace; what f opens stays in there. The
// thread ends with it.
func within(namespace string, f func() error) error {
	if namespace == "" {
		return f()
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: no other goroutine may get this thread
		done <- func() error {
			file, err := os.Open(namespace)
			if err != nil {
				return err
			}
			defer file.Close()
			if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
				return fmt.Errorf("enter the network namespace %s: %w", namespace, err)
			}
			return f()
		}()
	}()
	return <-done
}
