package capture

import (
	"iter"
	"slices"
	"time"

	"flowlab/flow"
)

const (
	// chunkBytes and chunkPackets are how much of what is kept is forgotten at a time.
	chunkBytes   = 1 << 20
	chunkPackets = 1 << 13
)

// Kept is a packet that is kept, and what its keeper knows of it.
type Kept struct {
	Packet
	Comment    string
	Connection int // its number, 0 for none
	Frame      int // the packet's number, 0 for none
}

// Recent keeps the latest packets in bounded memory. It is used by one goroutine; what
// [Recent.List] returns may be read by another.
type Recent struct {
	most int           // chunks
	span time.Duration // 0 for no limit

	chunks []*chunk // the oldest first
	spare  *chunk
}

// chunk holds packets that are forgotten together.
type chunk struct {
	packets []Kept // their data in bytes
	bytes   []byte
	listed  bool // somebody may read it still
}

// NewRecent returns a memory of that many bytes of packets (at least two MiB), none
// of which is much older than span, unless that is 0.
func NewRecent(memory int64, span time.Duration) *Recent {
	return &Recent{most: int(max(2, memory/chunkBytes)), span: span}
}

// Keep copies a packet, and forgets what is too old or too much for it. A packet of
// more than a MiB is not kept.
func (r *Recent) Keep(k Kept) {
	if len(k.Data) > chunkBytes {
		return
	}
	c := r.room(len(k.Data), k.Time)
	at := len(c.bytes)
	c.bytes = append(c.bytes, k.Data...)
	k.Data = c.bytes[at:len(c.bytes):len(c.bytes)]
	c.packets = append(c.packets, k)
}

// room returns the chunk that takes so many bytes more.
func (r *Recent) room(bytes int, now flow.Time) *chunk {
	if n := len(r.chunks); n > 0 && !r.chunks[n-1].full(bytes) {
		return r.chunks[n-1]
	}
	for len(r.chunks) >= r.most || len(r.chunks) > 0 && r.span > 0 && r.chunks[0].last() < now.Add(-r.span) {
		r.forget()
	}
	c := r.spare
	r.spare = nil
	if c == nil {
		c = &chunk{bytes: make([]byte, 0, chunkBytes)}
	}
	r.chunks = append(r.chunks, c)
	return c
}

func (c *chunk) full(more int) bool {
	return len(c.packets) == chunkPackets || len(c.bytes)+more > cap(c.bytes)
}

func (c *chunk) last() flow.Time { return c.packets[len(c.packets)-1].Time }

// forget forgets the oldest chunk. Its memory is used again, unless it was listed.
func (r *Recent) forget() {
	c := r.chunks[0]
	r.chunks = slices.Delete(r.chunks, 0, 1)
	if c.listed {
		return
	}
	clear(c.packets)
	c.packets, c.bytes = c.packets[:0], c.bytes[:0]
	r.spare = c
}

// Oldest is the time of the oldest packet that is kept, false if there is none.
func (r *Recent) Oldest() (t flow.Time, ok bool) {
	if len(r.chunks) == 0 {
		return 0, false
	}
	return r.chunks[0].packets[0].Time, true
}

// Take gives all that is kept, the oldest first, and forgets it.
func (r *Recent) Take() iter.Seq[*Kept] {
	return func(yield func(*Kept) bool) {
		for len(r.chunks) > 0 {
			for i := range r.chunks[0].packets {
				if !yield(&r.chunks[0].packets[i]) {
					return
				}
			}
			r.forget()
		}
	}
}

// List returns what is kept now, the oldest first. It copies no packet, and does not
// change when more are kept: while it is in use there may be twice as much memory.
func (r *Recent) List() iter.Seq[*Kept] {
	parts := make([][]Kept, 0, len(r.chunks))
	for _, c := range r.chunks {
		c.listed = true
		parts = append(parts, c.packets[:len(c.packets):len(c.packets)])
	}
	return func(yield func(*Kept) bool) {
		for _, part := range parts {
			for i := range part {
				if !yield(&part[i]) {
					return
				}
			}
		}
	}
}
