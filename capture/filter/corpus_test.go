package filter

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowlab/capture"
	"flowlab/internal/need"
)

// frame is a packet that filters are tried on.
type frame struct {
	data   []byte
	length int // on the wire
}

// corpus is frames of one link type in a file for tcpdump, which tells them
// apart by their time: frame n was captured n seconds after 1970.
type corpus struct {
	link   capture.LinkType
	frames []frame
	made   int // the first frame that was made for the test
	file   string
}

// oracleLink is the link type that tcpdump knows packets of this type by: on
// Linux, libpcap takes 12 for raw IP and does not know 14.
func oracleLink(link capture.LinkType) capture.LinkType {
	if link == 14 {
		return 101
	}
	return link
}

func newCorpus(t testing.TB, link capture.LinkType, frames []frame, order binary.AppendByteOrder) *corpus {
	t.Helper()
	const snapLen = 262144
	header := order.AppendUint32(nil, 0xA1B2C3D4)
	header = order.AppendUint16(header, 2)
	header = order.AppendUint16(header, 4)
	header = append(header, make([]byte, 8)...)
	header = order.AppendUint32(header, snapLen)
	file := order.AppendUint32(header, uint32(oracleLink(link)))
	for i, f := range frames {
		file = order.AppendUint32(file, uint32(i))
		file = order.AppendUint32(file, 0)
		file = order.AppendUint32(file, uint32(len(f.data)))
		file = order.AppendUint32(file, uint32(f.length))
		file = append(file, f.data...)
	}
	path := filepath.Join(t.TempDir(), "corpus.pcap")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return &corpus{link: link, frames: frames, file: path}
}

// tcpdump returns the numbers of the frames that tcpdump selects, or what it
// says against the expression.
func (c *corpus) tcpdump(t testing.TB, program, expression string, options ...string) ([]int, error) {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, append(options, "-r", c.file, "-w", "-", "--", expression)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if strings.Contains(stderr.String(), "expression rejects all packets") {
		return nil, nil
	}
	if err != nil {
		return nil, errors.New(stderr.String())
	}
	// tcpdump writes the byte order of the machine or that of the file.
	var order binary.ByteOrder = binary.LittleEndian
	if binary.BigEndian.Uint32(out) == 0xA1B2C3D4 {
		order = binary.BigEndian
	}
	var frames []int
	for out = out[24:]; len(out) > 0; {
		frames = append(frames, int(order.Uint32(out)))
		out = out[16+order.Uint32(out[8:]):]
	}
	return frames, nil
}

// selected returns the numbers of the frames that the filter selects, and of
// those on which it looked beyond what was kept.
func (c *corpus) selected(f *Filter) (frames, cut []int) {
	for i, fr := range c.frames {
		switch match, whole := f.run(fr.data, uint32(fr.length)); {
		case !whole:
			cut = append(cut, i)
		case match:
			frames = append(frames, i)
		}
	}
	return frames, cut
}

// realFrames returns packets of the captures that other projects made, by link
// type; of each capture at most 400.
func realFrames(t testing.TB) map[capture.LinkType][]frame {
	t.Helper()
	paths, err := filepath.Glob("../../../shared/pcaps/*")
	if err != nil {
		t.Fatal(err)
	}
	frames := make(map[capture.LinkType][]frame)
	for _, path := range paths {
		r, err := capture.Open(path)
		if err != nil {
			continue // the index and other texts
		}
		for range 400 {
			p, err := r.Next()
			if err != nil {
				if err != io.EOF {
					t.Log(err)
				}
				break
			}
			link := r.Interfaces()[p.Interface].LinkType
			frames[link] = append(frames[link], frame{slices.Clone(p.Data), p.Length})
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	return frames
}

// corpora returns a corpus for each link type: real packets where there are
// some, and made ones of all kinds, also cut at each length.
func corpora(t *testing.T) []*corpus {
	t.Helper()
	need.Program(t, "tcpdump")
	realOnes := realFrames(t)
	if len(realOnes) == 0 {
		if os.Getenv("FLOWLAB_PEERS") == "required" {
			t.Fatal("the captures of other projects are missing")
		}
		t.Log("without the captures of other projects: only made packets")
	}
	var all []*corpus
	for _, link := range linkTypes() {
		frames := append(realOnes[link], madeFrames(link)...)
		c := newCorpus(t, link, frames, binary.LittleEndian)
		c.made = len(realOnes[link])
		all = append(all, c)
	}
	return all
}

func linkTypes() []capture.LinkType {
	return []capture.LinkType{0, 1, 12, 14, 101, 108, 113, 228, 229, 276}
}

// madeFrames returns packets of many protocols, whole and cut.
func madeFrames(link capture.LinkType) []frame {
	var frames []frame
	for i, p := range madePackets() {
		data := encapsulate(link, i, p)
		if data == nil {
			continue
		}
		for kept := range min(len(data), 90) {
			frames = append(frames, frame{data[:kept], len(data)})
		}
		frames = append(frames, frame{data, len(data)}, frame{data, len(data) + 1000})
	}
	return frames
}

type packet struct {
	etherType uint16
	data      []byte
}

// encapsulate puts the link's header before a packet, nil if it cannot carry
// such packets.
func encapsulate(link capture.LinkType, number int, p packet) []byte {
	etherType, data := p.etherType, p.data
	ip := etherType == etherTypeIPv4 || etherType == etherTypeIPv6
	var header []byte
	switch link {
	case 1:
		header = []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}
		if number%2 == 0 {
			header = []byte{255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 3}
		}
		header = binary.BigEndian.AppendUint16(header, etherType)
	case 113:
		header = []byte{0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}
		header = binary.BigEndian.AppendUint16(header, etherType)
	case 276:
		header = binary.BigEndian.AppendUint16(nil, etherType)
		header = append(header, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0)
	case 0, 108:
		if !ip {
			return nil
		}
		header = []byte{0, 0, 0, 2}
		if etherType == etherTypeIPv6 {
			header[3] = []byte{24, 28, 30, 10}[number%4]
		}
		if link == 0 {
			slices.Reverse(header) // as a machine of little endian writes it
		}
	case 228:
		if etherType == etherTypeIPv6 || !ip {
			return nil
		}
	case 229:
		if etherType == etherTypeIPv4 || !ip {
			return nil
		}
	default:
		if !ip {
			return nil
		}
	}
	return append(header, data...)
}

func madePackets() []packet {
	random := rand.New(rand.NewPCG(1, 2))
	bytes := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	var all []packet
	transport := func(protocol byte) []byte {
		b := bytes(24)
		ports := []uint16{80, 443, 53, 9000, 9005, 9010, 9011}
		binary.BigEndian.PutUint16(b, ports[random.IntN(len(ports))])
		binary.BigEndian.PutUint16(b[2:], ports[random.IntN(len(ports))])
		if protocol == 1 || protocol == 58 {
			b[0] = []byte{0, 8, 3, 128, 129, 135}[random.IntN(6)]
		}
		return b
	}
	for _, protocol := range []byte{1, 2, 4, 6, 17, 47, 50, 51, 58, 103, 132} {
		for _, options := range []int{0, 8} {
			for _, fragment := range []uint16{0, 0x4000, 0x2000, 0x2064, 0x0010} {
				h := append([]byte{0x45 + byte(options/4), 0, 0, 0}, bytes(20-4+options)...)
				binary.BigEndian.PutUint16(h[2:], uint16(20+options+24))
				binary.BigEndian.PutUint16(h[6:], fragment)
				h[9] = protocol
				copy(h[12:], ipv4Addresses[random.IntN(len(ipv4Addresses))])
				copy(h[16:], ipv4Addresses[random.IntN(len(ipv4Addresses))])
				all = append(all, packet{etherTypeIPv4, append(h, transport(protocol)...)})
			}
		}
		for _, extension := range []byte{0, 44, 60} {
			h := append([]byte{0x60, 0, 0, 0, 0, 32, protocol, 64}, make([]byte, 32)...)
			copy(h[8:], ipv6Addresses[random.IntN(len(ipv6Addresses))])
			copy(h[24:], ipv6Addresses[random.IntN(len(ipv6Addresses))])
			if extension != 0 {
				h[6] = extension
				h = append(h, protocol, 0, 0, 0, 0, 0, 0, 0)
			}
			all = append(all, packet{etherTypeIPv6, append(h, transport(protocol)...)})
		}
	}
	for _, etherType := range []uint16{etherTypeARP, etherTypeRARP} {
		for i := range 4 {
			h := append([]byte{0, 1, 8, 0, 6, 4, 0, byte(1 + i%2)}, bytes(20)...)
			copy(h[14:], ipv4Addresses[random.IntN(len(ipv4Addresses))])
			copy(h[24:], ipv4Addresses[random.IntN(len(ipv4Addresses))])
			all = append(all, packet{etherType, h})
		}
	}
	for i, tag := range []uint16{0x8100, 0x88A8, 0x9100} {
		for range 6 {
			inner := all[random.IntN(len(all))]
			id := []uint16{5, 100, 200, 0x2005}[random.IntN(4)]
			h := binary.BigEndian.AppendUint16(nil, id)
			h = binary.BigEndian.AppendUint16(h, inner.etherType)
			all = append(all, packet{tag, append(h, inner.data...)})
			if i > 0 {
				h = binary.BigEndian.AppendUint16(nil, 200)
				h = binary.BigEndian.AppendUint16(h, tag)
				all = append(all, packet{0x8100, append(h, all[len(all)-1].data...)})
			}
		}
	}
	all = append(all, packet{0x9000, bytes(46)}, packet{0x88CC, bytes(46)}, packet{0x0026, append([]byte{0x42, 0x42, 3}, bytes(35)...)})
	return all
}

var ipv4Addresses = [][]byte{{192, 0, 2, 1}, {192, 0, 2, 2}, {10, 1, 2, 3}, {10, 1, 200, 1}, {255, 255, 255, 255}, {0, 0, 0, 0}, {224, 0, 0, 251}, {0, 0, 0, 10}}

var ipv6Addresses = [][]byte{
	{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
	{0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
	{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
	{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
}
