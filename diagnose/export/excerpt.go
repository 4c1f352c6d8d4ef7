package export

import (
	"fmt"
	"strings"

	"flowlab/capture"
)

// Target is what packets are written to: a [capture.File] or a [capture.Writer].
type Target interface {
	AddInterface(capture.Interface) error
	Secrets(capture.Secrets) error
	Write(p capture.Packet, comment string) error
}

// Written is what was written.
type Written struct {
	Packets  int
	Comments int // packets with a comment
}

// excerpt is a file under way, of the packets of some connections.
type excerpt struct {
	Written
	to    Target
	notes *notes
	known map[int]int // by interface of the source: its number in the excerpt
}

// write writes a packet, with its events and what the analysis concluded of it.
// Interfaces come as they have packets.
func (x *excerpt) write(k *capture.Kept, at capture.Interface) error {
	own, ok := x.known[k.Interface]
	if !ok {
		own = len(x.known)
		at.SnapLen = 0 // the packets were cut already, some captures cut them at more than they say
		if err := x.to.AddInterface(at); err != nil {
			return err
		}
		x.known[k.Interface] = own
	}
	texts := x.notes.on(k.Connection, k.Frame, k.Time)
	if k.Comment != "" {
		texts = append([]string{k.Comment}, texts...)
	}
	comment := ""
	if len(texts) > 0 {
		comment = fit(fmt.Sprintf("source frame %d: %s", k.Frame, strings.Join(texts, between)))
		x.Comments++
	}
	p := k.Packet
	p.Interface = own
	x.Packets++
	return x.to.Write(p, comment)
}
