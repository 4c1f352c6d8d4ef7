package watch

import (
	"context"
	"io"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/capture/live"
)

// overrun is a source that loses packets after the last one that it gives.
type overrun struct{ left int }

func (o *overrun) Interfaces() []capture.Interface {
	return []capture.Interface{{Name: "eth0", LinkType: capture.RawIP}}
}

func (o *overrun) Next(time.Duration) (capture.Packet, error) {
	if o.left == 0 {
		return capture.Packet{}, io.EOF
	}
	o.left--
	return capture.Packet{Time: noon, Data: make([]byte, 40), Length: 40}, nil
}

func (o *overrun) Stop() {}

func (o *overrun) Stats() (live.Stats, error) {
	s := live.Stats{Received: 3}
	if o.left == 0 {
		s.Dropped = 1000
	}
	return s, nil
}

// What is lost in the last second is in the sum, whether it is recorded or not.
func TestCountsWhatIsLostLast(t *testing.T) {
	w := &Watch{Source: &overrun{left: 3}, Most: 10}
	source, err := w.Run(context.Background())
	if err != nil || source.Packets != 3 || source.Dropped != 1000 {
		t.Errorf("%d packets, %d lost, error %v; want 3, 1000 and none", source.Packets, source.Dropped, err)
	}
}
