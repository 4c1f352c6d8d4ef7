package sockets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/flow"
)

// Diag asks the kernel for the TCP sockets of a network namespace. One goroutine at
// a time may use it.
type Diag struct {
	fd     int
	seq    uint32
	buffer []byte
}

// OpenDiag begins to ask in the network namespace of that path, or in its own if it
// is empty. Another namespace takes CAP_SYS_ADMIN.
func OpenDiag(namespace string) (*Diag, error) {
	d := &Diag{buffer: make([]byte, 64<<10)} // the kernel fills 32 KiB at once at most
	err := within(namespace, func() (err error) {
		d.fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sock_diag: %w", err)
	}
	patience := unix.NsecToTimeval(int64(5 * time.Second))
	if err := unix.SetsockoptTimeval(d.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience); err != nil {
		return nil, errors.Join(fmt.Errorf("sock_diag: %w", err), d.Close())
	}
	return d, nil
}

// Close ends it.
func (d *Diag) Close() error { return unix.Close(d.fd) }

// tries is how often a dump is begun that the kernel interrupts.
const tries = 3

// Dump appends to list[:0] all TCP sockets that have a peer, those in TIME-WAIT
// apart. A dump that the kernel says not to be whole, as its tables changed, is done
// again, three times at most; then the sockets come with [ErrInterrupted].
func (d *Diag) Dump(list []Socket) ([]Socket, error) {
	var err error
	for range tries {
		list = list[:0]
		for _, family := range []byte{familyIPv4, familyIPv6} {
			if list, err = d.family(list, family); err != nil {
				break
			}
		}
		if !errors.Is(err, ErrInterrupted) {
			break
		}
	}
	if err != nil {
		return list, fmt.Errorf("sock_diag: %w", err)
	}
	return list, nil
}

// connected are the states of sockets that have a peer.
const connected = 1<<13 - 1 - 1 - 1<<Listen - 1<<Closed - 1<<TimeWait - 1<<SynRecv - 1<<newSynRecv

// newSynRecv is a request for a connection, which is no socket yet.
const newSynRecv = 12

// family appends the sockets of one family of addresses. One that this kernel
// does not have has no sockets.
func (d *Diag) family(list []Socket, family byte) ([]Socket, error) {
	if err := d.request(family); err != nil {
		return list, err
	}
	interrupted := false
	for {
		// The kernel fills the next part while it gives the one before.
		filled := flow.FromTime(time.Now())
		n, _, err := unix.Recvfrom(d.fd, d.buffer, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return list, err
		}
		var done bool
		list, done, interrupted, err = d.part(list, d.buffer[:n], filled, interrupted)
		switch {
		case errors.Is(err, unix.ENOENT):
			return list, nil
		case err != nil:
			return list, err
		case done && interrupted:
			return list, ErrInterrupted
		case done:
			return list, nil
		}
	}
}

// part appends the sockets of one part of a dump.
func (d *Diag) part(list []Socket, b []byte, filled flow.Time, interrupted bool) (_ []Socket, done, _ bool, err error) {
	native := binary.NativeEndian
	for len(b) >= unix.NLMSG_HDRLEN {
		length := int(native.Uint32(b))
		if length < unix.NLMSG_HDRLEN || length > len(b) {
			return list, false, interrupted, fmt.Errorf("a message of %d bytes in %d", length, len(b))
		}
		body := b[unix.NLMSG_HDRLEN:length]
		kind, flags, seq := native.Uint16(b[4:]), native.Uint16(b[6:]), native.Uint32(b[8:])
		b = b[min(len(b), (length+3)&^3):]
		if seq != d.seq {
			continue // of a dump that was given up
		}
		interrupted = interrupted || flags&unix.NLM_F_DUMP_INTR != 0
		switch kind {
		case unix.NLMSG_DONE:
			return list, true, interrupted, code(body)
		case unix.NLMSG_ERROR:
			return list, true, interrupted, code(body)
		case unix.SOCK_DIAG_BY_FAMILY:
			if len(list) == cap(list) {
				list = append(list, Socket{})
			} else {
				list = list[:len(list)+1]
			}
			s := &list[len(list)-1]
			if s.At = filled; !s.parse(body) {
				return list[:len(list)-1], false, interrupted, fmt.Errorf("a socket in %d bytes that cannot be read", len(body))
			}
		}
	}
	return list, false, interrupted, nil
}

// code is the error that a message ends a dump with.
func code(body []byte) error {
	if len(body) < 4 {
		return nil
	}
	if n := int32(binary.NativeEndian.Uint32(body)); n < 0 {
		return unix.Errno(-n)
	}
	return nil
}

// request asks for all sockets of a family: a struct inet_diag_req_v2.
func (d *Diag) request(family byte) error {
	const length = unix.NLMSG_HDRLEN + 56
	d.seq++
	var b [length]byte
	native := binary.NativeEndian
	native.PutUint32(b[0:], length)
	native.PutUint16(b[4:], unix.SOCK_DIAG_BY_FAMILY)
	native.PutUint16(b[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	native.PutUint32(b[8:], d.seq)
	b[16], b[17] = family, unix.IPPROTO_TCP
	b[18] = 1<<(attrInfo-1) | 1<<(attrCongestion-1) | 1<<(attrMemory-1)
	native.PutUint32(b[20:], connected)
	return unix.Sendto(d.fd, b[:], 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
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
