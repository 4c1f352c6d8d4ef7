package netstack

import (
	"io"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/lab"
)

// TestTailLossWaitsForTheTimer: the last segment is lost, and nothing but the
// retransmission timer tells. That it was waited for is known afterwards.
func TestTailLossWaitsForTheTimer(t *testing.T) {
	accurate(t)
	t.Parallel()
	p := newPair(t, Options{}, Options{}, lab.Path{Delay: 5 * time.Millisecond})
	if err := p.wire.Drop(lab.Rule{From: p.client.Port().Index(), What: lab.Data, Last: 1}); err != nil {
		t.Fatal(err)
	}
	p.conn.Write(make([]byte, 1000))
	if _, err := io.CopyN(io.Discard, p.accepted, 1000); err != nil {
		t.Fatal(err)
	}
	p.conn.CloseWrite()
	if _, err := io.Copy(io.Discard, p.accepted); err != nil {
		t.Fatal(err)
	}
	got := p.conn.Limits(p.wire.Now())
	if d := got[flow.LossRecovery]; d < 200*time.Millisecond || d > 260*time.Millisecond {
		t.Errorf("loss recovery took %v, want the 200ms of the timer and a round trip; %v", d, got)
	}
	if d := got[flow.Application]; d > 40*time.Millisecond {
		t.Errorf("the application held the sender for %v, want only what passed after", d)
	}
}

// TestFastRecovery: a segment in the middle is lost, and the ACKs tell.
func TestFastRecovery(t *testing.T) {
	accurate(t)
	t.Parallel()
	p := newPair(t, Options{}, Options{}, lab.Path{Delay: 10 * time.Millisecond})
	if err := p.wire.Drop(lab.Rule{From: p.client.Port().Index(), What: lab.Data, First: 20, Last: 20}); err != nil {
		t.Fatal(err)
	}
	background(t, func() { p.conn.Write(make([]byte, 200<<10)) })
	if _, err := io.CopyN(io.Discard, p.accepted, 200<<10); err != nil {
		t.Fatal(err)
	}
	got := p.conn.Limits(p.wire.Now())
	if d := got[flow.LossRecovery]; d < 15*time.Millisecond || d > 80*time.Millisecond {
		t.Errorf("loss recovery took %v, want a round trip of 20ms or little more; %v", d, got)
	}
}

// TestOnlyTheProbeSavesALostUpdate drops every window update until a probe has
// arrived; the answer to the probe carries the window.
func TestOnlyTheProbeSavesALostUpdate(t *testing.T) {
	accurate(t)
	t.Parallel()
	p := newPair(t, Options{}, Options{Window: 32 << 10}, lab.Path{Delay: time.Millisecond})
	background(t, func() { p.conn.Write(make([]byte, 256<<10)) })
	p.closeWindow(32 << 10)
	// Probes come 0.2, 0.6, 1.4 s after the window closed.
	time.Sleep(250 * time.Millisecond)
	rule := lab.Rule{From: p.server.Port().Index(), What: lab.WindowUpdate, Until: lab.WindowProbe}
	if err := p.wire.Drop(rule); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	before := p.conn.Limits(p.wire.Now())
	// The first byte of those that wait behind the window.
	if _, err := io.CopyN(io.Discard, p.accepted, 32<<10+1); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(begin); d < 250*time.Millisecond || d > 500*time.Millisecond {
		t.Errorf("it went on after %v, want with the next probe, after about 350ms", d)
	}
	if s := share(p.conn, before, flow.ReceiveWindow); s < 0.9 {
		t.Errorf("the window held the sender %.0f %% of the time, want nearly all", 100*s)
	}
	if n := p.wire.Stats()[1].Dropped; n == 0 {
		t.Error("no window update was dropped")
	}
}
