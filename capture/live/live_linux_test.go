package live

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/capture"
	"flowlab/internal/need"
)

func TestEveryPacketOnce(t *testing.T) {
	p := newPair(t)
	for _, c := range []struct {
		name      string
		namespace string
		iface     string
	}{
		{"where they come in", p.two, "eth0"},
		{"where they go out", p.one, "eth0"},
		{"any", p.two, Any},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := opened(t, Options{Interface: c.iface, Namespace: c.namespace, Filter: "tcp src port 40000"})
			out := newSender(t, p.one, "eth0")
			const count = 20_000
			before := time.Now()
			go func() {
				for n := range uint32(count) {
					if err := out.send(frame(n, 9, 1000)); err != nil {
						t.Error(err)
					}
				}
				counted(t, s, count)
				s.Stop()
			}()
			var got []uint32
			for {
				packet, err := s.Next(time.Second)
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				n, ok := number(packet.Data)
				if !ok {
					t.Fatalf("a packet that the filter does not choose: %x", packet.Data[:60])
				}
				got = append(got, n)
				if at := time.Unix(0, int64(packet.Time)); at.Before(before) || at.After(time.Now()) {
					t.Fatalf("packet %d has the time %v, it is %v", n, at, time.Now())
				}
			}
			stats, err := s.Stats()
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(got)) != stats.Received || int64(len(got))+stats.Dropped != count {
				t.Errorf("%d packets, %d received and %d dropped by the kernel's count; %d were sent", len(got), stats.Received, stats.Dropped, count)
			}
			if !slices.IsSorted(got) || len(slices.Compact(got)) != len(got) {
				t.Error("they are not in order, or not all of them once")
			}
			iface := s.Interfaces()[0]
			link := capture.Ethernet
			if c.iface == Any {
				link = capture.LinuxCooked2
			}
			if iface.Name != "eth0" || iface.LinkType != link {
				t.Errorf("interface %+v", iface)
			}
		})
	}
}

func TestNothingBeforeTheFilter(t *testing.T) {
	p := newPair(t)
	out := newSender(t, p.one, "eth0")
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := uint32(0); ; n++ {
			select {
			case <-stop:
				return
			default:
				_ = out.send(frame(n, 9, 0))
			}
		}
	}()
	for range 20 {
		s := opened(t, Options{Interface: "eth0", Namespace: p.two, Filter: "tcp dst port 10"})
		if got, err := s.Next(50 * time.Millisecond); !errors.Is(err, ErrNone) {
			t.Errorf("a packet to another port: %x, %v", got.Data, err)
		}
	}
	close(stop)
	<-done
}

// Packets that go through the loopback interface are seen once.
func TestLoopbackOnce(t *testing.T) {
	p := newPair(t)
	for _, iface := range []string{"lo", Any} {
		t.Run(iface, func(t *testing.T) {
			s := opened(t, Options{Interface: iface, Namespace: p.one, Filter: "udp port 9"})
			var c net.Conn
			in(t, p.one, func() (err error) {
				c, err = net.Dial("udp", "127.0.0.1:9")
				return err
			})
			defer c.Close()
			for n := range 10 {
				// That nobody listens is told by the next one's error.
				_, _ = c.Write([]byte{byte(n)})
			}
			s.Stop()
			count := 0
			for {
				packet, err := s.Next(time.Second)
				if err != nil {
					break
				}
				if bytes.Contains(packet.Data, []byte{0x45}) && packet.Data[len(packet.Data)-1] < 10 {
					count++
				}
			}
			if count < 5 || count > 10 {
				t.Errorf("%d packets, of at most 10", count)
			}
		})
	}
}

// TestVLAN sends frames with VLAN tags, which the kernel takes out, and wants
// them as they were.
func TestVLAN(t *testing.T) {
	p := newPair(t)
	tagged, twice, plain := frame(1, 9, 100, 42), frame(2, 9, 100, 7, 8), frame(3, 9, 100)
	for _, c := range []struct {
		name, filter, iface string
		want                [][]byte
	}{
		{"all", "", "eth0", [][]byte{tagged, twice, plain}},
		{"of a VLAN", "vlan 42", "eth0", [][]byte{tagged}},
		{"in a VLAN", "vlan and tcp port 9", "eth0", [][]byte{tagged}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := opened(t, Options{Interface: c.iface, Namespace: p.two, Filter: c.filter})
			out := newSender(t, p.one, "eth0")
			for _, f := range [][]byte{tagged, twice, plain} {
				if err := out.send(f); err != nil {
					t.Fatal(err)
				}
			}
			var got [][]byte
			for {
				packet, err := s.Next(5 * time.Second)
				if err != nil {
					break
				}
				if _, ours := number(packet.Data); !ours {
					continue
				}
				if len(got)+1 == len(c.want) {
					s.Stop() // and see whether more come
				}
				if packet.Length != len(packet.Data) {
					t.Errorf("%d bytes of %d", len(packet.Data), packet.Length)
				}
				got = append(got, bytes.Clone(packet.Data))
			}
			if len(got) != len(c.want) {
				t.Fatalf("%d packets, want %d", len(got), len(c.want))
			}
			for i := range got {
				if !bytes.Equal(got[i], c.want[i]) {
					t.Errorf("packet %d is\n%x, want\n%x", i+1, got[i], c.want[i])
				}
			}
		})
	}
	t.Run("any", func(t *testing.T) {
		s := opened(t, Options{Interface: Any, Namespace: p.two})
		out := newSender(t, p.one, "eth0")
		if err := out.send(tagged); err != nil {
			t.Fatal(err)
		}
		for {
			packet, err := s.Next(time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if n, ours := number(packet.Data); !ours || n != 1 {
				continue
			}
			if !bytes.Equal(packet.Data[:2], []byte{0x81, 0}) || !bytes.Equal(packet.Data[cookedLength:cookedLength+4], []byte{0, 42, 8, 0}) {
				t.Errorf("the cooked packet is %x", packet.Data)
			}
			return
		}
	})
}

// A program that the kernel has no memory for is no reason to give up.
func TestFilterTooLongForTheKernel(t *testing.T) {
	p := newPair(t)
	var hosts []string
	for n := range 400 {
		hosts = append(hosts, fmt.Sprintf("host 198.51.%d.%d", n/250, n%250))
	}
	s := opened(t, Options{Interface: "eth0", Namespace: p.two, Filter: "tcp port 9 or " + strings.Join(hosts, " or ")})
	out := newSender(t, p.one, "eth0")
	for n, port := range []uint16{10, 9, 11, 9} {
		if err := out.send(frame(uint32(n), port, 0)); err != nil {
			t.Fatal(err)
		}
	}
	counted(t, s, 4) // of all packets: this filter is not the kernel's
	s.Stop()
	if got := numbers(t, s); !slices.Equal(got, []uint32{1, 3}) {
		t.Errorf("packets %d, want 1 and 3", got)
	}
}

func TestSnap(t *testing.T) {
	p := newPair(t)
	s := opened(t, Options{Interface: "eth0", Namespace: p.two, Filter: "tcp", SnapLen: 96})
	out := newSender(t, p.one, "eth0")
	if err := out.send(frame(1, 9, 1000)); err != nil {
		t.Fatal(err)
	}
	packet, err := s.Next(time.Second)
	if err != nil || len(packet.Data) != 96 || packet.Length != 1054 {
		t.Errorf("%d bytes of %d, %v; want 96 of 1054", len(packet.Data), packet.Length, err)
	}
}

// TestBesideTcpdump has tcpdump capture a transfer of large segments at the same
// time: the packets must be the same, and pass at the same times.
func TestBesideTcpdump(t *testing.T) {
	p := newPair(t)
	program := need.Program(t, "tcpdump")
	path := filepath.Join(t.TempDir(), "tcpdump.pcap")
	dump := exec.Command("ip", "netns", "exec", filepath.Base(p.one), program, "-i", "eth0", "-w", path,
		"-U", "--immediate-mode", "--time-stamp-precision=nano", "-s", "66000", "-B", "131072", "-Z", "root", "tcp")
	said, err := dump.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := dump.Start(); err != nil {
		t.Fatal(err)
	}
	defer dump.Process.Kill()
	if n, err := said.Read(make([]byte, 1000)); n == 0 {
		t.Fatal(err)
	}
	s := opened(t, Options{Interface: "eth0", Namespace: p.one, Filter: "tcp", Buffer: 64 << 20})
	transfer(t, p, "10.78.0.2:5000", 8<<20)
	transfer(t, p, "[fd78::2]:5000", 1<<20)
	s.Stop()
	time.Sleep(300 * time.Millisecond) // tcpdump has read what is there
	if err := dump.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(said)
	if err := dump.Wait(); err != nil || !strings.Contains(string(rest), "\n0 packets dropped by kernel") {
		t.Fatalf("tcpdump: %v: %s", err, rest)
	}
	r, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	theirs := sorted(t, r.Next)
	ours := sorted(t, func() (capture.Packet, error) { return s.Next(time.Second) })
	if len(ours) != len(theirs) || len(theirs) < 100 {
		t.Fatalf("%d packets, tcpdump has %d; at least 100 were sent", len(ours), len(theirs))
	}
	longest := 0
	for i, want := range theirs {
		got := ours[i]
		if !bytes.Equal(got.Data, want.Data) || got.Length != want.Length {
			t.Fatalf("a packet has %d bytes of %d, that of tcpdump %d of %d, or they differ",
				len(got.Data), got.Length, len(want.Data), want.Length)
		}
		if off := got.Time.Sub(want.Time).Abs(); off > time.Second {
			t.Errorf("%v apart", off)
		}
		longest = max(longest, got.Length)
	}
	if longest < 3000 {
		t.Errorf("packets of at most %d bytes: none that the card is to cut", longest)
	}
}

// sorted reads packets to the end, and puts them in an order of their own: those
// that different processors send may come in another order to each who captures.
func sorted(t *testing.T, next func() (capture.Packet, error)) (all []capture.Packet) {
	t.Helper()
	for {
		p, err := next()
		if errors.Is(err, io.EOF) {
			slices.SortFunc(all, func(a, b capture.Packet) int { return bytes.Compare(a.Data, b.Data) })
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		p.Data = bytes.Clone(p.Data)
		all = append(all, p)
	}
}

// counted waits until the kernel has had so many packets.
func counted(t *testing.T, s *Source, packets int64) {
	t.Helper()
	for range 500 {
		stats, err := s.Stats()
		if err != nil {
			t.Error(err)
			return
		}
		if stats.Received+stats.Dropped >= packets {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("not all of %d packets came within 5 s", packets)
}

// transfer sends bytes over TCP from one to two.
func transfer(t *testing.T, p pair, address string, bytes int64) {
	t.Helper()
	var l net.Listener
	in(t, p.two, func() (err error) {
		l, err = net.Listen("tcp", address)
		return err
	})
	defer l.Close()
	received := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, err = io.Copy(io.Discard, c)
			_ = c.Close()
		}
		received <- err
	}()
	var c net.Conn
	in(t, p.one, func() (err error) {
		c, err = net.Dial("tcp", address)
		return err
	})
	if _, err := io.CopyN(c, zeros{}, bytes); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Close(), <-received); err != nil {
		t.Fatal(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestInterfaceGoes(t *testing.T) {
	for _, how := range []string{"link del eth0", "link set eth0 down"} {
		t.Run(how, func(t *testing.T) {
			p := newPair(t)
			s := opened(t, Options{Interface: "eth0", Namespace: p.two, Filter: "tcp"})
			out := newSender(t, p.one, "eth0")
			for n := range uint32(10) {
				if err := out.send(frame(n, 9, 0)); err != nil {
					t.Fatal(err)
				}
			}
			run(t, "ip", append([]string{"-n", filepath.Base(p.two)}, strings.Fields(how)...)...)
			for n := 0; ; n++ {
				_, err := s.Next(time.Second)
				if err == nil {
					continue
				}
				if !errors.Is(err, ErrGone) || n != 10 {
					t.Errorf("after %d packets: %v; want %v after 10", n, err, ErrGone)
				}
				break
			}
		})
	}
}

// A reader that is too slow loses packets, and is told how many.
func TestDropsAreCounted(t *testing.T) {
	p := newPair(t)
	s := opened(t, Options{Interface: "eth0", Namespace: p.two, Filter: "tcp", Buffer: 1 << 20})
	out := newSender(t, p.one, "eth0")
	const count = 5000
	for n := range uint32(count) {
		if err := out.send(frame(n, 9, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	counted(t, s, count)
	s.Stop()
	got := len(numbers(t, s))
	stats, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if stats.Dropped == 0 || int64(got) != stats.Received || stats.Received+stats.Dropped != count {
		t.Errorf("%d read, %d received, %d dropped; %d were sent", got, stats.Received, stats.Dropped, count)
	}
}

func TestStopWakes(t *testing.T) {
	p := newPair(t)
	s := opened(t, Options{Interface: "eth0", Namespace: p.two, Filter: "tcp"})
	time.AfterFunc(20*time.Millisecond, s.Stop)
	began := time.Now()
	if _, err := s.Next(time.Minute); !errors.Is(err, io.EOF) {
		t.Errorf("after Stop: %v, want %v", err, io.EOF)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestOpenRefuses(t *testing.T) {
	p := newPair(t)
	for _, c := range []struct {
		name string
		o    Options
		want error
	}{
		{"no such interface", Options{Interface: "eth7", Namespace: p.one}, ErrNoInterface},
		{"a name that is too long", Options{Interface: strings.Repeat("x", 40)}, ErrNoInterface},
		{"no such namespace", Options{Interface: "eth0", Namespace: p.one + "x"}, fs.ErrNotExist},
		{"down", Options{Interface: "down0", Namespace: p.one}, unix.ENETDOWN},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "down" {
				run(t, "ip", "-n", filepath.Base(p.one), "link", "add", "down0", "type", "veth")
			}
			if s, err := Open(c.o); !errors.Is(err, c.want) {
				t.Errorf("%v, %v; want %v", s, err, c.want)
			}
		})
	}
	if _, err := Open(Options{Interface: "lo", Filter: "tcp prot 80"}); err == nil || !strings.Contains(err.Error(), "prot") {
		t.Errorf("a wrong filter: %v", err)
	}
}

// Who may not capture is told so.
func TestNoPermission(t *testing.T) {
	const asked = "FLOWLAB_TEST_NOBODY"
	if os.Getenv(asked) != "" {
		_, err := Open(Options{Interface: "lo"})
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%v, want %v", err, fs.ErrPermission)
		}
		return
	}
	need.Root(t)
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Nobody may not go where the go command builds tests.
	program := filepath.Join(os.TempDir(), fmt.Sprintf("flowlab-live-test-%d", os.Getpid()))
	run(t, "cp", own, program)
	defer os.Remove(program)
	cmd := exec.Command(program, "-test.run=TestNoPermission")
	cmd.Dir, cmd.Env = "/", append(os.Environ(), asked+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// Nothing is left of a source that was closed.
func TestNothingIsLeft(t *testing.T) {
	p := newPair(t)
	count := func() (goroutines, files, maps int) {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile("/proc/self/maps")
		if err != nil {
			t.Fatal(err)
		}
		return runtime.NumGoroutine(), len(list), strings.Count(string(text), "socket:")
	}
	again := func() {
		s, err := Open(Options{Interface: "eth0", Namespace: p.one})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Next(time.Millisecond); err != nil && !errors.Is(err, ErrNone) {
			t.Fatal(err)
		}
		s.Stop()
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
	again()
	g, f, m := count()
	for range 20 {
		again()
	}
	if g2, f2, m2 := count(); g2 > g || f2 > f || m2 > m {
		t.Errorf("goroutines %d to %d, files %d to %d, mapped rings %d to %d", g, g2, f, f2, m, m2)
	}
}

// A packet costs no allocation.
func TestNoAllocations(t *testing.T) {
	p := newPair(t)
	for _, iface := range []string{"eth0", Any} {
		s := opened(t, Options{Interface: iface, Namespace: p.two, Filter: "tcp", SnapLen: 128})
		out := newSender(t, p.one, "eth0")
		const count = 5000
		for n := range uint32(count) {
			if err := out.send(frame(n, 9, 100)); err != nil {
				t.Fatal(err)
			}
		}
		next := func() {
			if _, err := s.Next(time.Second); err != nil {
				t.Fatal(err)
			}
		}
		if allocs := testing.AllocsPerRun(count-1, next); allocs > 0 {
			t.Errorf("%s: %v allocations a packet", iface, allocs)
		}
	}
}

// BenchmarkNext measures what a packet costs who reads it: read-ns/op, without
// what it costs to send it.
func BenchmarkNext(b *testing.B) {
	p := newPair(b)
	s := opened(b, Options{Interface: "eth0", Namespace: p.two, Filter: "tcp", SnapLen: 128, Buffer: 64 << 20})
	out := newSender(b, p.one, "eth0")
	f := frame(1, 9, 1000)
	var reading time.Duration
	for left := b.N; left > 0; left -= 50_000 {
		n := min(left, 50_000)
		for range n {
			if err := out.send(f); err != nil {
				b.Fatal(err)
			}
		}
		time.Sleep(2 * retire)
		began := time.Now()
		for range n {
			if _, err := s.Next(time.Second); err != nil {
				b.Fatal(err)
			}
		}
		reading += time.Since(began)
	}
	b.ReportMetric(float64(reading)/float64(b.N), "read-ns/op")
}
