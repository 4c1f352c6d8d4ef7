package diagnose

import (
	"bytes"

	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tcpwin"
	"flowlab/tlsrec"
)

// Reader reads the payload of one connection: TLS, and HTTP/2.
type Reader struct {
	streams [2]tcpwin.Stream
	tls     *tlsrec.Conn // nil if it is not TLS
	h2      *h2flow.Conn
	events  []h2flow.Event
	done    bool // nothing more is to be read
}

// NewReader returns a reader of a connection of which a segment with such payload is
// the first that is read, at its beginning or not. Keys may be nil.
func NewReader(keys *tlsrec.Keys, beginning bool, s *tcpwin.Segment, payload []byte) *Reader {
	r := &Reader{h2: h2flow.NewConn(beginning)}
	r.streams[s.From].Begin(s.Seq)
	if keys != nil && !keys.Any() {
		keys = nil // nothing is to be waited for
	}
	if yes, _ := tlsrec.Looks(payload); yes && s.From == flow.Client {
		r.tls = tlsrec.NewConn(keys)
	}
	return r
}

// Telling tells whether payload is worth reading: whether it may be the beginning of
// TLS, or of HTTP/2, or of a frame of it. One that is has the rest of its connection
// read too.
func Telling(payload []byte) bool {
	const least = 9 // a frame's header
	if len(payload) < least {
		return len(payload) > 2 && bytes.HasPrefix([]byte(h2flow.Preface), payload)
	}
	switch {
	case payload[0] == 0x16 && payload[1] == 3: // a TLS handshake (RFC 8446 5.1)
		return true
	case bytes.HasPrefix(payload, []byte(h2flow.Preface[:least])):
		return true
	case payload[0] >= 'A' && payload[0] <= 'Z':
		return bytes.Contains(payload, []byte("h2c"))
	}
	return h2flow.Plausible(payload)
}

// Read enters a segment, with what was kept of its payload, and returns what it
// showed of HTTP/2, which is valid until the next call.
func (r *Reader) Read(s *tcpwin.Segment, payload []byte) []h2flow.Event {
	if r.done {
		return nil
	}
	r.events = r.events[:0]
	own, peer := &r.streams[s.From], &r.streams[s.From.Peer()]
	if s.Len > 0 {
		own.Add(s.Seq, payload, s.Len)
	}
	if s.Has(tcpwin.FIN) {
		own.End(s.End().Add(-1))
	}
	r.drain(s.From, s.Time)
	if s.Has(tcpwin.ACK) {
		peer.Acked(s.Ack, s.Time)
		r.drain(s.From.Peer(), s.Time)
	}
	r.finish()
	return r.events
}

// finish forgets what is kept if nothing more is to be read.
func (r *Reader) finish() {
	if r.over() {
		r.done, r.streams = true, [2]tcpwin.Stream{}
	}
}

// waits tells whether keys are waited for.
func (r *Reader) waits() bool {
	return !r.done && r.tls != nil && (r.tls.State(flow.Client) == tlsrec.WaitingForKeys || r.tls.State(flow.Server) == tlsrec.WaitingForKeys)
}

// again reads what was held back for want of keys, as far as they have come, as if it
// came at t.
func (r *Reader) again(t flow.Time) []h2flow.Event {
	r.events = r.events[:0]
	r.decrypt(flow.Client, t)
	r.decrypt(flow.Server, t)
	r.finish()
	return r.events
}

// held is how many bytes are kept that cannot be read yet.
func (r *Reader) held() int {
	n := r.streams[0].Held() + r.streams[1].Held() + r.h2.Held()
	if r.tls != nil {
		n += r.tls.Held()
	}
	return n
}

// over tells whether no more can be read: it is no HTTP/2, or hidden by TLS.
func (r *Reader) over() bool {
	if r.tls != nil && r.tls.State(flow.Client) == tlsrec.Opaque && r.tls.State(flow.Server) == tlsrec.Opaque {
		return true
	}
	return r.h2.Protocol() == h2flow.Other
}

// drain reads what is in order.
func (r *Reader) drain(from flow.Side, t flow.Time) {
	for {
		b, missing, ok := r.streams[from].Next(t)
		if !ok {
			return
		}
		if r.tls == nil {
			r.events = r.h2.Observe(from, b, t, r.events)
			if missing > 0 {
				r.events = r.h2.Miss(from, int64(missing), t, r.events)
			}
			continue
		}
		r.tls.Write(from, b)
		if missing > 0 {
			r.tls.Gap(from, int64(missing))
		}
		r.decrypt(flow.Client, t)
		r.decrypt(flow.Server, t)
	}
}

// decrypt reads what TLS has of a direction.
func (r *Reader) decrypt(from flow.Side, t flow.Time) {
	for {
		p, ok := r.tls.Next(from)
		if !ok {
			return
		}
		if p.Lost {
			r.events = r.h2.Miss(from, p.End-p.Start, t, r.events)
		}
		r.events = r.h2.Observe(from, p.Data, t, r.events)
	}
}
