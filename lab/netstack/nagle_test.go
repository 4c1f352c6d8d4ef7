package netstack

import (
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/lab"
)

// TestNagleMeetsDelayedACK: the second of two small writes waits for an ACK
// that the other side delays.
func TestNagleMeetsDelayedACK(t *testing.T) {
	tests := []struct {
		name    string
		noDelay bool
		ackWait time.Duration
		gap     time.Duration // between the two segments, at least
		cause   flow.Cause    // what held the sender in it
	}{
		{"Nagle and a delayed ACK", false, 40 * time.Millisecond, 40 * time.Millisecond, flow.Nagle},
		{"no Nagle", true, 40 * time.Millisecond, 0, flow.Application},
		{"no delay", false, 0, 2 * time.Millisecond, flow.Nagle}, // a round trip
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			accurate(t)
			t.Parallel()
			w := lab.NewWire(1)
			t.Cleanup(w.Close)
			seen := record(t, w)
			client, server := newHosts(t, w, Options{}, Options{DelayedACK: tt.ackWait}, lab.Path{Delay: time.Millisecond})
			conn, accepted := connect(t, client, server, 0)
			conn.SetNoDelay(tt.noDelay)
			before := conn.Limits(w.Now())
			conn.Write(make([]byte, 100))
			conn.Write(make([]byte, 100))
			in := make([]byte, 200)
			for n := 0; n < len(in); {
				got, err := accepted.Read(in[n:])
				if err != nil {
					t.Fatal(err)
				}
				n += got
			}
			after := conn.Limits(w.Now())
			var left []flow.Time
			for _, s := range seen() {
				if s.port == 0 && s.sent && s.Len > 0 {
					left = append(left, s.Time)
				}
			}
			if len(left) != 2 {
				t.Fatalf("%d segments, want 2", len(left))
			}
			gap := left[1].Sub(left[0])
			if gap < tt.gap || gap > tt.gap+12*time.Millisecond {
				t.Errorf("the second segment left %v after the first, want %v", gap, tt.gap)
			}
			held := after.Sub(&before)
			if d := held[tt.cause] - gap; d < -2*time.Millisecond || d > 5*time.Millisecond {
				t.Errorf("%v held the sender for %v, want the %v; %v", tt.cause, held[tt.cause], gap, held)
			}
		})
	}
}
