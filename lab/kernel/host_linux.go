package kernel

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/lab"
	"flowlab/tcpwin"
)

// Host is a network namespace on a wire. Its methods may be called from any
// goroutine.
type Host struct {
	wire    *lab.Wire
	port    *lab.Port
	space   *namespace
	device  *os.File
	raw     syscall.RawConn // of the device
	options Options
	room    room
	closed  context.Context
	close   context.CancelFunc
	reader  sync.WaitGroup
	delayed atomic.Bool // ACKs are

	draining sync.Mutex // keeps packets in order
	buffer   []byte

	mu     sync.Mutex
	window int
	conns  map[flow.Tuple]*Conn
}

// NewHost attaches a host to a wire. Options out of their range are an error,
// as are addresses that the wire does not take. Without the right to make a
// namespace the error wraps [fs.ErrPermission], without a device for TUN
// [fs.ErrNotExist], and for a congestion control that the kernel does not have
// it is an [UnknownCongestionControl].
func NewHost(w *lab.Wire, o Options) (*Host, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", o.Name, err)
	}
	h := &Host{wire: w, options: o, window: o.Window, buffer: make([]byte, o.MTU), conns: make(map[flow.Tuple]*Conn)}
	h.delayed.Store(o.DelayedACK)
	h.closed, h.close = context.WithCancel(context.Background())
	if err := h.make(); err != nil {
		h.Close()
		return nil, fmt.Errorf("host %s: %w", o.Name, err)
	}
	if h.port, err = w.Attach(o.Name, o.Addrs, h.inbound); err != nil {
		h.Close()
		return nil, fmt.Errorf("host: %w", err)
	}
	h.reader.Go(h.outbound)
	return h, nil
}

// make makes the namespace and all that is in it.
func (h *Host) make() (err error) {
	if h.space, err = newNamespace(); err != nil {
		return err
	}
	return h.space.inside(h.furnish)
}

// furnish makes what is in the namespace, on a thread in it.
func (h *Host) furnish() (err error) {
	if err := checkCongestion(h.options.CongestionControl); err != nil {
		return err
	}
	if err := apply(quiet); err != nil {
		return err
	}
	if h.device, err = openDevice(); err != nil {
		return err
	}
	if h.raw, err = h.device.SyscallConn(); err != nil {
		return err
	}
	if err := setDevice(&h.options); err != nil {
		return err
	}
	first := h.options.Addrs[0].Unmap()
	memory, err := memoryOf(h.device, first, h.options.MTU)
	if err != nil {
		return fmt.Errorf("find what a packet takes: %w", err)
	}
	if h.room, err = newRoom(first, h.options.MTU, memory); err != nil {
		return err
	}
	return apply(receiveBuffer(h.room.spaceFor(h.window)))
}

// quiet keeps a namespace from sending anything of its own, and from behaving
// differently the second time.
var quiet = []setting{
	{"ipv6/conf/default/disable_ipv6", "0"},
	{"ipv6/conf/default/addr_gen_mode", "1"}, // no link-local address
	{"ipv6/conf/default/autoconf", "0"},
	{"ipv6/conf/default/accept_ra", "0"},
	{"ipv6/conf/default/router_solicitations", "0"},
	{"ipv4/tcp_no_metrics_save", "1"},
	{"ipv4/tcp_autocorking", "0"},
	{"ipv4/tcp_moderate_rcvbuf", "0"},
	{"ipv4/tcp_orphan_retries", "1"}, // what was closed does not outlive the host
}

// receiveBuffer is the setting for the buffer of sockets to come. The window scale
// follows from it, so that it must hold before a connection opens; the socket
// option would bound the scale by what the buffer advertises at first.
func receiveBuffer(space int) []setting {
	return []setting{{"ipv4/tcp_rmem", fmt.Sprintf("4096 %d %d", space, max(space, minScaled))}}
}

// Port is where the host is attached; its path is what the host's packets go
// through.
func (h *Host) Port() *lab.Port { return h.port }

// Namespace is a path of the host's namespace, for whoever wants to look into it:
// of this process's descriptor, and so valid until Close.
func (h *Host) Namespace() string { return h.space.path() }

// SetWindow changes the largest window that the host advertises, in bytes, also
// for connections that are open. A window is never shrunk (RFC 9293 3.8.6): a
// smaller one takes effect as data come in. Nor can it outgrow what the
// connection's window scale can say: 8 MiB where [Options.Window] was at most 3
// MiB. Values below 1 count as 1.
func (h *Host) SetWindow(bytes int) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	bytes = min(max(bytes, 1), maxWindow)
	if bytes == h.window || h.conns == nil {
		return nil
	}
	h.window = bytes
	err := h.space.inside(func() error { return apply(receiveBuffer(h.room.spaceFor(bytes))) })
	if err != nil {
		return err
	}
	for _, c := range h.conns {
		if err := c.setWindow(h.window); err != nil {
			return err
		}
	}
	return nil
}

// SetDelayedACK lets the kernel delay ACKs or not, also on connections that are
// open.
func (h *Host) SetDelayedACK(delayed bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.delayed.Swap(delayed) == delayed || h.conns == nil {
		return nil
	}
	return h.space.inside(func() error { return setRoutes(h.options.Addrs, delayed) })
}

// Close resets the host's connections and takes its device and its namespace
// away. Its port stays on the wire, and what comes to it is lost. Closing twice
// is fine.
func (h *Host) Close() {
	h.mu.Lock()
	conns := h.conns
	h.conns = nil
	h.mu.Unlock()
	h.close()
	for _, c := range conns {
		c.reset()
	}
	if h.device != nil {
		if h.port != nil {
			_ = h.raw.Control(func(fd uintptr) { h.drain(int(fd)) }) // the resets
		}
		h.device.Close()
	}
	h.reader.Wait()
	if h.space != nil {
		h.space.close()
	}
}

// outbound takes packets from the kernel until the device is closed.
func (h *Host) outbound() {
	_ = h.raw.Read(func(fd uintptr) bool {
		h.drain(int(fd))
		return false // wait for more
	})
}

// drain takes all packets that the kernel has sent.
func (h *Host) drain(fd int) {
	h.draining.Lock()
	defer h.draining.Unlock()
	for {
		n, err := unix.Read(fd, h.buffer)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return // there is none, for now or for ever
		}
		packet := bytes.Clone(h.buffer[:n])
		var s tcpwin.Segment
		if tuple, err := capture.DecodeIP(packet, n, &s); err == nil && s.Len > 0 {
			if c := h.conn(tuple); c != nil {
				c.noteSent()
			}
		}
		h.port.Send(packet)
	}
}

// inbound takes a packet from the wire, on its goroutine.
func (h *Host) inbound(packet []byte) {
	if _, err := h.device.Write(packet); err != nil {
		return // the device is closed, or the kernel does not take the packet for one
	}
	// The kernel has dealt with it. What it sent thereupon goes out before the next
	// packet comes in, or the tap would show effects long after their causes.
	_ = h.raw.Control(func(fd uintptr) { h.drain(int(fd)) })
	var s tcpwin.Segment
	if tuple, err := capture.DecodeIP(packet, len(packet), &s); err == nil {
		if c := h.conn(tuple.Reverse()); c != nil {
			c.note()
		}
	}
}

// conn returns the open connection that sends with a tuple, nil if there is
// none.
func (h *Host) conn(tuple flow.Tuple) *Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.conns[tuple]
}

// any is the address to listen on for all of the host's.
func (h *Host) any() netip.Addr {
	for _, a := range h.options.Addrs {
		if !a.Unmap().Is4() {
			return netip.IPv6Unspecified() // a socket for IPv6 takes IPv4 connections too
		}
	}
	return netip.IPv4Unspecified()
}
