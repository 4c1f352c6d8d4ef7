package diagnose

import (
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// opened is a connection of which the handshake and ten segments of the server were seen, up
// to 13 ms. The server's next byte is 10,001.
func opened() *handed {
	const ms = time.Millisecond
	h := newHanded()
	h.send(1, flow.Client, at(0), tcpwin.SYN, 1000, 0, 0)
	h.send(1, flow.Server, at(ms), tcpwin.SYN|tcpwin.ACK, 0, 1001, 0)
	h.send(1, flow.Client, at(ms), tcpwin.ACK, 1001, 1, 0)
	for i := range 10 {
		h.send(1, flow.Server, at(2*ms+time.Duration(i)*ms), tcpwin.ACK, flow.Seq(1+1000*i), 1001, 1000)
		h.send(1, flow.Client, at(3*ms+time.Duration(i)*ms), tcpwin.ACK, 1001, flow.Seq(1001+1000*i), 0)
	}
	return h
}

// end ends the analysis and returns what held the server.
func (h *handed) end(t *testing.T, after time.Duration) *DirectionView {
	t.Helper()
	h.End(at(after))
	if len(h.ended) != 1 {
		t.Fatalf("%d connections, want one", len(h.ended))
	}
	return &h.ended[0].Directions[flow.Server]
}

// What held a sender while the capture lacks what it sent is not known; it had not nothing
// to send.
func TestWhatIsNotCapturedIsUnknown(t *testing.T) {
	h := opened()
	for i := range 50 { // ACKs of what is not there
		h.send(1, flow.Client, at(time.Second+time.Duration(i)*10*time.Millisecond), tcpwin.ACK, 1001, flow.Seq(11001+1000*i), 0)
	}
	h.send(1, flow.Server, at(2*time.Second), tcpwin.ACK, 70001, 1001, 1000)
	d := h.end(t, 3*time.Second)
	if got := d.Limits[flow.Unknown]; got < 1900*time.Millisecond {
		t.Errorf("unknown for %v, want nearly 2 s: %v", got, d.Limits)
	}
	if d.Bytes != 71000 || d.Unseen != 50000 {
		t.Errorf("%d bytes, %d unseen; want 71000 and 50000", d.Bytes, d.Unseen)
	}

	h = opened()
	h.send(1, flow.Client, at(time.Second), tcpwin.ACK, 1001, 90001, 0)
	if d := h.end(t, 3*time.Second); d.Limits[flow.Unknown] < 2900*time.Millisecond || d.Bytes != 90000 {
		t.Errorf("after the last that was captured: %d bytes, %v", d.Bytes, d.Limits)
	}
}

// Keep-alives send nothing again, and hold nobody.
func TestKeepAlives(t *testing.T) {
	h := opened()
	for i := 1; i < 5; i++ {
		h.send(1, flow.Server, at(time.Duration(i)*45*time.Second), tcpwin.ACK, 10000, 1001, 1)
		h.send(1, flow.Client, at(time.Duration(i)*45*time.Second+time.Millisecond), tcpwin.ACK, 1001, 10001, 0)
	}
	d := h.end(t, 200*time.Second)
	if d.Resent != 0 || d.Count != 0 || d.Limits.Share(flow.Application) < 0.99 {
		t.Errorf("%d bytes sent again, %d stalls, %v", d.Resent, d.Count, d.Limits)
	}
}

// A connection that is not heard of any more is not held for the rest of the capture.
func TestAConnectionEndsWithItsPackets(t *testing.T) {
	h := opened()
	h.send(1, flow.Server, at(20*time.Millisecond), tcpwin.ACK, 10001, 1001, 1000) // not acknowledged
	d := h.end(t, 1000*time.Hour)
	if got := d.Limits.Total(); got > unheard+time.Second {
		t.Errorf("held for %v", got)
	}
	if d.Limits[flow.Congestion] > time.Second {
		t.Errorf("by the path, though it sent nothing again: %v", d.Limits)
	}
}
