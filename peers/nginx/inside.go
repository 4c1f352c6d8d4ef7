package nginx

import (
	"errors"
	"fmt"

	"flowlab/flow"
	"flowlab/peers/story"
	"flowlab/sockets"
)

// places is where the bytes are that the producer has written and the consumer has not
// read.
type places struct {
	known    bool  // the kernel was asked
	toNginx  int64 // in the sockets between producer and nginx
	to       int64 // in the sockets between nginx and consumer
	inside   int64 // the rest: in nginx
	capacity int64 // of the sockets' buffers, with the kernel's overhead
}

// find asks the kernel what waits in the sockets (sock_diag(7)). It is for a producer that
// is blocked: what is in flight is not counted. Where the kernel cannot be asked nothing is
// known.
func (p *part) find(front, origin uint16) (at places, err error) {
	diag, err := sockets.OpenDiag("")
	if errors.Is(err, errors.ErrUnsupported) {
		return at, nil
	}
	if err != nil {
		return at, err
	}
	defer diag.Close()
	list, err := diag.Dump(nil)
	if err != nil {
		return at, err
	}
	toProducer, toConsumer := origin, front
	if p.upload {
		toProducer, toConsumer = front, origin
	}
	found := 0
	for i := range list {
		k := &list[i]
		if k.State != sockets.Established {
			continue
		}
		switch {
		case of(k, toProducer):
			at.toNginx += k.SendQ + k.RecvQ
		case of(k, toConsumer):
			at.to += k.SendQ + k.RecvQ
		default:
			continue
		}
		at.capacity += k.RecvBuffer + k.SendBuffer
		found++
	}
	if found != 4 {
		return at, fmt.Errorf("the kernel has %d sockets of the transfer, want 4", found)
	}
	at.known, at.inside = true, p.hidden-at.toNginx-at.to
	return at, nil
}

func of(k *sockets.Socket, port uint16) bool {
	return is(k.Local, port) || is(k.Remote, port)
}

func is(e flow.Endpoint, port uint16) bool { return e.Port == port }

// slack is by how much what is found inside may be wrong, in bytes: the headers, which are
// in the sockets and not in what is hidden, and the write under way.
const slack = 4<<10 + piece

// bounds are the least and the most bytes that nginx itself may hold by its configuration
// once the producer is stopped.
func (p *part) bounds() (least, most int64) {
	switch {
	case p.upload:
		return 0, bodyBuffer
	case p.path == "/on":
		return onDisk, onDisk + diskWrite + buffers*headBuffer + headBuffer
	}
	return 0, headBuffer
}

// check holds what was hidden to the configuration.
func (p *part) check(s *story.Stage) {
	name := p.name()
	s.Check(p.arrived == p.total, "Every byte arrives once the consumer reads, "+name, "%d of %d", p.arrived, p.total)
	if p.upload && p.path == "/on" {
		s.Check(!p.felt && p.hidden == p.total, "The client gets rid of its whole body, "+name,
			"%.1f of %.1f MiB", mib(p.hidden), mib(p.total))
		s.Check(p.connected >= p.total-piece, "nginx connects to the origin once it has the whole body, "+name,
			"when %.1f MiB were written", mib(p.connected))
		return
	}
	least, most := p.bounds()
	s.Check(p.felt && p.hidden >= least, "The producer is stopped, "+name, "after %.2f MiB", mib(p.hidden))
	if !p.at.known {
		return
	}
	s.Figure("in nginx, "+name, float64(p.at.inside), "bytes")
	s.Figure("in sockets, "+name, float64(p.at.toNginx+p.at.to), "bytes")
	s.Check(p.at.inside >= least-slack && p.at.inside <= most+slack,
		fmt.Sprintf("nginx itself holds %d to %d KiB, %s", least>>10, most>>10, name),
		"%d KiB, and the sockets %d KiB to nginx and %d KiB from it, of buffers of %d KiB",
		p.at.inside>>10, p.at.toNginx>>10, p.at.to>>10, p.at.capacity>>10)
}

func mib(n int64) float64 { return float64(n) / mebibyte }
