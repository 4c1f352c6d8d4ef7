package peers

import (
	"sync/atomic"
	"time"

	"flowlab/tcpwin/endpoint"
)

// Done is the account of what an application wrote, or read, of a call.
type Done struct {
	Bytes    int64         // of content; gRPC's prefixes of messages are not counted
	Messages int64         // of gRPC; of net/http, writes or reads
	Blocked  time.Duration // in calls of the library, the one under way included
	Waiting  time.Duration // how long the call under way has taken; 0 if none is
}

// half is the writing or the reading of an application.
type half struct {
	valve    *endpoint.Valve
	moved    func(bytes int)
	bytes    atomic.Int64
	messages atomic.Int64
	blocked  atomic.Int64 // nanoseconds in calls that are over
	since    atomic.Int64 // when the call under way began, Unix nanoseconds; 0 if none is
}

// do makes a call of the library, which moves n bytes.
func (h *half) do(call func() (n int, err error)) error {
	start := time.Now()
	h.since.Store(start.UnixNano())
	n, err := call()
	h.since.Store(0)
	h.blocked.Add(int64(time.Since(start)))
	if err == nil {
		h.bytes.Add(int64(n))
		h.messages.Add(1)
		h.moved(n)
		h.valve.Passed(n)
	}
	return err
}

func (h *half) done() Done {
	d := Done{Bytes: h.bytes.Load(), Messages: h.messages.Load(), Blocked: time.Duration(h.blocked.Load())}
	if since := h.since.Load(); since != 0 {
		d.Waiting = time.Duration(time.Now().UnixNano() - since)
		d.Blocked += d.Waiting
	}
	return d
}
