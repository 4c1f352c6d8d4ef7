package live

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/internal/need"
)

// pair is two namespaces joined by a veth pair, each end of which is named eth0.
// The addresses are 10.78.0.1 and .2, fd78::1 and ::2.
type pair struct{ one, two string } // paths

var pairs atomic.Int32

// newPair makes a pair, which is removed at the end of the test.
func newPair(t testing.TB) pair {
	t.Helper()
	need.Root(t)
	need.Program(t, "ip")
	id := fmt.Sprintf("flowlab-live-%d-%d-", os.Getpid(), pairs.Add(1))
	names := [2]string{id + "one", id + "two"}
	t.Cleanup(func() {
		for _, n := range names {
			_ = exec.Command("ip", "netns", "del", n).Run()
		}
	})
	run(t, "ip", "netns", "add", names[0])
	run(t, "ip", "netns", "add", names[1])
	run(t, "ip", "-n", names[0], "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", names[1])
	for i, n := range names {
		for _, command := range []string{
			"link set lo up",
			fmt.Sprintf("addr add 10.78.0.%d/24 dev eth0", i+1),
			fmt.Sprintf("addr add fd78::%d/64 dev eth0 nodad", i+1),
			"link set eth0 up",
		} {
			run(t, "ip", append([]string{"-n", n}, strings.Fields(command)...)...)
		}
	}
	return pair{"/run/netns/" + names[0], "/run/netns/" + names[1]}
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// in calls f on a thread in a namespace; sockets that it opens stay there.
func in(t testing.TB, namespace string, f func() error) {
	t.Helper()
	if err := within(namespace, f); err != nil {
		t.Fatal(err)
	}
}

// sender sends frames on an interface.
type sender struct{ fd, index int }

func newSender(t testing.TB, namespace, iface string) *sender {
	t.Helper()
	s := &sender{}
	in(t, namespace, func() error {
		i, err := net.InterfaceByName(iface)
		if err != nil {
			return err
		}
		s.index = i.Index
		s.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		return err
	})
	t.Cleanup(func() { _ = unix.Close(s.fd) })
	return s
}

func (s *sender) send(frame []byte) error {
	for {
		err := unix.Sendto(s.fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: s.index})
		if !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.ENOBUFS) {
			return err
		}
		runtime.Gosched()
	}
}

// numbers reads a source until it says that nothing comes, or until its end, and
// returns the sequence numbers of the segments from port 40000.
func numbers(t testing.TB, s *Source) []uint32 {
	t.Helper()
	var list []uint32
	for {
		p, err := s.Next(500 * time.Millisecond)
		if err != nil {
			return list
		}
		if n, ok := number(p.Data); ok {
			list = append(list, n)
		}
	}
}

// open opens a source, which is closed at the end of the test.
func opened(t testing.TB, o Options) *Source {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
