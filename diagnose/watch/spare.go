package watch

import (
	"errors"
	"time"

	"flowlab/capture"
	"flowlab/capture/live"
	"flowlab/diagnose"
	"flowlab/flow"
)

// Payload is what is taken of packets beyond their headers. All packets come whole at
// first, so that nothing of HTTP/2 is missed; connections that bring much which nobody
// reads are spared.
type Payload struct {
	// Headers is how many bytes come of the packets of a connection that is spared.
	Headers int
	// Spare has only the headers come of these connections, in place of those named
	// before; see [live.Source.Spare].
	Spare func([]flow.Tuple) error

	brought map[int]*brought // by connection
	list    []*diagnose.Connection
	changed bool
	at      flow.Time // of the latest change
	most    int
}

// brought is what a connection has brought that nobody reads.
type brought struct {
	bytes  int
	spared bool
}

const (
	// enough is how many bytes a connection may bring that nobody reads.
	enough = 256 << 10
	// between is the time between two changes of what is spared, at the least.
	between = 10 * time.Millisecond
)

// weigh looks at how much of a packet came, and whether anybody reads it.
func (p *Payload) weigh(c *diagnose.Connection, packet *capture.Packet) {
	whole := len(packet.Data) > p.Headers+live.Headroom
	if whole == c.Reading() {
		return
	}
	b := p.brought[c.Number]
	switch {
	case whole && b == nil:
		if p.brought == nil {
			p.brought, p.most = map[int]*brought{}, live.MostSpared
		}
		p.brought[c.Number] = &brought{bytes: len(packet.Data)}
	case whole:
		if b.bytes += len(packet.Data); b.bytes >= enough && !b.spared && len(p.list) < p.most {
			b.spared, p.changed = true, true
			p.list = append(p.list, c)
		}
	case b != nil && b.spared && len(packet.Data) < packet.Length: // it is HTTP/2 after all
		p.want(c.Number)
	}
}

// want has a connection come whole again.
func (p *Payload) want(connection int) {
	b := p.brought[connection]
	if b == nil {
		return
	}
	delete(p.brought, connection)
	if !b.spared {
		return
	}
	p.changed = true
	kept := p.list[:0]
	for _, c := range p.list {
		if c.Number != connection {
			kept = append(kept, c)
		}
	}
	p.list = kept
}

// apply says what is spared, if that has changed and it is time. Where the kernel does
// not take so many, fewer are spared.
func (p *Payload) apply(now flow.Time) {
	if !p.changed || now.Sub(p.at) < between {
		return
	}
	p.changed, p.at = false, now
	list := make([]flow.Tuple, len(p.list))
	for i, c := range p.list {
		list[i] = flow.Tuple{Src: c.ID.Client, Dst: c.ID.Server}
	}
	err := p.Spare(list)
	if err == nil || errors.Is(err, errors.ErrUnsupported) || len(list) == 0 {
		return
	}
	p.most = len(list) / 2
	for _, c := range p.list[p.most:] {
		p.brought[c.Number].spared = false
	}
	p.list, p.changed = p.list[:p.most], true
}
