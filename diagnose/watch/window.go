package watch

import (
	"time"

	"flowlab/capture"
	"flowlab/flow"
)

// longest is how long a file of a window goes on at most after its beginning.
const longest = time.Minute

// Window is a recorder that keeps the latest packets in memory, and writes them
// to a file when a [Trigger] says so, with what comes after: until the stall has
// been over for a while, or for a minute at most. Each occasion has a file of its
// own, in a ring.
type Window struct {
	ring   *capture.Ring
	before time.Duration
	after  time.Duration

	snaps   []int // by interface: how much of a packet is written, 0 for all
	kept    *capture.Recent
	writing bool
	begun   flow.Time // the file
	until   flow.Time // when it ends
}

// NewWindow returns a window of at most that much time, and that many bytes of
// packets, in memory (at least two MiB). After a stall, a file goes on for a time.
func NewWindow(ring *capture.Ring, before, after time.Duration, memory int64) *Window {
	return &Window{ring: ring, before: before, after: after, kept: capture.NewRecent(memory, before)}
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
	w.kept.Keep(capture.Kept{Packet: p, Comment: comment})
	return nil
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
	for k := range w.kept.Take() {
		if k.Time < now.Add(-w.before) {
			continue
		}
		if err := w.ring.Write(k.Packet, k.Comment); err != nil {
			return "", err
		}
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
