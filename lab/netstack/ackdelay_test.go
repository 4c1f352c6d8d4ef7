package netstack

import (
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// TestACKDelayDecides sends segments one after the other; an hour passes only
// where it says so. Full-size segments hold 1000 bytes, windows count in 4.
func TestACKDelayDecides(t *testing.T) {
	ack := func(ack, window int) tcpwin.Segment {
		return tcpwin.Segment{Flags: tcpwin.ACK, Ack: flow.Seq(ack), Window: uint16(window), Scale: -1}
	}
	data := func(a int) tcpwin.Segment {
		s := ack(a, 5000)
		s.Len = 10
		return s
	}
	fin := func(a int) tcpwin.Segment {
		s := ack(a, 5000)
		s.Flags |= tcpwin.FIN
		return s
	}
	sack := func(a int) tcpwin.Segment {
		s := ack(a, 5000)
		s.NumSACK = 1
		return s
	}
	tests := []struct {
		name     string
		segments []tcpwin.Segment
		sent     string // a letter for each, as it is sent; a point is the hour
	}{
		{"the first ACK goes at once", []tcpwin.Segment{ack(0, 5000)}, "a"},
		{"one segment's ACK waits", []tcpwin.Segment{ack(0, 5000), ack(1000, 5000)}, "a.b"},
		{"two segments' ACK goes at once", []tcpwin.Segment{ack(0, 5000), ack(2000, 5000)}, "ab"},
		{"so does the ACK of a second segment, alone", []tcpwin.Segment{ack(0, 5000), ack(1000, 5000), ack(2000, 5000)}, "ac"},
		{"a newer ACK replaces the one that waits", []tcpwin.Segment{ack(0, 5000), ack(100, 5000), ack(200, 5000)}, "a.c"},
		{"data take the ACK along", []tcpwin.Segment{ack(0, 5000), ack(100, 5000), data(100)}, "ac"},
		{"FIN takes the ACK along", []tcpwin.Segment{ack(0, 5000), ack(100, 5000), fin(100)}, "ac"},
		{"a duplicate ACK goes at once", []tcpwin.Segment{ack(0, 5000), ack(0, 5000)}, "ab"},
		{"a duplicate of the one that waits goes at once", []tcpwin.Segment{ack(0, 5000), ack(100, 5000), ack(100, 5000)}, "ac"},
		{"SACK blocks go at once", []tcpwin.Segment{ack(0, 5000), sack(100)}, "ab"},
		{"a closed window goes at once", []tcpwin.Segment{ack(0, 5000), ack(100, 0)}, "ab"},
		{"a window that opens by a segment goes at once", []tcpwin.Segment{ack(0, 4000), data(0), ack(100, 5250)}, "abc"},
		{"one that opens by less waits", []tcpwin.Segment{ack(0, 4000), data(0), ack(100, 5249)}, "ab.c"},
		{"one that opens after the handshake waits", []tcpwin.Segment{ack(0, 1000), ack(100, 5000)}, "a.b"},
		{"after the delay, the next one waits again", []tcpwin.Segment{ack(0, 5000), ack(1000, 5000), {}, ack(2000, 5000)}, "a.b.d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var sent []byte
			a := ackDelay{mss: 1000, scale: 2, delay: time.Hour}
			a.send = func(packet []byte) { sent = append(sent, packet...) }
			hour := func() {
				if a.waits != nil {
					sent = append(sent, '.')
					a.flush()
				}
			}
			for i, s := range tt.segments {
				if s.Flags == 0 {
					hour()
					continue
				}
				a.outbound(&s, []byte{byte('a' + i)})
			}
			hour()
			a.stop()
			if string(sent) != tt.sent {
				t.Errorf("sent %q, want %q", sent, tt.sent)
			}
		})
	}
}

func TestACKDelayTurnedOff(t *testing.T) {
	sent := make(chan byte, 4)
	a := ackDelay{mss: 1000, delay: time.Hour, send: func(p []byte) { sent <- p[0] }}
	syn := tcpwin.Segment{Flags: tcpwin.SYN, Scale: 2}
	first := tcpwin.Segment{Flags: tcpwin.ACK, Window: 1}
	next := tcpwin.Segment{Flags: tcpwin.ACK, Ack: 10, Window: 1}
	a.outbound(&syn, []byte("s"))
	a.outbound(&first, []byte("a"))
	a.outbound(&next, []byte("b"))
	if got := len(sent); got != 2 {
		t.Errorf("%d sent, want SYN and first ACK only", got)
	}
	a.set(0)
	if got := len(sent); got != 3 {
		t.Errorf("%d sent, want the ACK that waited too", got)
	}
	a.set(time.Millisecond)
	last := tcpwin.Segment{Flags: tcpwin.ACK, Ack: 20, Window: 1}
	a.outbound(&last, []byte("c"))
	for want := range "sabc" {
		if got := <-sent; got != "sabc"[want] {
			t.Errorf("got %c, want %c", got, "sabc"[want])
		}
	}
	a.outbound(&tcpwin.Segment{Flags: tcpwin.ACK, Ack: 30, Window: 1}, []byte("d"))
	a.stop()
	a.flush()
	if len(sent) != 0 {
		t.Error("an ACK was sent after the end")
	}
}
