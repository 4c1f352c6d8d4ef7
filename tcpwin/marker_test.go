package tcpwin_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// handMade are connections that show each mark and where it ends. A line is a
// segment: milliseconds since the first one, who sends it, its flags, and what
// else it says; ack is there if the flags have ACK. Sequence numbers count from
// the side's SYN. After the = stands what Wireshark says of it: its marks,
// bytes in flight, the window where it is not as in the header. TestHandMade
// checks that a Marker says so, and TestMarksAgreeWithTshark that tshark does.
var handMade = []struct{ name, segments string }{
	{"zero window, probe and its ACK; a probe's byte is not counted as sent, so its ACK is a surprise", `
		0    client SYN     seq 0 win 1000
		10   server SYN,ACK seq 0 ack 1 win 1000
		20   client ACK     seq 1 ack 1 win 1000
		21   client ACK     seq 1 ack 1 win 1000 len 600      = flight 600
		22   client ACK     seq 601 ack 1 win 1000 len 400    = window_full flight 1000
		32   server ACK     seq 1 ack 1001 win 0              = zero_window
		532  client ACK     seq 1001 ack 1 win 1000 len 1     = zero_window_probe flight 1
		542  server ACK     seq 1 ack 1001 win 0              = zero_window_probe_ack zero_window
		1532 client ACK     seq 1001 ack 1 win 1000 len 1     = zero_window_probe flight 1
		1542 server ACK     seq 1 ack 1002 win 1000           = ack_lost_segment
		1552 client ACK     seq 1002 ack 1 win 1000 len 100   = lost_segment`},
	{"window update", `
		0    client ACK     seq 1 ack 1 win 1000 len 100      = flight 100
		10   server ACK     seq 1 ack 101 win 0               = zero_window
		200  server ACK     seq 1 ack 101 win 500             = window_update
		210  server ACK     seq 1 ack 101 win 400             = window_update`},
	{"Linux probes with no byte at SND.UNA-1", `
		0    client ACK     seq 1 ack 1 win 1000 len 100      = flight 100
		10   server ACK     seq 1 ack 101 win 0               = zero_window
		210  client ACK     seq 100 ack 1 win 1000            = keep_alive
		220  server ACK     seq 1 ack 101 win 0               = zero_window`},
	{"keep-alive and its ACK, with and without a byte", `
		0    client ACK     seq 1 ack 1 win 1000 len 100      = flight 100
		10   server ACK     seq 1 ack 101 win 1000
		9000 client ACK     seq 100 ack 1 win 1000            = keep_alive
		9010 server ACK     seq 1 ack 101 win 1000            = keep_alive_ack
		9900 client ACK     seq 100 ack 1 win 1000 len 1      = keep_alive flight 1
		9910 server ACK     seq 1 ack 101 win 1000            = keep_alive_ack`},
	{"a full window is that of the latest ACK, scaled, to the byte", `
		0    client SYN     seq 0 win 1000 scale 3
		10   server SYN,ACK seq 0 ack 1 win 1000 scale 2
		20   client ACK     seq 1 ack 1 win 100               = window 800
		21   server ACK     seq 1 ack 1 win 250               = window_update window 1000
		22   client ACK     seq 1 ack 1 win 100 len 999       = flight 999 window 800
		23   client ACK     seq 1000 ack 1 win 100 len 1      = window_full flight 1000 window 800`},
	{"no full window where the scale was not seen", `
		0    server ACK     seq 1 ack 1 win 1000
		10   client ACK     seq 1 ack 1 win 1000 len 1000     = flight 1000`},
	{"only the SYN was seen: the client's windows are scaled, the server's are not", `
		0    client SYN     seq 0 win 1000 scale 3
		20   client ACK     seq 1 ack 1 win 100               = window 800
		21   server ACK     seq 1 ack 1 win 100 len 800       = window_full flight 800
		41   client ACK     seq 1 ack 801 win 100 len 100     = flight 100 window 800`},
	{"a SYN without the option: nobody scales", `
		0    client SYN     seq 0 win 1000
		10   server SYN,ACK seq 0 ack 1 win 1000 scale 2
		20   client ACK     seq 1 ack 1 win 1000
		21   server ACK     seq 1 ack 1 win 900               = window_update`},
	{"duplicate ACKs, fast retransmission, and one that comes too late", `
		0    client SYN     seq 0 win 9000
		10   server SYN,ACK seq 0 ack 1 win 9000
		20   client ACK     seq 1 ack 1 win 9000 len 100      = flight 100
		30   server ACK     seq 1 ack 101 win 9000
		31   client ACK     seq 201 ack 1 win 9000 len 100    = lost_segment
		32   client ACK     seq 301 ack 1 win 9000 len 100
		41   server ACK     seq 1 ack 101 win 9000            = duplicate_ack dup 1
		42   server ACK     seq 1 ack 101 win 9000            = duplicate_ack dup 2
		61   client ACK     seq 101 ack 1 win 9000 len 100    = retransmission fast_retransmission flight 300
		70   server ACK     seq 1 ack 401 win 9000
		80   client ACK     seq 501 ack 1 win 9000 len 100    = lost_segment
		90   server ACK     seq 1 ack 401 win 9000            = duplicate_ack dup 1
		91   server ACK     seq 1 ack 401 win 9000            = duplicate_ack dup 2
		111  client ACK     seq 401 ack 1 win 9000 len 100    = retransmission flight 200`},
	{"sent again though acknowledged", `
		0    client ACK     seq 1 ack 1 win 1000 len 100      = flight 100
		10   server ACK     seq 1 ack 101 win 1000
		300  client ACK     seq 1 ack 1 win 1000 len 100      = retransmission spurious_retransmission flight 100`},
	{"out of order within a round trip, sent again after it", `
		0    client SYN     seq 0 win 9000
		10   server SYN,ACK seq 0 ack 1 win 9000
		40   client ACK     seq 1 ack 1 win 9000
		50   client ACK     seq 101 ack 1 win 9000 len 100    = lost_segment
		89   client ACK     seq 1 ack 1 win 9000 len 100      = out_of_order
		100  client ACK     seq 301 ack 1 win 9000 len 100    = lost_segment
		140  client ACK     seq 201 ack 1 win 9000 len 100    = retransmission`},
	{"without a handshake the round trip is taken for 3 ms", `
		0    client ACK     seq 1 ack 1 win 9000 len 100      = flight 100
		10   client ACK     seq 201 ack 1 win 9000 len 100    = lost_segment
		12   client ACK     seq 101 ack 1 win 9000 len 50     = out_of_order
		13   client ACK     seq 151 ack 1 win 9000 len 40     = retransmission`},
	{"an ACK of what was not seen", `
		0    client ACK     seq 1 ack 1 win 1000 len 100      = flight 100
		10   server ACK     seq 1 ack 301 win 1000            = ack_lost_segment
		11   server ACK     seq 1 ack 401 win 1000
		20   client ACK     seq 401 ack 1 win 1000 len 100    = lost_segment`},
	{"selective acknowledgement takes from the bytes in flight", `
		0    client ACK     seq 1 ack 1 win 9000 len 100      = flight 100
		1    client ACK     seq 101 ack 1 win 9000 len 100    = flight 200
		10   server ACK     seq 1 ack 1 win 9000 sack 101-201
		11   client ACK     seq 201 ack 1 win 9000 len 100    = flight 200
		20   server ACK     seq 1 ack 101 win 9000
		21   client ACK     seq 301 ack 1 win 9000 len 100    = flight 300`},
	{"ports used again, and the roles swapped", `
		0    client SYN     seq 0 win 1000 scale 3
		10   server SYN,ACK seq 0 ack 1 win 1000 scale 2
		20   client ACK     seq 1 ack 1 win 100               = window 800
		30   client ACK     seq 1 ack 1 win 100 len 100       = flight 100 window 800
		99   server SYN     seq 70000 win 1000                = reused_ports
		109  client SYN,ACK seq 90000 ack 70001 win 1000
		119  server ACK     seq 70001 ack 90001 win 1000
		120  server ACK     seq 70001 ack 90001 win 1000 len 1000 = window_full flight 1000`},
	{"a SYN sent again is no new connection", `
		0    client SYN     seq 0 win 1000
		900  client SYN     seq 0 win 1000                    = retransmission
		910  server SYN,ACK seq 0 ack 1 win 1000
		920  client ACK     seq 1 ack 1 win 1000`},
	{"a RST and a FIN are no zero window", `
		0    client ACK     seq 1 ack 1 win 1000 len 100      = flight 100
		10   server FIN,ACK seq 1 ack 101 win 0
		20   client RST     seq 101 win 0`},
}

// bases are where the sides' sequence numbers begin.
var bases = [2]uint32{1000, 500000}

// handMadeSegment is a line of handMade.
type handMadeSegment struct {
	line    string
	segment tcpwin.Segment
	want    tcpwin.Marked
}

// parseHandMade reads the lines of a connection.
func parseHandMade(t *testing.T, text string) (segments []handMadeSegment) {
	t.Helper()
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimSpace(line)
		said, wanted, _ := strings.Cut(line, "=")
		m := handMadeSegment{line: line, segment: tcpwin.Segment{Scale: -1}}
		words := strings.Fields(said)
		s := &m.segment
		s.Time = flow.Time(time.Unix(1700000000, 0).UnixNano()).Add(time.Duration(number(t, words[0])) * time.Millisecond)
		s.From = flow.Side(slices.Index([]string{"client", "server"}, words[1]))
		own, peer := bases[s.From], bases[s.From.Peer()]
		for _, f := range strings.Split(words[2], ",") {
			s.Flags |= map[string]tcpwin.Flags{"SYN": tcpwin.SYN, "ACK": tcpwin.ACK, "FIN": tcpwin.FIN, "RST": tcpwin.RST}[f]
		}
		for i := 3; i+1 < len(words); i += 2 {
			switch words[i] {
			case "seq":
				s.Seq = flow.Seq(own + number(t, words[i+1]))
			case "ack":
				s.Ack = flow.Seq(peer + number(t, words[i+1]))
			case "win":
				s.Window = uint16(number(t, words[i+1]))
			case "len":
				s.Len = int(number(t, words[i+1]))
			case "scale":
				s.Scale = int8(number(t, words[i+1]))
			case "sack":
				left, right, _ := strings.Cut(words[i+1], "-")
				s.SACK[s.NumSACK] = [2]flow.Seq{flow.Seq(peer + number(t, left)), flow.Seq(peer + number(t, right))}
				s.NumSACK++
			default:
				t.Fatalf("%q in %q", words[i], line)
			}
		}
		m.want.Window = uint32(s.Window)
		words = strings.Fields(wanted)
		for i := 0; i < len(words); i++ {
			value := func() uint32 { i++; return number(t, words[i]) }
			switch words[i] {
			case "flight":
				m.want.BytesInFlight = value()
			case "window":
				m.want.Window = value()
			case "dup":
				m.want.DupAck = value()
			default:
				m.want.Marks |= mark(t, words[i])
			}
		}
		segments = append(segments, m)
	}
	return segments
}

func number(t *testing.T, word string) uint32 {
	t.Helper()
	n, err := strconv.ParseUint(word, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(n)
}

func mark(t *testing.T, name string) tcpwin.Mark {
	t.Helper()
	i := slices.Index(tcpwin.MarkNames(), name)
	if i < 0 {
		t.Fatalf("no mark %q", name)
	}
	return 1 << i
}

func TestHandMade(t *testing.T) {
	var shown tcpwin.Mark
	for _, c := range handMade {
		t.Run(c.name, func(t *testing.T) {
			var m tcpwin.Marker
			for _, s := range parseHandMade(t, c.segments) {
				shown |= s.want.Marks
				if got := m.Observe(&s.segment); got != s.want {
					t.Errorf("%s\n got %v", s.line, describe(got))
				}
			}
		})
	}
	if all := tcpwin.Mark(1<<tcpwin.NumMarks - 1); shown != all {
		t.Errorf("no connection shows %v", all&^shown)
	}
}

// describe says what is marked as handMade does.
func describe(m tcpwin.Marked) string {
	return fmt.Sprintf("%v flight %d window %d dup %d", m.Marks, m.BytesInFlight, m.Window, m.DupAck)
}

func TestMarkText(t *testing.T) {
	tests := []struct {
		name  string
		mark  tcpwin.Mark
		text  string
		names []string
	}{
		{"none", 0, "", nil},
		{"one", tcpwin.MarkZeroWindow, "zero_window", []string{"zero_window"}},
		{"several, the first and the last among them", tcpwin.MarkReusedPorts | tcpwin.MarkZeroWindow | tcpwin.MarkDuplicateAck,
			"zero_window,duplicate_ack,reused_ports", []string{"zero_window", "duplicate_ack", "reused_ports"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.mark.String(); got != test.text {
				t.Errorf("text %q, want %q", got, test.text)
			}
			if got := test.mark.Names(); !slices.Equal(got, test.names) {
				t.Errorf("names %q, want %q", got, test.names)
			}
		})
	}
}
