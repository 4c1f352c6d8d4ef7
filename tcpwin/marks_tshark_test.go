package tcpwin_test

import (
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/internal/need"
	"flowlab/tcpwin"
)

// frame is what was said of the TCP segment in a frame.
type frame struct {
	tuple  flow.Tuple
	marked tcpwin.Marked
}

// point is packets among which each connection was seen at one interface only.
// To Wireshark a connection is a pair of addresses and ports, wherever its
// packets were seen, so one that passed two interfaces is a retransmission.
type point struct {
	file       string // where they come from, as differences.tsv names it
	iface      string // the one interface that they passed, if that makes a difference
	interfaces []capture.Interface
	packets    []capture.Packet
	frames     []int  // the number of each packet in the file, from 1
	whole      string // the file that they come from, if there is one
	alone      string // a file with nothing else, once there is one
}

// readPoints reads a capture, up to its end or to where it is cut short. It is
// one point, or one for each interface if a connection was seen at two.
func readPoints(t *testing.T, path string) []*point {
	t.Helper()
	r, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := &point{file: filepath.Base(path), whole: path, alone: path}
	for {
		p, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Logf("%v: compared until there", err)
			break
		}
		p.Data = slices.Clone(p.Data)
		all.packets = append(all.packets, p)
		all.frames = append(all.frames, len(all.packets))
	}
	all.interfaces = r.Interfaces()
	return all.split()
}

// split makes a point for each interface, if a connection was seen at two.
func (p *point) split() []*point {
	at := map[flow.Tuple]int{}
	mixed := false
	for i, f := range p.flowlab() {
		pair, _ := f.pair()
		iface := p.packets[i-1].Interface
		if first, seen := at[pair]; seen && first != iface {
			mixed = true
		}
		at[pair] = iface
	}
	if !mixed {
		return []*point{p}
	}
	points := make([]*point, len(p.interfaces))
	for i, packet := range p.packets {
		one := points[packet.Interface]
		if one == nil {
			one = &point{file: p.file, iface: fmt.Sprintf(" interface %d", packet.Interface), interfaces: p.interfaces, whole: p.whole}
			points[packet.Interface] = one
		}
		one.packets, one.frames = append(one.packets, packet), append(one.frames, p.frames[i])
	}
	return slices.DeleteFunc(points, func(p *point) bool { return p == nil })
}

// pair is the connection that a frame belongs to, and the side that sent it.
// Who is called the client makes no difference.
func (f *frame) pair() (flow.Tuple, flow.Side) {
	if f.tuple.Src.Compare(f.tuple.Dst) > 0 {
		return f.tuple.Reverse(), flow.Server
	}
	return f.tuple, flow.Client
}

// path is a capture of this point alone: the file itself if it has no other.
func (p *point) path(t *testing.T, ts tshark) string {
	t.Helper()
	if p.alone != "" {
		return p.alone
	}
	p.alone = filepath.Join(t.TempDir(), "alone.pcapng")
	if p.whole != "" {
		ts.run(t, "-r", p.whole, "-Y", fmt.Sprintf("frame.interface_id == %d", p.packets[0].Interface), "-w", p.alone)
		return p.alone
	}
	f, err := capture.Create(p.alone, p.interfaces, capture.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, packet := range p.packets {
		if err := f.Write(packet, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return p.alone
}

// flowlab marks the packets, which are the frames from 1.
func (p *point) flowlab() map[int]frame {
	var d capture.Decoder
	markers := map[flow.Tuple]*tcpwin.Marker{}
	frames := map[int]frame{}
	for i, packet := range p.packets {
		var f frame
		var err error
		s := tcpwin.Segment{Time: packet.Time}
		if f.tuple, err = d.Decode(p.interfaces[packet.Interface].LinkType, packet.Data, packet.Length, &s); err != nil {
			continue
		}
		pair, from := f.pair()
		if markers[pair] == nil {
			markers[pair] = &tcpwin.Marker{}
		}
		s.From = from
		f.marked = markers[pair].Observe(&s)
		frames[i+1] = f
	}
	return frames
}

// tshark is Wireshark without a screen, set up to show its TCP analysis.
type tshark struct{ program, folder string }

// belowTCP are the protocols that may carry TCP, and what an IPv4 or IPv6
// header and TCP's own options are made of.
var belowTCP = []string{
	"ah", "erspan", "eth", "ethertype", "fddi", "file-pcap", "frame", "geneve", "gre", "ieee8021ad", "ip", "ipv6", "llc",
	"loop", "mpls", "null", "ppp", "pppoe", "pppoes", "raw", "sll", "snap", "tcp", "udp", "vlan", "vxlan",
}

// findTshark sets tshark up with its default preferences, whoever runs it, and
// with every protocol off that is carried by TCP. Some of those disturb the
// analysis: that of VNC makes it begin anew in the middle of a connection, so
// that it forgets the window scale. Nothing of them is compared. Tunnels' own
// protocols stay on, and ICMP is off, so a header quoted in an error is no
// segment.
func findTshark(t *testing.T) tshark {
	t.Helper()
	ts := tshark{program: need.Program(t, "tshark"), folder: t.TempDir()}
	version, err := exec.Command(ts.program, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(string(version), "\n"); !strings.Contains(first, " 4.0.") {
		text := first + " is installed: its rules for lost segments are not those of 4.0, which flowlab follows"
		if os.Getenv("FLOWLAB_PEERS") == "required" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
	list, err := exec.Command(ts.program, "-G", "protocols").Output()
	if err != nil {
		t.Fatal(err)
	}
	var off []byte
	for line := range strings.Lines(string(list)) {
		name := strings.Split(strings.TrimSpace(line), "\t")[2]
		family, _, _ := strings.Cut(name, ".")
		if !slices.Contains(belowTCP, family) {
			off = append(append(off, name...), '\n')
		}
	}
	if err := os.WriteFile(filepath.Join(ts.folder, "disabled_protos"), off, 0o666); err != nil {
		t.Fatal(err)
	}
	return ts
}

// run runs tshark and returns what it prints. Only a capture that is cut short
// has both frames and an error.
func (ts tshark) run(t *testing.T, args ...string) string {
	t.Helper()
	var stderr strings.Builder
	run := exec.Command(ts.program, args...)
	run.Env = append(os.Environ(), "WIRESHARK_CONFIG_DIR="+ts.folder)
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("%v: %v\n%s", run.Args[:3], err, &stderr)
	}
	return string(out)
}

// fields are what tshark is asked for, before the marks.
var fields = []string{
	"frame.number", "tcp.hdr_len", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport",
	"tcp.analysis.bytes_in_flight", "tcp.window_size", "tcp.analysis.duplicate_ack_num",
}

// marks is what tshark says of each frame with a TCP segment. A segment that is
// shorter than its header, or whose header is shorter than a header can be, is
// not analysed by it.
func (ts tshark) marks(t *testing.T, path string) map[int]frame {
	t.Helper()
	args := []string{"-n", "-r", path, "-Y", "tcp.len", "-T", "fields", "-E", "occurrence=l", "-E", "separator=|"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	for _, name := range tcpwin.MarkNames() {
		args = append(args, "-e", "tcp.analysis."+name)
	}
	out := ts.run(t, args...)
	frames := map[int]frame{}
	for line := range strings.Lines(out) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		value := func(i int) (n uint64) {
			if f[i] != "" {
				var err error
				if n, err = strconv.ParseUint(f[i], 0, 32); err != nil {
					t.Fatal(err)
				}
			}
			return n
		}
		if value(1) < 20 {
			continue
		}
		src, dst := f[2], f[3]
		if src == "" {
			src, dst = f[4], f[5]
		}
		m := frame{
			tuple: flow.Tuple{Src: endpoint(t, src, value(6)), Dst: endpoint(t, dst, value(7))},
			marked: tcpwin.Marked{
				BytesInFlight: uint32(value(8)), Window: uint32(value(9)), DupAck: uint32(value(10)),
			},
		}
		for i, set := range f[len(fields):] {
			if set != "" {
				m.marked.Marks |= 1 << i
			}
		}
		frames[int(value(0))] = m
	}
	return frames
}

func endpoint(t *testing.T, addr string, port uint64) flow.Endpoint {
	t.Helper()
	a, err := netip.ParseAddr(addr)
	if err != nil {
		t.Fatal(err)
	}
	return flow.EndpointOf(netip.AddrPortFrom(a, uint16(port)))
}

// compare holds flowlab's frames to tshark's, field by field.
func (p *point) compare(t *testing.T, ts tshark, tally *tally) (differences []difference) {
	t.Helper()
	want, got := ts.marks(t, p.path(t, ts)), p.flowlab()
	if len(want) == 0 && len(got) == 0 {
		return nil
	}
	differing := 0
	for i, number := range p.frames {
		a, inTshark := want[i+1]
		b, inFlowlab := got[i+1]
		if !inTshark && !inFlowlab {
			continue
		}
		before := len(differences)
		differs := func(field, tshark, flowlab string) {
			if tshark != flowlab {
				differences = append(differences, difference{p.file, number, field, tshark, flowlab, ""})
			}
		}
		if inTshark != inFlowlab || a.tuple != b.tuple {
			differs("segment", tupleText(a, inTshark), tupleText(b, inFlowlab))
		} else {
			for i, name := range tcpwin.MarkNames() {
				m := tcpwin.Mark(1) << i
				tally.count(i, a.marked.Marks.Has(m), b.marked.Marks.Has(m))
				differs(name, yes(a.marked.Marks.Has(m)), yes(b.marked.Marks.Has(m)))
			}
			differs("bytes_in_flight", fmt.Sprint(a.marked.BytesInFlight), fmt.Sprint(b.marked.BytesInFlight))
			differs("window_size", fmt.Sprint(a.marked.Window), fmt.Sprint(b.marked.Window))
			differs("duplicate_ack_num", fmt.Sprint(a.marked.DupAck), fmt.Sprint(b.marked.DupAck))
		}
		if tally.frames++; len(differences) > before {
			differing++
		}
	}
	t.Logf("%s%s: %d of %d frames agree", p.file, p.iface, len(want)-differing, len(want))
	return differences
}

func yes(set bool) string {
	if set {
		return "yes"
	}
	return "no"
}

func tupleText(f frame, there bool) string {
	if !there {
		return "none"
	}
	return f.tuple.Src.String() + " > " + f.tuple.Dst.String()
}

// tally counts frames, and how often each mark is set by tshark and flowlab.
type tally struct {
	frames int
	marks  [tcpwin.NumMarks]struct{ both, tshark, flowlab int }
}

func (c *tally) count(mark int, tshark, flowlab bool) {
	m := &c.marks[mark]
	if tshark {
		m.tshark++
	}
	if flowlab {
		m.flowlab++
	}
	if tshark && flowlab {
		m.both++
	}
}

func (c *tally) add(o *tally) {
	c.frames += o.frames
	for i, m := range o.marks {
		c.marks[i].both += m.both
		c.marks[i].tshark += m.tshark
		c.marks[i].flowlab += m.flowlab
	}
}

// report prints how precise flowlab's marks are (those that tshark sets too)
// and how many of tshark's it recalls.
func (c *tally) report(t *testing.T) {
	t.Helper()
	t.Logf("%d frames", c.frames)
	t.Logf("%-26s %7s %10s %8s", "mark", "tshark", "precision", "recall")
	for i, m := range c.marks {
		t.Logf("%-26s %7d %10s %8s", tcpwin.MarkNames()[i], m.tshark, share(m.both, m.flowlab), share(m.both, m.tshark))
	}
}

func share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 2, 64) + " %"
}
