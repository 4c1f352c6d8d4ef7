package netstack

import (
	"io"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/lab"
)

func TestRoundTripTime(t *testing.T) {
	accurate(t)
	t.Parallel()
	p := newPair(t, Options{}, Options{}, lab.Path{Delay: 20 * time.Millisecond})
	background(t, func() { io.Copy(p.accepted, p.accepted) })
	one := make([]byte, 1)
	best := time.Hour
	for range 10 {
		begin := time.Now()
		p.conn.Write(one)
		if _, err := io.ReadFull(p.conn, one); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(begin))
	}
	t.Logf("%v for a set 40ms", best)
	if best < 40*time.Millisecond || best > 60*time.Millisecond {
		t.Errorf("a round trip takes %v, want 40ms and a little", best)
	}
	p.conn.Close()
}

func TestRate(t *testing.T) {
	accurate(t)
	t.Parallel()
	p := newPair(t, Options{}, Options{}, lab.Path{Rate: 40e6, Delay: 2 * time.Millisecond, Queue: 128 << 10})
	const size = 4 << 20
	begin := time.Now()
	background(t, func() { p.conn.Write(make([]byte, size)) })
	// The first part is slow start.
	if _, err := io.CopyN(io.Discard, p.accepted, size/4); err != nil {
		t.Fatal(err)
	}
	before := p.conn.Limits(p.wire.Now())
	if _, err := io.CopyN(io.Discard, p.accepted, size/2); err != nil {
		t.Fatal(err)
	}
	// From before the first byte was written, so that a machine with other work can
	// make it slower only, never faster than the path.
	rate := float64(size*3/4) * 8 / time.Since(begin).Seconds() / 1e6
	t.Logf("%.1f Mbit/s of data for a set 40", rate)
	if rate < 20 || rate > 40 { // headers take 3.5 %, slow start a little
		t.Errorf("%.1f Mbit/s of data, want a little less than 40", rate)
	}
	// What holds the sender is the path, be it that it repairs what the queue
	// dropped.
	if s := share(p.conn, before, flow.Congestion) + share(p.conn, before, flow.LossRecovery); s < 0.9 {
		t.Errorf("the path held the sender %.0f %% of the time, want nearly all; %v", 100*s, p.conn.Limits(p.wire.Now()))
	}
}
