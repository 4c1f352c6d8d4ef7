package filter

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/capture"
	"flowlab/internal/need"
)

// TestKernelCooked holds programs for packet sockets of type SOCK_DGRAM to Match,
// on the loopback interface of a network namespace of its own. A socket without
// a filter says what there was to select.
func TestKernelCooked(t *testing.T) {
	need.Root(t)
	loopback := enterNamespace(t)
	selects, sees := packetSocket(t, loopback, unix.SOCK_DGRAM), packetSocket(t, loopback, unix.SOCK_DGRAM)
	sender := packetSocket(t, loopback, unix.SOCK_RAW)
	var frames [][]byte
	for i, p := range every(2, madePackets()) {
		if p.etherType == 0x8100 || p.etherType == 0x88A8 {
			continue // a tag is in the packet on its way out, and no longer on its way in
		}
		frame := encapsulate(capture.Ethernet, i, p)
		frame[0] = []byte{0, 1, 2, 255}[i%4]
		frames = append(frames, frame)
	}
	for _, link := range []capture.LinkType{113, 276} {
		for _, e := range append(every(4, expressions), "link[0:2] = 4", "link[1] < 4", "link[2:2] = 772", "link[3] = 4", "link[4:4] = 1",
			"link[7] = 1 and ip", "link[8:2] = 0x304", "link[10] = 0", "not link[10] = 4", "greater 80 and link[0] = 0") {
			f, err := Compile(e, link)
			if err != nil {
				t.Fatal(err)
			}
			program, err := f.Program(60)
			if err != nil {
				continue
			}
			if err := attach(selects, program); err != nil {
				t.Fatalf("%q: %v", e, err)
			}
			var want []arrival
			for _, a := range exchange(t, sender, sees, frames, loopback) {
				cooked := append(a.cooked(link), a.data...)
				if f.Match(cooked, len(cooked)) {
					a.data = a.data[:min(len(a.data), 60)]
					want = append(want, a)
				}
			}
			for i, w := range want {
				if got, err := receive(selects); err != nil {
					t.Fatalf("link type %d, %q: packet %d of %d: %v", link, e, i, len(want), err)
				} else if got.from != w.from || !bytes.Equal(got.data, w.data) {
					t.Fatalf("link type %d, %q: packet %d: %+v, want %+v", link, e, i, got, w)
				}
			}
			if n, _, err := unix.Recvfrom(selects, make([]byte, 1), unix.MSG_DONTWAIT); err != unix.EAGAIN {
				t.Errorf("link type %d, %q: a packet too many, of %d bytes (%v)", link, e, n, err)
			}
		}
	}
}

// arrival is a packet without its link-layer header, and what the socket says.
type arrival struct {
	from unix.SockaddrLinklayer
	data []byte
}

func (a arrival) protocol() uint16 { return bits.ReverseBytes16(a.from.Protocol) }

// cooked is the header that a program that captures puts before the packet.
func (a arrival) cooked(link capture.LinkType) []byte {
	var h []byte
	if link == 113 {
		h = binary.BigEndian.AppendUint16(h, uint16(a.from.Pkttype))
		h = binary.BigEndian.AppendUint16(h, a.from.Hatype)
		h = append(h, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0)
		return binary.BigEndian.AppendUint16(h, a.protocol())
	}
	h = binary.BigEndian.AppendUint16(h, a.protocol())
	h = binary.BigEndian.AppendUint32(append(h, 0, 0), uint32(a.from.Ifindex))
	h = binary.BigEndian.AppendUint16(h, a.from.Hatype)
	return append(h, a.from.Pkttype, 6, 0, 0, 0, 0, 0, 0, 0, 0)
}

// exchange sends frames, and returns what passed by until the last of them had
// come in again. On one processor, all sockets have packets in the same order.
func exchange(t *testing.T, sender, sees int, frames [][]byte, loopback int) (arrivals []arrival) {
	t.Helper()
	const last = 0x88B5 // for experiments (IEEE 802)
	end := append(make([]byte, 12), last>>8, last&0xFF)
	for _, frame := range append(frames[:len(frames):len(frames)], append(end, make([]byte, 46)...)) {
		if err := unix.Sendto(sender, frame, 0, &unix.SockaddrLinklayer{Ifindex: loopback}); err != nil {
			t.Fatal(err)
		}
	}
	for {
		a, err := receive(sees)
		if err != nil {
			t.Fatalf("after %d packets of %d frames: %v", len(arrivals), len(frames)+1, err)
		}
		arrivals = append(arrivals, a)
		if a.protocol() == last && a.from.Pkttype != unix.PACKET_OUTGOING {
			return arrivals
		}
	}
}

func receive(socket int) (arrival, error) {
	buffer := make([]byte, 2048)
	n, from, err := unix.Recvfrom(socket, buffer, 0)
	if err != nil {
		return arrival{}, err
	}
	address, ok := from.(*unix.SockaddrLinklayer)
	if !ok {
		return arrival{}, fmt.Errorf("a packet of %T", from)
	}
	return arrival{*address, buffer[:n]}, nil
}

// packetSocket opens a packet socket; one of type SOCK_RAW is for sending only.
func packetSocket(t *testing.T, loopback, kind int) int {
	t.Helper()
	socket, err := unix.Socket(unix.AF_PACKET, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(socket) })
	if kind == unix.SOCK_RAW {
		return socket
	}
	patience := unix.NsecToTimeval((10 * time.Second).Nanoseconds())
	for _, err := range []error{
		unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20),
		unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience),
		unix.Bind(socket, &unix.SockaddrLinklayer{Protocol: bits.ReverseBytes16(unix.ETH_P_ALL), Ifindex: loopback}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return socket
}

// enterNamespace moves the test into a network namespace of its own, and onto one
// processor, and returns the index of the loopback interface there. Thread and
// namespace end with the test's goroutine, for it stays locked to the thread.
func enterNamespace(t *testing.T) (loopback int) {
	t.Helper()
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(os.NewSyscallError("unshare", err))
	}
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		t.Fatal(err)
	}
	for cpu := range 1024 {
		if all.IsSet(cpu) {
			one.Set(cpu)
			break
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(socket)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, lo); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFINDEX, lo); err != nil {
		t.Fatal(err)
	}
	return int(lo.Uint32())
}
