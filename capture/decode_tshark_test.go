package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowlab/flow"
	"flowlab/internal/need"
	"flowlab/tcpwin"
)

// tsharkSegments returns what tshark has of the TCP segment in each frame, in
// the form of segmentLine, and "" for a frame that has none. A frame without
// tcp.len or with a header below 20 bytes has none: tshark dissects what there
// is of it, but its analysis of sequence numbers leaves it out.
func tsharkSegments(t *testing.T, path string) []string {
	t.Helper()
	out, err := exec.Command(need.Program(t, "tshark"), "-r", path, "-n", "-T", "fields", "-E", "occurrence=l", "-E", "separator=|",
		"-e", "tcp.len", "-e", "tcp.hdr_len",
		"-e", "frame.protocols", "-e", "ip.src", "-e", "ip.dst", "-e", "ipv6.src", "-e", "ipv6.dst",
		"-e", "tcp.srcport", "-e", "tcp.dstport", "-e", "tcp.seq_raw", "-e", "tcp.ack_raw", "-e", "tcp.flags", "-e", "tcp.window_size_value",
		"-e", "tcp.options.wscale.shift", "-e", "tcp.options.mss_val", "-e", "tcp.options.timestamp.tsval", "-e", "tcp.options.timestamp.tsecr",
		"-e", "tcp.options.sack.count", "-e", "frame.encap_type").Output()
	if err != nil && len(out) == 0 { // a file that is cut has frames and an error
		t.Fatalf("tshark: %v", err)
	}
	var lines []string
	for frame := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(frame, "\n"), "|")
		if f[18] == "" {
			continue // a custom block, which is no packet
		}
		length, header := f[0], 0
		_, _ = fmt.Sscan(f[1], &header)
		if length == "" || header < 20 || strings.Contains(f[2], "icmp") {
			lines = append(lines, "")
			continue
		}
		// The innermost IP header is the one that is named last.
		src, dst := f[3], f[4]
		if protocols := ":" + f[2] + ":"; strings.LastIndex(protocols, ":ipv6:") > strings.LastIndex(protocols, ":ip:") {
			src, dst = f[5], f[6]
		}
		flags := 0
		_, _ = fmt.Sscanf(f[11], "0x%x", &flags)
		lines = append(lines, fmt.Sprintf("%s %s > %s %s seq %s ack %s flags %02x win %s len %s ws %s mss %s ts %s %s sack %s",
			src, f[7], dst, f[8], f[9], f[10], flags&0x1f, f[12], length,
			orElse(f[13], "-1"), orElse(f[14], "0"), orElse(f[15], "0"), orElse(f[16], "0"), orElse(f[17], "0")))
	}
	return lines
}

func orElse(s, absent string) string {
	if s == "" {
		return absent
	}
	return s
}

// segmentLine is a segment as tsharkSegments has it.
func segmentLine(t flow.Tuple, s *tcpwin.Segment) string {
	return fmt.Sprintf("%v %d > %v %d seq %d ack %d flags %02x win %d len %d ws %d mss %d ts %d %d sack %d",
		t.Src.AddrPort().Addr(), t.Src.Port, t.Dst.AddrPort().Addr(), t.Dst.Port,
		uint32(s.Seq), uint32(s.Ack), uint8(s.Flags), s.Window, s.Len, max(s.Scale, -1), s.MSS, s.TSVal, s.TSEcr, s.NumSACK)
}

// TestTsharkDecodesTheSame holds the cases that the tests are made of to tshark.
func TestTsharkDecodesTheSame(t *testing.T) {
	need.Program(t, "tshark")
	var interfaces []Interface
	var packets []Packet
	var differs []string
	for _, c := range linkCases {
		i := slices.IndexFunc(interfaces, func(i Interface) bool { return i.LinkType == c.link })
		if i < 0 {
			i = len(interfaces)
			interfaces = append(interfaces, Interface{LinkType: c.link})
		}
		data := bytesOf(t, c.packet...)
		packets = append(packets, Packet{Interface: i, Data: data, Length: max(c.wire, len(data))})
		differs = append(differs, c.differs)
	}
	path := filepath.Join(t.TempDir(), "links.pcapng")
	f, err := Create(path, interfaces, FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packets {
		if err := f.Write(p, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	want := tsharkSegments(t, path)
	if len(want) != len(packets) {
		t.Fatalf("tshark has %d frames of %d", len(want), len(packets))
	}
	var d Decoder
	for i, p := range packets {
		var s tcpwin.Segment
		tuple, err := d.Decode(interfaces[p.Interface].LinkType, p.Data, p.Length, &s)
		got := ""
		if err == nil {
			got = segmentLine(tuple, &s)
		}
		switch name := linkCases[i].name; {
		case got != want[i] && differs[i] == "":
			t.Errorf("%s:\n  %s (%v), tshark has\n  %s", name, got, err, want[i])
		case got == want[i] && differs[i] != "":
			t.Errorf("%s: tshark has the same, though %s", name, differs[i])
		}
	}
}

// deliberate are the frames of other projects' captures in which another
// segment is found than tshark finds, with the reason.
var deliberate = map[string]map[int]string{}

// TestTsharkOnOthersCaptures holds the decoder to tshark on every frame of the
// captures that other projects made.
func TestTsharkOnOthersCaptures(t *testing.T) {
	need.Program(t, "tshark")
	for _, path := range othersCaptures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			want := tsharkSegments(t, path)
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			var d Decoder
			segments, frame, wrong := 0, 0, 0
			for ; ; frame++ {
				p, err := r.Next()
				if err != nil {
					if !errors.Is(err, io.EOF) {
						t.Logf("after frame %d: %v", frame, err)
					}
					break
				}
				var s tcpwin.Segment
				got := ""
				tuple, err := d.Decode(r.Interfaces()[p.Interface].LinkType, p.Data, p.Length, &s)
				if err == nil {
					segments++
					got = segmentLine(tuple, &s)
				}
				switch reason, listed := deliberate[filepath.Base(path)][frame+1]; {
				case frame >= len(want):
					t.Fatalf("frame %d: tshark has only %d", frame+1, len(want))
				case got == want[frame] && listed:
					t.Errorf("frame %d: tshark has the same, though %s", frame+1, reason)
				case got != want[frame] && !listed:
					if wrong++; wrong <= 10 {
						t.Errorf("frame %d:\n  %s (%v), tshark has\n  %s", frame+1, got, err, want[frame])
					}
				}
				checkCuts(t, &d, r.Interfaces()[p.Interface].LinkType, p, frame+1)
			}
			if frame != len(want) {
				t.Errorf("%d frames, tshark has %d", frame, len(want))
			}
			t.Logf("%d segments in %d frames, %d wrong", segments, frame, wrong)
		})
	}
}

// checkCuts cuts a packet at every byte of its first 160.
func checkCuts(t *testing.T, d *Decoder, link LinkType, p Packet, frame int) {
	var whole tcpwin.Segment
	wholeTuple, wholeErr := d.Decode(link, p.Data, p.Length, &whole)
	for n := range min(len(p.Data), 160) {
		var got tcpwin.Segment
		tuple, err := d.Decode(link, p.Data[:n:n], p.Length, &got)
		switch {
		case err == nil && (wholeErr != nil || tuple != wholeTuple || got.Seq != whole.Seq || got.Len != whole.Len):
			t.Fatalf("frame %d: %d bytes of it give %v %+v, all give %v %+v %v", frame, n, tuple, got, wholeTuple, whole, wholeErr)
		case err != nil && err != ErrTruncated && err != wholeErr:
			t.Fatalf("frame %d: %d bytes of it: %v, all: %v", frame, n, err, wholeErr)
		}
	}
}

// othersCaptures returns the captures that other projects made. They are beside
// the project, not in it, for their licences differ.
func othersCaptures(t *testing.T) []string {
	t.Helper()
	const folder = "../../shared/pcaps"
	entries, err := os.ReadDir(folder)
	if err != nil {
		if os.Getenv("FLOWLAB_PEERS") == "required" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	var paths []string
	for _, e := range entries {
		switch e.Name() {
		case "INDEX.tsv", "README.md":
		default:
			paths = append(paths, filepath.Join(folder, e.Name()))
		}
	}
	return paths
}
