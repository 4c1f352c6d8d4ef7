package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"flowlab/capture/live"
	"flowlab/capture/privilege"
	"flowlab/sockets"
)

const asRoot = "run it as root: sudo flowlab …; the lab in user space (flowlab run) needs no privileges"

// says is what mends something, unless it was only not permitted.
func says(text string) func(error) string {
	return func(err error) string {
		if errors.Is(err, fs.ErrPermission) {
			return asRoot
		}
		return text
	}
}

func hint(error) string { return privilege.Hint() }

func probes() []probe {
	const capturing, kernelTCP, top = "live capture (watch, capture)", "the lab on the kernel's TCP (run --network kernel)", "sockets of this host (top)"
	return []probe{
		{capturing, "packet socket", true, hint, packetSocket},
		{capturing, "interfaces", true, says("bring one up: sudo ip link set NAME up"), interfaces},
		{capturing, "confinement", false, says("Linux 5.13 or later with Landlock (CONFIG_SECURITY_LANDLOCK, and lsm=landlock,…)"), landlock},
		{top, "sock_diag", true, says("a kernel with CONFIG_INET_DIAG: sudo modprobe inet_diag tcp_diag"), sockDiag},
		{top, "TCP_INFO", true, says("Linux 4.10 or later"), tcpInfo},
		{kernelTCP, "namespaces", true, says(asRoot), func() (string, error) { return "one was made and is gone", inNamespace(func() error { return nil }) }},
		{kernelTCP, "TUN device", true, says("sudo modprobe tun, as root"), func() (string, error) { return "one was made and is gone", inNamespace(tun) }},
		{kernelTCP, "congestion control", true, says("sudo modprobe tcp_cubic"), congestion},
		{"a path between two machines", "tbf (a rate)", false, says("sudo modprobe sch_tbf; apt-get install iproute2"), qdisc("tbf", "rate", "1mbit", "burst", "16kb", "limit", "30000")},
		{"a path between two machines", "netem (delay, loss)", false, says("sudo modprobe sch_netem; apt-get install iproute2"), qdisc("netem", "delay", "1ms")},
	}
}

// packetSocket opens a ring with a filter.
func packetSocket() (string, error) {
	s, err := live.Open(live.Options{Interface: "lo", Filter: "tcp", Buffer: 1 << 20})
	if err != nil {
		return "", err
	}
	return "a ring and a filter, on lo", s.Close()
}

func interfaces() (string, error) {
	all, err := live.Interfaces()
	if err != nil {
		return "", err
	}
	var up []string
	for _, i := range all {
		if i.Up {
			up = append(up, i.Name)
		}
	}
	if len(up) == 0 {
		return "", fmt.Errorf("none of %d interfaces is up", len(all))
	}
	return strings.Join(up, ", "), nil
}

// landlock asks for the version of Landlock's interface.
func landlock() (string, error) {
	const version = 1 // LANDLOCK_CREATE_RULESET_VERSION
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, version)
	if errno != 0 {
		return "", fmt.Errorf("no Landlock: capabilities are given up, but files are not out of reach: %w", errno)
	}
	return fmt.Sprintf("Landlock, version %d of its interface", abi), nil
}

func sockDiag() (string, error) {
	d, err := sockets.OpenDiag("")
	if err != nil {
		return "", err
	}
	defer d.Close()
	list, err := d.Dump(nil)
	return fmt.Sprintf("%d connections", len(list)), err
}

// tcpInfo asks about a connection to itself.
func tcpInfo() (string, error) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return "", err
	}
	defer l.Close()
	c, err := net.DialTCP("tcp", nil, l.Addr().(*net.TCPAddr))
	if err != nil {
		return "", err
	}
	defer c.Close()
	info, err := sockets.Of(c)
	switch {
	case err != nil:
		return "", err
	case !info.Has(sockets.HasLimited):
		return "", errors.New("this kernel does not count what limits a socket")
	}
	return "counts busy, rwnd-limited and sndbuf-limited time", nil
}

func congestion() (string, error) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/tcp_available_congestion_control")
	if err != nil {
		return "", err
	}
	list := strings.Fields(string(text))
	for _, name := range list {
		if name == "cubic" {
			return strings.Join(list, ", "), nil
		}
	}
	return "", fmt.Errorf("only %s, and scenarios ask for cubic", strings.Join(list, ", "))
}

// inNamespace calls f on a thread in a network namespace that ends with it.
func inNamespace(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: no other goroutine may get this thread
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err != nil {
			err = fmt.Errorf("make a network namespace: %w", err)
		} else {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// tun makes a TUN device.
func tun() error {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("/dev/net/tun: %w", err)
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("doctor%d")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return fmt.Errorf("make a TUN device: %w", err)
	}
	return nil
}

// qdisc tries a queueing discipline on the loopback interface of a namespace.
func qdisc(args ...string) func() (string, error) {
	return func() (string, error) {
		path, err := exec.LookPath("tc")
		if err != nil {
			return "", errors.New("tc is not installed, so it cannot be tried")
		}
		return "the kernel has it", inNamespace(func() error {
			out, err := exec.Command(path, append([]string{"qdisc", "add", "dev", "lo", "root"}, args...)...).CombinedOutput()
			if err != nil {
				return errors.New(strings.TrimSpace(string(out)))
			}
			return nil
		})
	}
}
