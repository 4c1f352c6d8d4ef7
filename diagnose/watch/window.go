package watch

import (
	"time"

	"flowlab/capture"
	"flowlab/flow"
)

const (
	// chunkBytes and chunkPackets are how much of a window is forgotten at a time.
	chunkBytes   = 1 << 20
	chunkPackets = 1 << 13
	// longest is how long a file of a window goes on at most after its beginning.
	longest = time.Minute
)

// Window is a recorder that keeps the latest packets in memory, and writes them
// to a file when a [Trigger] says so, with what comes after: until the stall has
// been over for a while, or for a minute at most. Each occasion has a file of its
// own, in a ring.
type Window struct {
	ring   *capture.Ring
	before time.Duration
	after  time.Duration
	most   int // chunks

	snaps   []int    // by interface: how much of a packet is written, 0 for all
	chunks  []*chunk // the oldest first
	spare   *chunk
	writing bool
	begun   flow.Time // the file
	until   flow.Time // when it ends
}

// NewWindow returns a window of at most that much time, and that many bytes of
// packets, in memory (at least two MiB). After a stall, a file goes on for a time.
func NewWindow(ring *capture.Ring, before, after time.Duration, memory int64) *Window {
	return &Window{ring: ring, before: before, after: after, most: int(max(2, memory/chunkBytes))}
}

// chunk holds packets that are forgotten together.
type chunk struct {
	packets []capture.Packet // their data in bytes
	remarks []string
	bytes   []byte
}

func (c *chunk) full(more int) bool {
	return len(c.packets) == chunkPackets || len(c.bytes)+more > cap(c.bytes)
}

// AddInterface adds an interface whose packets may follow.
func (w *Window) AddInterface(i capture.Interface) error {
	w.snaps = append(w.snaps, i.SnapLen)
	return w.ring.AddInterface(i)
}

// Write keeps a packet, or writes it if a file is open.
func (w *Window) Write(p capture.Packet, comment string) error {
	if w.writing {
		return w.ring.Write(p, comment)
	}
	if snap := w.snaps[p.Interface]; snap > 0 && len(p.Data) > snap {
		p.Data = p.Data[:snap]
	}
	c := w.room(len(p.Data), p.Time)
	at := len(c.bytes)
	c.bytes = append(c.bytes, p.Data...)
	p.Data = c.bytes[at:len(c.bytes):len(c.bytes)]
	c.packets = append(c.packets, p)
	c.remarks = append(c.remarks, comment)
	return nil
}

// room returns the chunk that takes so many bytes more, and forgets what is too
// old or too much.
func (w *Window) room(bytes int, now flow.Time) *chunk {
	if n := len(w.chunks); n > 0 && !w.chunks[n-1].full(bytes) {
		return w.chunks[n-1]
	}
	for len(w.chunks) >= w.most || len(w.chunks) > 0 && w.chunks[0].last() < now.Add(-w.before) {
		w.forget()
	}
	c := w.spare
	w.spare = nil
	if c == nil {
		c = &chunk{bytes: make([]byte, 0, chunkBytes)}
	}
	w.chunks = append(w.chunks, c)
	return c
}

func (c *chunk) last() flow.Time { return c.packets[len(c.packets)-1].Time }

// forget forgets the oldest chunk.
func (w *Window) forget() {
	c := w.chunks[0]
	w.chunks = append(w.chunks[:0], w.chunks[1:]...)
	clear(c.remarks)
	c.packets, c.remarks, c.bytes = c.packets[:0], c.remarks[:0], c.bytes[:0]
	w.spare = c
}

// fire begins a file, with why it is there, and writes what is kept to it. Where
// one is open already, it goes on for longer. The path is that of a file that was
// begun.
func (w *Window) fire(now flow.Time, why string) (path string, err error) {
	w.until = now.Add(w.after)
	if w.writing {
		return "", nil
	}
	w.writing, w.begun = true, now
	if path, err = w.ring.Begin(now, why); err != nil {
		return "", err
	}
	for len(w.chunks) > 0 {
		c := w.chunks[0]
		for i, p := range c.packets {
			if p.Time < now.Add(-w.before) {
				continue
			}
			if err := w.ring.Write(p, c.remarks[i]); err != nil {
				return "", err
			}
		}
		w.forget()
	}
	return path, w.ring.Flush()
}

// hold has the open file go on, because the stall does.
func (w *Window) hold(now flow.Time) { w.until = now.Add(w.after) }

// pass ends the open file when it is time.
func (w *Window) pass(now flow.Time) error {
	if !w.writing || now < w.until && now < w.begun.Add(longest) {
		return nil
	}
	w.writing = false
	return w.ring.End()
}

// Secrets takes keys for the files that are written.
func (w *Window) Secrets(s capture.Secrets) error { return w.ring.Secrets(s) }

// Statistics takes the counts of an interface.
func (w *Window) Statistics(iface int, now flow.Time, received, dropped int64) error {
	return w.ring.Statistics(iface, now, received, dropped)
}

// Flush writes what waits of an open file.
func (w *Window) Flush() error { return w.ring.Flush() }

// Close ends the open file; what is only kept is forgotten.
func (w *Window) Close() error { return w.ring.Close() }
