package kernel

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// minScaled is what the receive buffer may grow to by the settings at the least,
// whatever the window: the window scale is made for it, and a window can grow as
// far while its connection is open. It makes the scale 7, which most systems use.
const minScaled = 6 << 20

// headers is what an IP packet of TCP has besides payload, with time stamps
// (RFC 7323 appendix A).
func headers(a netip.Addr) int {
	if a.Is4() {
		return 20 + 20 + 12
	}
	return 40 + 20 + 12
}

// room is how a kernel turns a receive buffer into a window.
type room struct {
	memory int // what a full packet takes, bytes
	share  int // how much of the memory is advertised, in 256ths
}

// newRoom reckons as Linux does (tcp_measure_rcv_mss): in 256ths, rounded down.
// Before 6.6 the share was a setting, and half (tcp_adv_win_scale).
func newRoom(a netip.Addr, mtu, memory int) (room, error) {
	r := room{memory: memory, share: max(1, (mtu-headers(a))*256/memory)}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return r, os.NewSyscallError("uname", err)
	}
	var major, minor int
	if n, _ := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor); n == 2 && (major < 6 || major == 6 && minor < 6) {
		r.share = 128
	}
	return r, nil
}

// spaceFor is the receive buffer of which the kernel makes a window of so many
// bytes.
func (r room) spaceFor(window int) int { return window * 256 / r.share }

// memoryOf asks the kernel what a packet of a size takes in a receive buffer
// when it comes through the device. The thread must be in the namespace.
func memoryOf(device *os.File, to netip.Addr, size int) (int, error) {
	// A protocol for experiments (RFC 3692): a raw socket gets what has it, and
	// no header above IP is needed.
	const protocol = 253
	packet, family, local := make([]byte, size), unix.AF_INET, unix.Sockaddr(&unix.SockaddrInet4{Addr: [4]byte{}})
	if to.Is4() {
		packet[0], packet[8], packet[9] = 0x45, 64, protocol
		binary.BigEndian.PutUint16(packet[2:], uint16(size))
		copy(packet[12:], to.Next().AsSlice())
		copy(packet[16:], to.AsSlice())
		binary.BigEndian.PutUint16(packet[10:], sum(packet[:20]))
	} else {
		packet[0], packet[6], packet[7] = 0x60, protocol, 64
		binary.BigEndian.PutUint16(packet[4:], uint16(size-40))
		copy(packet[8:], to.Next().AsSlice())
		copy(packet[24:], to.AsSlice())
		family, local = unix.AF_INET6, &unix.SockaddrInet6{}
	}
	fd, err := unix.Socket(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, local); err != nil {
		return 0, os.NewSyscallError("bind", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 1<<20); err != nil {
		return 0, os.NewSyscallError("setsockopt", err)
	}
	// The kernel may be at work on the device's address still, and until then takes
	// no packet in. What arrives while that is found out is read, so that then only
	// one packet is there.
	arrives := func(wait int) (bool, error) {
		if _, err := device.Write(packet); err != nil {
			return false, err
		}
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, wait)
		if err == unix.EINTR {
			err = nil
		}
		return n > 0, os.NewSyscallError("poll", err)
	}
	for range 200 {
		if there, err := arrives(10); err != nil {
			return 0, err
		} else if there {
			break
		}
	}
	for err == nil {
		_, _, err = unix.Recvfrom(fd, make([]byte, 1), unix.MSG_DONTWAIT)
	}
	if _, err := arrives(2000); err != nil {
		return 0, err
	}
	memory, err := used(fd)
	if err != nil {
		return 0, err
	}
	if memory < size {
		return 0, fmt.Errorf("a packet of %d bytes takes %d bytes of memory", size, memory)
	}
	return memory, nil
}

// sum is the checksum of an IPv4 header whose own is 0 (RFC 1071).
func sum(header []byte) uint16 {
	var n uint32
	for i := 0; i < len(header); i += 2 {
		n += uint32(binary.BigEndian.Uint16(header[i:]))
	}
	n = n>>16 + n&0xFFFF
	return ^uint16(n>>16 + n)
}

// buffer is what is known of one socket's receive buffer.
type buffer struct {
	room
	window   int  // the largest that it advertises, bytes
	settled  bool // the kernel knows how long segments are
	overfull bool // it was made larger, for what is in it
}

// set gives a connected socket the buffer for its window. The first full segment
// makes the kernel take all of the buffer for the window, whatever was set before
// (tcp_measure_rcv_mss). Only after it is the window bounded by itself, and there
// is a packet's room besides: the window grows as packets come in, to what is
// then left (tcp_grow_window).
func (b *buffer) set(fd int) error {
	space := b.spaceFor(b.window)
	if b.settled {
		space += b.memory
	}
	b.overfull = false
	if err := setSpace(fd, space); err != nil {
		return err
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_WINDOW_CLAMP, b.window))
}

func setSpace(fd, space int) error { // the kernel doubles it
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, (space+1)/2))
}

// leastClamp is more than the least window that can be asked for, which depends
// on the kernel (SOCK_MIN_RCVBUF / 2).
const leastClamp = 2 << 10

// note keeps the buffer right after a segment came.
func (b *buffer) note(fd int, i *unix.TCPInfo) error {
	const timeStamps = 12 // bytes of a segment that are no payload
	switch {
	case !b.settled && i.Rcv_mss+timeStamps >= i.Advmss:
		b.settled = true
		return b.set(fd)
	case b.settled && int(i.Rcv_ssthresh) > max(b.window, leastClamp):
		return b.set(fd) // segments were found to be longer again
	case int(i.Rcv_wnd) < b.window/2:
		return b.makeRoom(fd)
	case b.overfull:
		return b.set(fd)
	}
	return nil
}

// makeRoom lets in what was promised: a segment that is not full takes as much
// memory as one that is, or nearly. Where there is none, the kernel drops it, and
// takes back the window that it promised.
func (b *buffer) makeRoom(fd int) error {
	used, err := used(fd)
	if err != nil {
		return err
	}
	space, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	if err != nil {
		return os.NewSyscallError("getsockopt", err)
	}
	if used <= space {
		return nil
	}
	b.overfull = true
	return setSpace(fd, used) // which lets one more in, and is no room to be advertised
}

// used is the memory that a socket's receive buffer takes: the first of the
// numbers of SO_MEMINFO, SK_MEMINFO_RMEM_ALLOC.
func used(fd int) (int, error) {
	n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MEMINFO)
	return n, os.NewSyscallError("getsockopt", err)
}
