package diagnose_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/capture"
	"flowlab/capture/live"
)

const (
	senderAddr   = "10.77.0.1"
	receiverAddr = "10.77.1.2"

	// delay is that of the path, one way. Many kernels come without netem, so
	// the delay is made here, between two TUN devices.
	delay = 10 * time.Millisecond
)

// network is a sender's and a receiver's namespace, and a router's between them:
//
//	sender [veth0] ── [veth0] router [tun0] ── delay ── [tun0] receiver
//
// Segments of up to 64 KiB cross all of it whole, as they do on a host whose
// network card segments and merges. A rate limit is the router's, so that its
// queue lies behind the sender's point of observation, as on a path.
type network struct {
	sender, router, receiver string // namespaces
	stop                     func() // the carrying, nil if there is none
}

// networks makes the names of namespaces unique.
var networks atomic.Int32

// newNetwork makes a network, which is closed at the end of the test at the
// latest.
func newNetwork(t *testing.T) (*network, error) {
	id := fmt.Sprintf("flowlab-%d-%d-", os.Getpid(), networks.Add(1))
	n := &network{sender: id + "sender", router: id + "router", receiver: id + "receiver"}
	t.Cleanup(n.close)
	if err := ip("", "netns add "+n.sender, "netns add "+n.router, "netns add "+n.receiver); err != nil {
		return nil, err
	}
	if err := n.connect(t); err != nil {
		return nil, err
	}
	return n, errors.Join(
		ip(n.sender,
			"link add veth0 type veth peer name veth0 netns "+n.router,
			"addr add "+senderAddr+"/24 dev veth0",
			"link set veth0 up",
			"route add default via 10.77.0.2"),
		ip(n.router,
			"addr add 10.77.0.2/24 dev veth0",
			"link set veth0 up",
			"addr add 10.77.1.1/24 dev tun0",
			"link set tun0 up"),
		ip(n.receiver,
			"addr add "+receiverAddr+"/24 dev tun0",
			"link set tun0 up",
			"route add default via 10.77.1.1"),
		within(n.router, func() error {
			return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0)
		}))
}

// close removes the network. Closing twice is fine.
func (n *network) close() {
	if n.stop != nil {
		n.stop()
	}
	for _, ns := range []string{n.sender, n.router, n.receiver} {
		_ = exec.Command("ip", "netns", "del", ns).Run() // it may not be there
	}
}

// limit has the router send no faster to the receiver than a rate of tc(8),
// with a queue of that many bytes.
func (n *network) limit(rate string, queue int) error {
	out, err := exec.Command("tc", "-n", n.router, "qdisc", "replace", "dev", "tun0", "root",
		"tbf", "rate", rate, "burst", "16kb", "limit", fmt.Sprint(queue)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("tc: %w: %s", err, out)
	}
	return nil
}

// single keeps the sender from making segments larger than the MSS.
func (n *network) single() error { return ip(n.sender, "link set veth0 gso_max_segs 1") }

// ip gives commands to ip(8), in a namespace if one is named.
func ip(ns string, commands ...string) error {
	args := []string{"-batch", "-"}
	if ns != "" {
		args = append([]string{"-n", ns}, args...)
	}
	cmd := exec.Command("ip", args...)
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("ip: %w: %s", err, out)
	}
	return nil
}

// within calls f on a thread in a namespace. What f opens stays in there; the
// thread ends with it.
func within(ns string, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: no other goroutine may get this thread
		done <- func() error {
			file, err := os.Open(filepath.Join("/run/netns", ns))
			if err != nil {
				return err
			}
			defer file.Close()
			if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
				return fmt.Errorf("enter namespace %s: %w", ns, err)
			}
			return f()
		}()
	}()
	return <-done
}

// connect makes the two TUN devices and carries packets between them.
func (n *network) connect(t *testing.T) error {
	var devices [2]int
	for i, ns := range []string{n.router, n.receiver} {
		err := within(ns, func() (err error) {
			devices[i], err = openTUN("tun0")
			return err
		})
		if err != nil {
			return err
		}
	}
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := carry(devices, stop); err != nil {
			t.Error(err)
		}
		_ = unix.Close(devices[0])
		_ = unix.Close(devices[1])
	}()
	n.stop = sync.OnceFunc(func() {
		close(stop)
		<-done
	})
	return nil
}

// openTUN makes a TUN device whose packets come with a virtio_net_hdr, neither
// segmented nor checksummed.
func openTUN(name string) (fd int, err error) {
	fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return 0, fmt.Errorf("/dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq(name)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI | unix.IFF_VNET_HDR)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err == nil {
		err = unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, unix.TUN_F_CSUM|unix.TUN_F_TSO4)
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("make the TUN device %s: %w", name, err), unix.Close(fd))
	}
	return fd, nil
}

// packet is on its way to the other device.
type packet struct {
	due  time.Time
	data []byte
}

// carry gives what each device sends to the other one, a delay later, until
// stop. A delay that varies is a path that varies, so its thread goes before
// all others.
func carry(devices [2]int, stop <-chan struct{}) error {
	runtime.LockOSThread() // and never unlocked: no other goroutine may get this thread
	first := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}
	if err := unix.SchedSetAttr(0, first, 0); err != nil {
		return fmt.Errorf("sched_setattr: %w", err)
	}
	var ways [2][]packet // in the order in which they are due
	buffer := make([]byte, 70<<10)
	wait := []unix.PollFd{{Fd: int32(devices[0]), Events: unix.POLLIN}, {Fd: int32(devices[1]), Events: unix.POLLIN}}
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		next := 100 * time.Millisecond
		for i := range ways {
			for len(ways[i]) > 0 && time.Until(ways[i][0].due) <= 0 {
				_, _ = unix.Write(devices[1-i], ways[i][0].data) // what does not fit is lost
				ways[i] = ways[i][1:]
			}
			if len(ways[i]) > 0 {
				next = min(next, time.Until(ways[i][0].due))
			}
		}
		timeout := unix.NsecToTimespec(int64(max(next, 0)))
		if _, err := unix.Ppoll(wait, &timeout, nil); err != nil && err != unix.EINTR {
			return fmt.Errorf("ppoll: %w", err)
		}
		for i, fd := range devices {
			for {
				size, err := unix.Read(fd, buffer)
				if err != nil {
					break // nothing there
				}
				ways[i] = append(ways[i], packet{time.Now().Add(delay), bytes.Clone(buffer[:size])})
			}
		}
	}
}

// recording is a capture of an interface that goes on, into a file.
type recording struct {
	source *live.Source
	file   *capture.File
	done   chan error
}

// record begins to capture in a namespace.
func record(t *testing.T, ns, dev, path string) (*recording, error) {
	source, err := live.Open(live.Options{
		Interface: dev, Namespace: filepath.Join("/run/netns", ns), Filter: "tcp", SnapLen: 128, Buffer: 16 << 20,
	})
	if err != nil {
		return nil, err
	}
	file, err := capture.Create(path, source.Interfaces(), capture.FileOptions{})
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	t.Cleanup(source.Stop) // if nobody else does
	r := &recording{source: source, file: file, done: make(chan error, 1)}
	go func() { r.done <- r.follow() }()
	return r, nil
}

// follow writes what comes until the recording is stopped.
func (r *recording) follow() error {
	for {
		p, err := r.source.Next(time.Second)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, live.ErrNone):
			continue
		case err == nil:
			err = r.file.Write(p, "")
		}
		if err != nil {
			return err
		}
	}
}

// stop ends the recording, and returns an error if it missed packets.
func (r *recording) stop() error {
	r.source.Stop()
	err := <-r.done
	stats, counting := r.source.Stats()
	if stats.Dropped > 0 {
		counting = fmt.Errorf("%d packets were missed", stats.Dropped)
	}
	return errors.Join(err, counting, r.file.Close(), r.source.Close())
}
