package filter

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"flowlab/capture"
)

// kernel runs programs: on Linux, a datagram socket of the local domain passes
// the bare bytes of each datagram to its filter, and needs no privilege.
type kernel struct {
	to, from int
	buffer   []byte
}

func newKernel(t testing.TB) *kernel {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(pair[0]); unix.Close(pair[1]) })
	return &kernel{to: pair[0], from: pair[1], buffer: make([]byte, 1<<17)}
}

func attach(socket int, program []bpf.RawInstruction) error {
	filters := make([]unix.SockFilter, len(program))
	for i, r := range program {
		filters[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return unix.SetsockoptSockFprog(socket, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(filters)), Filter: unsafe.SliceData(filters)})
}

// passes tells how many bytes come through, -1 if the datagram does not.
func (k *kernel) passes(t testing.TB, data []byte) int {
	t.Helper()
	if err := unix.Send(k.to, data, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.Read(k.from, k.buffer)
	if err == unix.EAGAIN {
		return -1
	} else if err != nil {
		t.Fatal(err)
	}
	return n
}

// agree holds the kernel to Match; it tells whether there is a program that the
// kernel takes.
func (k *kernel) agree(t testing.TB, expression string, link capture.LinkType, frames []frame) bool {
	t.Helper()
	const snapLen = 60
	f, err := Compile(expression, link)
	if err != nil {
		t.Fatalf("%q: %v", expression, err)
	}
	program, err := f.Program(snapLen)
	if errors.Is(err, ErrNoProgram) {
		return false
	} else if err != nil {
		t.Fatalf("%q: %v", expression, err)
	}
	if err := attach(k.from, program); err == unix.ENOMEM && len(program) > 400 {
		return false
	} else if err != nil {
		t.Errorf("%q: the kernel refuses a program of %d instructions: %v", expression, len(program), err)
		return false
	}
	for _, fr := range frames {
		want := -1
		if f.Match(fr.data, len(fr.data)) {
			want = min(len(fr.data), snapLen)
		}
		if got := k.passes(t, fr.data); got != want {
			t.Errorf("%q: %d bytes pass the kernel, want %d, of %x\n%v", expression, got, want, fr.data, program)
			break
		}
	}
	return true
}

// TestKernel holds the kernel that runs the programs to Match. Cooked packets
// have no place here: see TestKernelCooked.
func TestKernel(t *testing.T) {
	seed := rand.Uint64()
	for _, link := range linkTypes() {
		if links[link].cooked != nil {
			continue
		}
		t.Run(fmt.Sprintf("link type %d", link), func(t *testing.T) {
			t.Parallel()
			k := newKernel(t)
			frames := every(11, madeFrames(link))
			n := 0
			for _, e := range expressionsOf(link) {
				if k.agree(t, e, link, frames) {
					n++
				}
			}
			t.Logf("%d expressions on %d frames", n, len(frames))
		})
	}
	t.Run("random", func(t *testing.T) {
		t.Parallel()
		t.Logf("seed %d", seed)
		k, g := newKernel(t), &generator{random: rand.New(rand.NewPCG(seed, 1))}
		frames := every(23, madeFrames(capture.Ethernet))
		for range 300 {
			k.agree(t, g.expression(3), capture.Ethernet, frames)
		}
	})
}

// TestKernelFarIndex tries indexes by which Linux, adding in 32 bits, would
// come back into the packet, or into its headers by their own addresses.
func TestKernelFarIndex(t *testing.T) {
	k := newKernel(t)
	frames := every(17, madeFrames(capture.RawIP))
	for _, e := range []string{
		"ip[len - len - 1] >= 0", "ip[0 - len] >= 0", "ip6[0 - 1 - len] >= 0", "not ip[len * 0xffffffff] = 1",
		"tcp[0 - len:4] >= 0", "tcp[len * 0x3fffffff + 0x40000000] >= 0", "udp[len + 0xfffffff0] >= 0",
		"link[0xfff00000 + len - len] >= 0", "link[0xffe00000 + len - len] >= 0", "link[0xfffff000 + (len & 0)] >= 0",
		"tcp[0xffffffd8 + (len & 0)] >= 0", "tcp[0xffffffec + (len & 0)] >= 0", "link[(len & 0) + 0x80000000] >= 0",
		"link[(len ^ len ^ 0x3fffffff)] >= 0", "link[len >> 1 << 1] >= 0", "link[len % 7 * 3] >= 0", "link[len / 3 | 4] >= 0",
	} {
		if !k.agree(t, e, capture.RawIP, frames) {
			t.Errorf("%q has no program", e)
		}
	}
}

// TestKernelLong tries programs whose jumps are longer than 255 instructions, up
// to the most that there may be. For those that need more memory than the kernel
// gives (net.core.optmem_max), the VM takes its place.
func TestKernelLong(t *testing.T) {
	k := newKernel(t)
	frames := every(101, madeFrames(capture.Ethernet))
	tried, longest, longestInKernel, refused := 0, 0, 0, 0
	for _, n := range []int{1, 20, 60, 200, 500, 1000} {
		for _, form := range []string{"ip[%d] = 17", "tcp port %d", "not host 10.1.2.%d", "src net 10.%d or ip6", "udp[%d] & len = 16", "tcp[ip[8] - len + %d] = 0"} {
			for _, join := range []string{" or ", " and "} {
				var primitives []string
				for i := range n {
					primitives = append(primitives, fmt.Sprintf(form, i%256))
				}
				e := strings.Join(primitives, join)
				if len(e) > maxExpression {
					continue
				}
				f, err := Compile(e, capture.Ethernet)
				if err != nil {
					t.Fatal(err)
				}
				program, err := f.Program(60)
				tried++
				switch {
				case errors.Is(err, ErrNoProgram):
					refused++
				case err != nil:
					t.Error(err)
				case k.agree(t, e, capture.Ethernet, frames):
					longestInKernel = max(longestInKernel, len(program))
				default:
					agreeProgram(t, e, capture.Ethernet, frames)
				}
				longest = max(longest, len(program))
			}
		}
	}
	if longestInKernel < 300 || longest <= longestInKernel || refused == 0 {
		t.Errorf("too few kinds of length")
	}
	t.Logf("the longest of %d programs has %d instructions, %d in the kernel; %d would have had more than %d", tried, longest, longestInKernel, refused, maxInstructions)
}
