package play

import (
	"errors"
	"io"
	"strings"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/diagnose/export"
)

// ErrNotKept: the run keeps no packets.
var ErrNotKept = errors.New("the packets of this run are not kept")

// Export writes the latest packets, as far as [Options.Memory] has them, as pcapng: the
// connection as each host saw it, with the diagnosis and the log as comments. It may be
// called while the run goes on, and after it. The error is that of writing, or
// [ErrNotKept].
func (r *Run) Export(w io.Writer) (export.Written, error) {
	if r.options.Memory == nil {
		return export.Written{}, ErrNotKept
	}
	s := r.Snapshot()
	views := make([]*diagnose.View, len(s.Views))
	for i := range s.Views {
		views[i] = &s.Views[i]
	}
	return r.options.Memory.Export(w, views)
}

// keep keeps a packet, with what the log has got since the one before. What the log
// says of packets is in their own comments.
func (r *Run) keep(p capture.Packet, c *diagnose.Connection, comment string) {
	r.mu.Lock()
	texts := r.untold
	r.untold = nil
	r.mu.Unlock()
	if comment != "" {
		texts = append(texts, comment)
	}
	r.options.Memory.Keep(capture.Kept{
		Packet: p, Comment: strings.Join(texts, "; "), Connection: c.Number, Frame: int(r.analysis.Packets),
	})
}

// enter enters something that is not about a packet into the log; r.mu is held.
func (r *Run) enter(e Entry) {
	r.log.add(e)
	if r.options.Memory == nil {
		return
	}
	text := e.Text
	switch {
	case e.Kind == KnobTurned:
		text = "knob turned: " + text
	case e.Kind == ScriptMoved:
		text = "script " + text
	case e.Who != "":
		text = e.Who + ": " + text
	}
	r.untold = append(r.untold, text)
}
