package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// blockSize is how much of the ring is handed over at a time. The longest
	// packet that is kept must fit.
	blockSize = 512 << 10
	// retire is after how long a block that is not full is handed over.
	retire = 40 * time.Millisecond
)

// Offsets in a block: struct tpacket_block_desc of linux/if_packet.h.
const (
	blockStatus  = 8
	blockPackets = 12
	blockFirst   = 16
	blockLength  = 20
)

// ring is the memory that the kernel writes packets to, in blocks, and where its
// reader is.
type ring struct {
	fd     int
	wake   int // an eventfd: stop writes to it
	memory []byte
	block  int  // that is read now, or next
	left   int  // packets that are left in it
	at     int  // of the next one, in memory
	ours   bool // the block was handed over

	touched byte // of no meaning; see warm

	stopping atomic.Bool
	gone     bool      // the interface is
	over     time.Time // once stopping or gone: when nothing more can come
}

// newRing makes the ring of a packet socket.
func newRing(fd, bytes int) (*ring, error) {
	blocks := max(2, bytes/blockSize)
	const frame = 2048 // means nothing in this version, but the kernel checks it
	request := unix.TpacketReq3{
		Block_size: blockSize, Block_nr: uint32(blocks),
		Frame_size: frame, Frame_nr: uint32(blocks * (blockSize / frame)),
		Retire_blk_tov: uint32(retire / time.Millisecond),
	}
	if err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &request); err != nil {
		return nil, fmt.Errorf("make a ring of %d blocks of %d bytes: %w", blocks, blockSize, err)
	}
	memory, err := unix.Mmap(fd, 0, blocks*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map a ring of %d bytes: %w", blocks*blockSize, err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("eventfd: %w", err), unix.Munmap(memory))
	}
	return &ring{fd: fd, wake: wake, memory: memory}, nil
}

// status is the word by which a block is handed over.
func (r *ring) status() *uint32 {
	return (*uint32)(unsafe.Pointer(&r.memory[r.block*blockSize+blockStatus]))
}

func (r *ring) u32(at int) uint32 { return binary.NativeEndian.Uint32(r.memory[at:]) }
func (r *ring) u16(at int) uint16 { return binary.NativeEndian.Uint16(r.memory[at:]) }

// next returns where the next packet is in memory. A block is given back by the
// call after that for its last packet.
func (r *ring) next(wait time.Duration) (at int, err error) {
	for r.left == 0 {
		if r.ours {
			r.giveBack()
		}
		if atomic.LoadUint32(r.status())&unix.TP_STATUS_USER == 0 {
			if err := r.poll(wait); err != nil {
				return 0, err
			}
			continue
		}
		start := r.block * blockSize
		r.ours = true
		r.left = int(r.u32(start + blockPackets))
		r.at = start + int(r.u32(start+blockFirst))
		r.warm(start + int(r.u32(start+blockLength)))
	}
	at = r.at
	r.left--
	r.at += int(r.u32(at + packetNext))
	return at, nil
}

// warm touches the cache lines of a block's headers, up to where it ends. Another
// processor has just written them: in a row they are fetched side by side, which takes a
// fraction of what it takes to wait for the lines of each packet in its turn. Of long
// packets the payload, which is seldom looked at, is left out.
func (r *ring) warm(to int) {
	const headers = 512 // more than those of a packet in the ring take
	if to-r.at <= r.left*headers {
		r.touch(r.at, to)
		return
	}
	at := r.at
	for range r.left {
		r.touch(at, min(at+headers/2, to))
		at += int(r.u32(at + packetNext))
	}
}

func (r *ring) touch(from, to int) {
	const line = 64
	for at := from; at < to; at += line {
		r.touched += r.memory[at]
	}
}

func (r *ring) giveBack() {
	atomic.StoreUint32(r.status(), unix.TP_STATUS_KERNEL)
	r.block = (r.block + 1) % (len(r.memory) / blockSize)
	r.ours = false
}

// poll waits until the kernel may have handed a block over.
func (r *ring) poll(wait time.Duration) error {
	fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}, {Fd: int32(r.wake), Events: unix.POLLIN}}
	ending := r.gone || r.stopping.Load()
	if ending {
		fds = fds[:1]
		if r.over.IsZero() { // what is in a block is handed over within this
			r.over = time.Now().Add(2*retire + 20*time.Millisecond)
		}
		if wait = time.Until(r.over); wait <= 0 {
			return r.end()
		}
	}
	timeout := unix.NsecToTimespec(int64(wait))
	n, err := unix.Ppoll(fds, &timeout, nil)
	switch {
	case err == unix.EINTR:
		return nil
	case err != nil:
		return fmt.Errorf("wait for packets: %w", err)
	case fds[0].Revents&unix.POLLERR != 0:
		return r.broken()
	case n == 0 && !ending:
		return ErrNone
	}
	return nil
}

// end is the error after the last packet.
func (r *ring) end() error {
	if r.gone {
		return ErrGone
	}
	return io.EOF
}

// broken says what is wrong with the socket. What came before the interface had
// gone is still to be read.
func (r *ring) broken() error {
	code, err := unix.GetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		return fmt.Errorf("wait for packets: %w", err)
	case code == 0:
		return nil
	case unix.Errno(code) == unix.ENETDOWN:
		r.gone = true
		return nil
	}
	return fmt.Errorf("wait for packets: %w", unix.Errno(code))
}

// stop wakes who waits, who then takes what is left.
func (r *ring) stop() {
	r.stopping.Store(true)
	_, _ = unix.Write(r.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // full is awake, too
}

func (r *ring) close() error {
	return errors.Join(unix.Munmap(r.memory), unix.Close(r.wake))
}
