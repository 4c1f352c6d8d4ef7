package filter

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"flowlab/capture"
	"flowlab/internal/need"
)

const testSnapLen = 1 << 18

// machine runs a program as a kernel does, on what a kernel gives it.
type machine struct {
	link         capture.LinkType
	instructions []bpf.Instruction
	vm           *bpf.VM
}

func newMachine(t testing.TB, link capture.LinkType, program []bpf.RawInstruction) *machine {
	t.Helper()
	instructions, known := bpf.Disassemble(program)
	if !known {
		t.Fatalf("instructions that nobody knows: %v", instructions)
	}
	m := &machine{link: link, instructions: instructions}
	if !slices.ContainsFunc(instructions, isExtension) {
		m.vm = m.load(t, instructions)
	}
	return m
}

func isExtension(i bpf.Instruction) bool {
	_, is := i.(bpf.LoadExtension)
	return is
}

func (m *machine) load(t testing.TB, instructions []bpf.Instruction) *bpf.VM {
	vm, err := bpf.NewVM(instructions)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

// run runs the program on a frame. A cooked header is taken off; what it says,
// and the length, the program asks for: the VM takes them for constants.
func (m *machine) run(t testing.TB, f frame) int {
	vm, data := m.vm, f.data[links[m.link].shift():]
	if vm == nil {
		instructions := slices.Clone(m.instructions)
		for i, ins := range instructions {
			if e, is := ins.(bpf.LoadExtension); is {
				instructions[i] = bpf.LoadConstant{Dst: bpf.RegA, Val: m.told(f, e.Num)}
			}
		}
		vm = m.load(t, instructions)
	}
	n, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// told is what the kernel tells a program; of a cooked header as it is laid out
// in https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html and …_SLL2.html.
func (m *machine) told(f frame, about bpf.Extension) uint32 {
	type question struct {
		link  capture.LinkType
		about bpf.Extension
	}
	half := func(at int) uint32 { return uint32(binary.BigEndian.Uint16(f.data[at:])) }
	switch (question{m.link, about}) {
	case question{113, bpf.ExtType}:
		return half(0)
	case question{113, bpf.ExtLinkLayerType}:
		return half(2)
	case question{113, bpf.ExtProto}:
		return half(14)
	case question{276, bpf.ExtProto}:
		return half(0)
	case question{276, bpf.ExtInterfaceIndex}:
		return binary.BigEndian.Uint32(f.data[4:])
	case question{276, bpf.ExtLinkLayerType}:
		return half(8)
	case question{276, bpf.ExtType}:
		return uint32(f.data[10])
	case question{m.link, bpf.ExtLen}:
		return uint32(f.length) - links[m.link].shift()
	}
	panic(fmt.Sprintf("link type %d: nobody knows extension %d", m.link, about))
}

// seen are the frames that a kernel can have: with all of a cooked header.
func seen(link capture.LinkType, frames []frame) []frame {
	return slices.DeleteFunc(slices.Clone(frames), func(f frame) bool { return len(f.data) < int(links[link].shift()) })
}

// TestProgram holds the programs to Match: on every frame the answers are the
// same, also on cut ones.
func TestProgram(t *testing.T) {
	for _, link := range linkTypes() {
		t.Run(fmt.Sprintf("link type %d", link), func(t *testing.T) {
			t.Parallel()
			frames := seen(link, madeFrames(link))
			if testing.Short() {
				frames = every(10, frames)
			}
			agreePrograms(t, link, frames)
		})
	}
	t.Run("captures", func(t *testing.T) {
		need.Captures(t)
		for link, frames := range realFrames(t) {
			if slices.Contains(linkTypes(), link) {
				if testing.Short() {
					frames = every(10, frames)
				}
				agreePrograms(t, link, frames)
			}
		}
	})
}

func agreePrograms(t *testing.T, link capture.LinkType, frames []frame) {
	t.Helper()
	programs := 0
	for _, e := range expressionsOf(link) {
		if agreeProgram(t, e, link, frames) {
			programs++
		}
	}
	t.Logf("link type %d: %d of %d expressions have a program, tried on %d frames", link, programs, len(expressionsOf(link)), len(frames))
}

func expressionsOf(link capture.LinkType) []string {
	if link == capture.Ethernet {
		return append(slices.Clone(expressions), etherExpressions...)
	}
	return expressions
}

// agreeProgram tells whether there is a program.
func agreeProgram(t testing.TB, expression string, link capture.LinkType, frames []frame) bool {
	t.Helper()
	f, err := Compile(expression, link)
	if err != nil {
		t.Fatalf("%q: %v", expression, err)
	}
	program, err := f.Program(testSnapLen)
	if errors.Is(err, ErrNoProgram) {
		return false
	} else if err != nil {
		t.Fatalf("%q: %v", expression, err)
	}
	m := newMachine(t, link, program)
	for _, fr := range frames {
		want := 0
		if f.Match(fr.data, fr.length) {
			want = testSnapLen
		}
		if got := m.run(t, fr); got != want {
			t.Errorf("%q: the program returns %d, want %d, of %d bytes, %d on the wire: %x\n%v", expression, got, want, len(fr.data), fr.length, fr.data, m.instructions)
			break
		}
	}
	return true
}

// TestNoProgram names what has no program, and why.
func TestNoProgram(t *testing.T) {
	const shows = " bytes that the kernel does not show to a program as they are: no BPF program"
	long := strings.Repeat("ip[len+ip[2]-len]=ip[3] or ", 300) + "ip"
	tests := []struct {
		expression string
		link       capture.LinkType
		want       string // empty if there is one
	}{
		{"vlan", 1, `filter expression, column 1: "vlan" is about a tag that the kernel takes out of a packet: no BPF program`},
		{"ip or (tcp and vlan 5)", 1, `filter expression, column 16: "vlan" is about a tag that the kernel takes out of a packet: no BPF program`},
		{"ip or ether proto 0x8100", 1, `filter expression, column 19: "0x8100" is the EtherType of a tag that the kernel takes out of a packet: no BPF program`},
		{"ether proto 0x88a8", 113, `filter expression, column 13: "0x88a8" is the EtherType of a tag that the kernel takes out of a packet: no BPF program`},
		{"ether proto 0x9100", 1, ""},
		{"ether proto 0x8100", 101, ""},
		{"ether[12:2] = 0x8100", 1, `filter expression, column 1: "ether" looks at` + shows},
		{"ip and ether[11:2] = 0", 1, `filter expression, column 8: "ether" looks at` + shows},
		{"ether[11] = 0 and ether[8:4] = 1", 1, ""},
		{"ether[len & 7] = 0", 1, `filter expression, column 1: "ether" may look at` + shows},
		{"link[0:2] = 4 and link[2:2] = 1 and link[3] = 1", 113, ""},
		{"link[14:2] = 0x800", 113, `filter expression, column 1: "link" looks at` + shows},
		{"link[1:2] = 0", 113, `filter expression, column 1: "link" looks at` + shows},
		{"link[6] = 0", 113, `filter expression, column 1: "link" looks at` + shows},
		{"link[16] = 0x45", 113, `filter expression, column 1: "link" looks at` + shows},
		{"link[4:4] = 3 and link[6:2] = 3 and link[8:2] = 1 and link[10] = 4", 276, ""},
		{"link[0:2] = 0x800", 276, `filter expression, column 1: "link" looks at` + shows},
		{"link[2] = 0", 276, `filter expression, column 1: "link" looks at` + shows},
		{"link[len & 7] = 0", 101, ""},
		{"link[20] = 6", 0, ""},
		{long, 1, "filter program: more than 4096 instructions: no BPF program"},
	}
	for _, test := range tests {
		f, err := Compile(test.expression, test.link)
		if err != nil {
			t.Errorf("%.40q: %v", test.expression, err)
			continue
		}
		program, err := f.Program(96)
		if test.want == "" && (err != nil || len(program) == 0) {
			t.Errorf("%.40q: %d instructions, %v", test.expression, len(program), err)
		}
		if test.want != "" && (!errors.Is(err, ErrNoProgram) || err.Error() != test.want || program != nil) {
			t.Errorf("%.40q: %v\nwant: %s", test.expression, err, test.want)
		}
	}
}

func TestProgramSnapLen(t *testing.T) {
	for _, e := range []string{"", "ip", "5 = 5"} {
		f, err := Compile(e, capture.RawIP)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []int{-1, 0} {
			if _, err := f.Program(wrong); err == nil || errors.Is(err, ErrNoProgram) {
				t.Errorf("%q with a snap length of %d: %v", e, wrong, err)
			}
		}
		program, err := f.Program(math.MaxInt32)
		if err != nil {
			t.Fatal(err)
		}
		if got := newMachine(t, capture.RawIP, program).run(t, frame{[]byte{0x45}, 1}); got != math.MaxInt32 {
			t.Errorf("%q: the program returns %d", e, got)
		}
	}
}

// TestProgramLength prints how long programs are beside those of tcpdump, whose
// optimizer rearranges them; ours keep their order.
func TestProgramLength(t *testing.T) {
	tcpdump := need.Program(t, "tcpdump")
	c := newCorpus(t, capture.Ethernet, nil, binary.LittleEndian)
	count := func(expression string, options ...string) int {
		args := append(options, "-ddd", "-r", c.file, "--", expression)
		out, err := exec.CommandContext(t.Context(), tcpdump, args...).Output()
		if err != nil {
			t.Fatalf("%q: %v", expression, err)
		}
		n, err := strconv.Atoi(strings.Fields(string(out))[0])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%-78s %5s %8s %5s\n", "instructions of", "ours", "tcpdump", "-O")
	ours, theirs := 0, 0
	for _, e := range []string{
		"", "ip", "tcp", "tcp port 443", "port 53", "tcp port 80 or 443", "tcp portrange 9000-9010", "not port 22", "host 192.0.2.1",
		"host 2001:db8::1", "host 192.0.2.1 and not port 22", "net 10.0.0.0/8 and tcp", "src net 10.0.0.0/8 or dst net 2001:db8::/32",
		"tcp and (port 80 or port 443 or port 8080 or port 8443)", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "greater 1000",
		"tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)", "tcp and host 10.1.2.3 and host 192.0.2.1 and port 443",
	} {
		f, err := Compile(e, capture.Ethernet)
		if err != nil {
			t.Fatal(err)
		}
		program, err := f.Program(testSnapLen)
		if err != nil {
			t.Fatal(err)
		}
		n := count(e)
		fmt.Fprintf(&table, "%-78q %5d %8d %5d\n", e, len(program), n, count(e, "-O"))
		ours, theirs = ours+len(program), theirs+n
	}
	t.Logf("%s%-78s %5d %8d", table.String(), "all", ours, theirs)
	if ours > 2*theirs {
		t.Errorf("our programs have %d instructions, tcpdump's %d", ours, theirs)
	}
}

// FuzzProgram holds a program to Match, on any packet.
func FuzzProgram(f *testing.F) {
	for _, link := range []capture.LinkType{1, 101, 113, 276} {
		frames := seen(link, madeFrames(link))
		for i, e := range every(5, expressionsOf(link)) {
			fr := frames[i*97%len(frames)]
			f.Add(e, byte(slices.Index(linkTypes(), link)), fr.data, uint32(fr.length))
		}
	}
	f.Fuzz(func(t *testing.T, expression string, number byte, data []byte, wireLen uint32) {
		link := linkTypes()[int(number)%len(linkTypes())]
		if _, err := Compile(expression, link); err != nil {
			return
		}
		agreeProgram(t, expression, link, seen(link, []frame{{data, int(wireLen)}}))
	})
}

// FuzzProgramOf makes the expression itself, and so comes to more programs.
func FuzzProgramOf(f *testing.F) {
	f.Add(uint64(1), byte(1), []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45}, uint32(60))
	f.Fuzz(func(t *testing.T, seed uint64, number byte, data []byte, wireLen uint32) {
		link := linkTypes()[int(number)%len(linkTypes())]
		g := &generator{random: rand.New(rand.NewPCG(seed, 2))}
		agreeProgram(t, g.expression(3), link, seen(link, []frame{{data, int(wireLen)}}))
	})
}

func BenchmarkProgram(b *testing.B) {
	for _, e := range []string{"tcp", "tcp port 443", "host 192.0.2.1 and not port 22", strings.Repeat("port 80 or ", 100) + "port 443"} {
		f, err := Compile(e, capture.Ethernet)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%.30q", e), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Program(testSnapLen); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
