package diagnose_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/flow"
)

// unlimited is a reader or a producer that is as fast as TCP.
const unlimited = -1

// phase is a stretch of a transfer in which nobody changes what he does.
type phase struct {
	name   string
	length time.Duration
	read   int           // bytes a second, 0 for none
	write  int           // bytes at once
	every  time.Duration // between two writes, 0 for as fast as TCP
	drain  bool          // before it begins, all that was written arrives
	rate   string        // of the path from here on, by tc(8)
	queue  int           // bytes
	cause  flow.Cause    // what must hold the sender, unless Unknown
}

// lived is what the sending kernel said of a phase.
type lived struct {
	flow.Interval
	before, after unix.TCPInfo
}

// rwndLimited is the share of the phase in which the kernel had data and no
// room in the receive window, from 0 to 1. It counts in jiffies.
func (l lived) rwndLimited() float64 {
	return float64(l.after.Rwnd_limited-l.before.Rwnd_limited) * 1e3 / float64(l.Length())
}

// transfer is a finished one: what the kernel said of each phase, and the
// captures at both ends.
type transfer struct {
	phases   []lived
	captures map[string]string // paths, by vantage
}

// run makes a transfer between two kernels, under a congestion control, and
// captures it into a folder.
func (c *kernelCase) run(t *testing.T, congestion, dir string) (*transfer, error) {
	n, err := newNetwork(t)
	if err != nil {
		return nil, err
	}
	defer n.close()
	if c.single {
		if err := n.single(); err != nil {
			return nil, err
		}
	}
	result := &transfer{captures: map[string]string{
		"sender": filepath.Join(dir, "sender.pcapng"), "receiver": filepath.Join(dir, "receiver.pcapng"),
	}}
	atSender, err := record(t, n.sender, "veth0", result.captures["sender"])
	if err != nil {
		return nil, err
	}
	atReceiver, err := record(t, n.receiver, "tun0", result.captures["receiver"])
	if err != nil {
		return nil, err
	}
	from, to, err := n.dial(congestion, c.buffer)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	defer to.Close()
	if result.phases, err = c.live(n, from, to); err != nil {
		return nil, err
	}
	time.Sleep(5 * delay) // what is under way
	return result, errors.Join(atSender.stop(), atReceiver.stop())
}

// live lives through the phases on a new connection, which it closes.
func (c *kernelCase) live(n *network, from, to *net.TCPConn) ([]lived, error) {
	var all []lived
	r := newReader(to)
	for _, p := range c.phases {
		if p.rate != "" {
			if err := n.limit(p.rate, p.queue); err != nil {
				return nil, err
			}
		}
		r.turn(p.read)
		l, err := p.produce(from)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		all = append(all, l)
	}
	r.turn(unlimited)
	return all, errors.Join(from.Close(), <-r.ended)
}

// dial connects a sender with a receiver whose buffer was set to that many
// bytes before it listened (which the kernel doubles), or left to grow if 0.
func (n *network) dial(congestion string, buffer int) (from, to *net.TCPConn, err error) {
	var l *net.TCPListener
	err = within(n.receiver, func() error {
		config := net.ListenConfig{Control: onSocket(func(fd int) error {
			if buffer == 0 {
				return nil
			}
			return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, buffer)
		})}
		config.SetMultipathTCP(false)
		listener, err := config.Listen(context.Background(), "tcp4", receiverAddr+":5001")
		if err == nil {
			l = listener.(*net.TCPListener)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	err = within(n.sender, func() error {
		dialer := net.Dialer{Timeout: 5 * time.Second, Control: onSocket(func(fd int) error {
			return unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, congestion)
		})}
		dialer.SetMultipathTCP(false)
		c, err := dialer.Dial("tcp4", receiverAddr+":5001")
		if err == nil {
			from = c.(*net.TCPConn)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if to, err = l.AcceptTCP(); err != nil { // it waits there already, or will in a moment
		return nil, nil, errors.Join(err, from.Close())
	}
	return from, to, nil
}

// onSocket makes a control function of net of one that gets the socket.
func onSocket(f func(fd int) error) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var err error
		return errors.Join(c.Control(func(fd uintptr) { err = f(int(fd)) }), err)
	}
}

// tcpInfo asks the kernel what it knows of a connection.
func tcpInfo(c *net.TCPConn) (info unix.TCPInfo, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return info, err
	}
	asked := raw.Control(func(fd uintptr) {
		var i *unix.TCPInfo
		if i, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			info = *i
		}
	})
	return info, errors.Join(asked, err)
}

// produce writes as a phase asks, and says what the kernel lived meanwhile.
func (p *phase) produce(c *net.TCPConn) (l lived, err error) {
	if p.drain {
		if err := drained(c); err != nil {
			return l, err
		}
	}
	start := time.Now()
	l.Start = flow.FromTime(start)
	if l.before, err = tcpInfo(c); err != nil {
		return l, err
	}
	end := start.Add(p.length)
	if err := c.SetWriteDeadline(end); err != nil {
		return l, err
	}
	data := make([]byte, max(p.write, 1))
	for next := start; p.write > 0 && time.Now().Before(end); {
		if _, err := c.Write(data); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return l, err
		}
		if p.every > 0 {
			next = next.Add(p.every)
			time.Sleep(min(time.Until(next), time.Until(end)))
		}
	}
	time.Sleep(time.Until(end))
	l.after, err = tcpInfo(c)
	l.End = flow.FromTime(time.Now())
	return l, err
}

// drained waits until all that was written is acknowledged.
func drained(c *net.TCPConn) error {
	for range 5000 {
		info, err := tcpInfo(c)
		if err != nil || info.Notsent_bytes == 0 && info.Unacked == 0 {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return errors.New("not everything arrived within 5 s")
}

// reader consumes what arrives, at a rate that can be changed.
type reader struct {
	rate    atomic.Int64  // bytes a second
	changed chan struct{} // told after the rate was changed
	ended   chan error
}

func newReader(c *net.TCPConn) *reader {
	r := &reader{changed: make(chan struct{}, 1), ended: make(chan error, 1)}
	go func() { r.ended <- r.read(c) }()
	return r
}

// turn changes the rate.
func (r *reader) turn(rate int) {
	r.rate.Store(int64(rate))
	select {
	case r.changed <- struct{}{}:
	default: // it has not yet seen the change before, and will find this one
	}
}

func (r *reader) read(c *net.TCPConn) error {
	buffer := make([]byte, 64<<10)
	next := time.Now()
	for {
		rate := r.rate.Load()
		if rate == 0 {
			<-r.changed
			next = time.Now()
			continue
		}
		part := buffer
		if rate > 0 {
			part = buffer[:16<<10]
		}
		size, err := c.Read(part)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if rate > 0 {
			next = next.Add(time.Duration(size) * time.Second / time.Duration(rate))
			time.Sleep(time.Until(next))
		} else {
			next = time.Now()
		}
	}
}
