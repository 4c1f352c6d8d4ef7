package tcpwin_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tcpwin"
)

// difference is a field of a frame in which flowlab differs from tshark on
// purpose.
type difference struct {
	file            string
	frame           int // from 1, as in the whole file
	field           string
	tshark, flowlab string
	reason          string // with the section of the RFC
}

// meant reads the list of differences that are meant.
func meant(t *testing.T) (list []difference) {
	t.Helper()
	text, err := os.ReadFile("testdata/differences.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			t.Fatalf("testdata/differences.tsv: %d fields, want 6: %q", len(f), line)
		}
		n, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatal(err)
		}
		if f[5] == "" {
			t.Errorf("testdata/differences.tsv: no reason: %q", line)
		}
		list = append(list, difference{f[0], n, f[2], f[3], f[4], f[5]})
	}
	return list
}

// settle fails for each difference that is not meant, and for each that is
// meant and not there.
func settle(t *testing.T, found, meant []difference) {
	t.Helper()
	unsaid := 0
	for _, d := range found {
		i := slices.IndexFunc(meant, func(m difference) bool { m.reason = ""; return m == d })
		if i >= 0 {
			meant = slices.Delete(slices.Clone(meant), i, i+1)
			continue
		}
		if unsaid++; unsaid <= 20 {
			t.Errorf("%s frame %d: %s is %s, tshark has %s", d.file, d.frame, d.field, d.flowlab, d.tshark)
		}
	}
	if unsaid > 20 {
		t.Errorf("and %d more", unsaid-20)
	}
	for _, m := range meant {
		t.Errorf("testdata/differences.tsv: %s frame %d: %s no longer differs as it says there", m.file, m.frame, m.field)
	}
}

// TestCapturesAgreeWithTshark compares every frame of the captures that other
// projects made. They are beside the project, not in it, for their licences
// differ.
func TestCapturesAgreeWithTshark(t *testing.T) {
	const folder = "../../shared/pcaps"
	entries, err := os.ReadDir(folder)
	if err != nil {
		if os.Getenv("FLOWLAB_PEERS") == "required" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Parallel()
	ts := findTshark(t)
	var found gathered
	t.Cleanup(func() { found.settle(t, meant(t)) })
	for _, e := range entries {
		if e.Name() == "INDEX.tsv" || e.Name() == "README.md" {
			continue
		}
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			for _, p := range readPoints(t, filepath.Join(folder, e.Name())) {
				found.compare(t, ts, p)
			}
		})
	}
}

// TestScenariosAgreeWithTshark compares what the lab itself captures, at each host. As
// many zero windows as tshark finds there, the analysis counted while the run went on.
func TestScenariosAgreeWithTshark(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every scenario in full")
	}
	t.Parallel()
	ts := findTshark(t)
	var found gathered
	t.Cleanup(func() { found.settle(t, nil) })
	// Many at once, whatever the number of processors: they mostly wait.
	slots := make(chan struct{}, 18)
	for _, s := range scenarios.Builtins() {
		path := filepath.Join(t.TempDir(), s.Name+".pcapng")
		file, err := capture.Create(path, play.Interfaces(&s.Knobs), capture.FileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		slots <- struct{}{}
		run, err := play.Start(t.Context(), s, play.Options{Seed: 1, Record: file})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			<-run.Done()
			<-slots
		}()
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			result, err := run.Wait()
			if err != nil {
				t.Fatal(err)
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
			for _, p := range readPoints(t, path) {
				found.compare(t, ts, p)
				if counted, marked := zeroWindows(result, p.packets[0].Interface), p.zeroWindows(); counted != marked {
					t.Errorf("%s%s: the run counted %d zero windows, the capture has %d", p.file, p.iface, counted, marked)
				}
			}
		})
	}
}

// gathered is what comparisons found that run side by side.
type gathered struct {
	mu          sync.Mutex
	all         tally
	differences []difference
}

func (g *gathered) compare(t *testing.T, ts tshark, p *point) {
	t.Helper()
	var own tally
	differences := p.compare(t, ts, &own)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all.add(&own)
	g.differences = append(g.differences, differences...)
}

func (g *gathered) settle(t *testing.T, meant []difference) {
	t.Helper()
	g.all.report(t)
	settle(t, g.differences, meant)
}

// zeroWindows is how many a run counted at one of its interfaces.
func zeroWindows(r *play.Result, iface int) (n int) {
	for _, v := range r.Views {
		for _, d := range v.Directions {
			if v.Interface == iface {
				n += d.Events[tcpwin.ZeroWindow]
			}
		}
	}
	return n
}

// zeroWindows is how many segments are marked as such.
func (p *point) zeroWindows() (n int) {
	for _, f := range p.flowlab() {
		if f.marked.Marks.Has(tcpwin.MarkZeroWindow) {
			n++
		}
	}
	return n
}

// TestHandMadeAgreesWithTshark: what handMade says of Wireshark is what tshark
// says.
func TestHandMadeAgreesWithTshark(t *testing.T) {
	ts := findTshark(t)
	var p point
	for i, c := range handMade {
		for _, s := range parseHandMade(t, c.segments) {
			p.add(i, &s.segment)
		}
	}
	var all tally
	settle(t, p.compare(t, ts, &all), nil)
}

// TestChanceAgreesWithTshark compares connections that no stack would hold,
// which take every turn of the rules.
func TestChanceAgreesWithTshark(t *testing.T) {
	ts := findTshark(t)
	c := newChance(1)
	var p point
	for i := range 800 {
		for _, s := range c.connection() {
			p.add(i, &s)
		}
	}
	var all tally
	found := p.compare(t, ts, &all)
	all.report(t)
	settle(t, found, nil)
	for i, m := range all.marks {
		if m.tshark == 0 {
			t.Errorf("no frame has %s", tcpwin.MarkNames()[i])
		}
	}
}

// add makes a packet of a segment of the connection of that number.
func (p *point) add(connection int, s *tcpwin.Segment) {
	p.file, p.interfaces = "made", []capture.Interface{{LinkType: capture.RawIP}}
	data := packet(connection, s)
	p.packets = append(p.packets, capture.Packet{Time: s.Time, Data: data, Length: len(data) + s.Len})
	p.frames = append(p.frames, len(p.packets))
}

// packet is a segment in an IPv4 packet, cut before its payload.
func packet(connection int, s *tcpwin.Segment) []byte {
	var options []byte
	if s.Scale >= 0 {
		options = append(options, 1, 3, 3, byte(s.Scale))
	}
	if room := (40 - len(options) - 4) / 8; s.NumSACK > 0 {
		blocks := s.SACK[:min(int(s.NumSACK), room)]
		options = append(options, 1, 1, 5, byte(2+8*len(blocks)))
		for _, b := range blocks {
			options = binary.BigEndian.AppendUint32(options, uint32(b[0]))
			options = binary.BigEndian.AppendUint32(options, uint32(b[1]))
		}
	}
	header := 20 + len(options)
	client, server := []byte{10, 0, byte(connection >> 8), byte(connection)}, []byte{10, 1, 0, 1}
	ports := [2]uint16{40000, 9999}
	if s.From == flow.Server {
		client, server, ports = server, client, [2]uint16{9999, 40000}
	}
	b := []byte{0x45, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(20+header+s.Len))
	b = append(b, 0, 0, 0, 0, 64, 6, 0, 0)
	b = append(append(b, client...), server...)
	b = binary.BigEndian.AppendUint16(b, ports[0])
	b = binary.BigEndian.AppendUint16(b, ports[1])
	b = binary.BigEndian.AppendUint32(b, uint32(s.Seq))
	b = binary.BigEndian.AppendUint32(b, uint32(s.Ack))
	b = append(b, byte(header/4<<4), byte(s.Flags))
	b = binary.BigEndian.AppendUint16(b, s.Window)
	return append(append(b, 0, 0, 0, 0), options...)
}
