package nginx

import (
	"context"
	"fmt"
	"net"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/peers/story"
)

// Stories are those of nginx.
func Stories() []*story.Story {
	return []*story.Story{{
		Name: "nginx-hides", Title: "nginx between a fast producer and a consumer that reads nothing",
		Teaches: "A proxy that buffers takes the producer's bytes long after the consumer has stopped: backpressure begins where its buffers end.",
		Wire:    "Two connections: the consumer's window closes at once, the producer's when nginx is full. How much waits in between is the difference of what they have carried; where it waits is not seen.",
		Needs:   []story.Program{{Name: "nginx", Install: "apt-get install nginx"}},
		Lasts:   9 * time.Second, Tell: tell,
	}}
}

const (
	mebibyte = 1 << 20
	body     = 64 * mebibyte // of a transfer: more than nginx and the sockets take
)

func tell(ctx context.Context, s *story.Stage) error {
	listen, err := s.Port()
	if err != nil {
		return err
	}
	origins, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return fmt.Errorf("listen as the origin: %w", err)
	}
	s.AtEnd(func() { origins.Close() })
	origin := uint16(origins.Addr().(*net.TCPAddr).Port)
	front, err := s.Watch("client and nginx", listen)
	if err != nil {
		return err
	}
	back, err := s.Watch("nginx and origin", origin)
	if err != nil {
		return err
	}
	if err := start(ctx, s, listen, origin); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { origins.Close() })()
	parts := []*part{
		{path: "/off", total: body},
		{path: "/on", total: body},
		{path: "/off", upload: true, total: body},
		{path: "/on", upload: true, total: body},
	}
	for _, p := range parts {
		s.Say("%s", p.begins())
		if err := p.run(ctx, s, listen, origins); err != nil {
			return err
		}
		s.Say("%s", p.says())
		s.Figure("hidden, "+p.name(), float64(p.hidden), "bytes")
		p.check(s)
	}
	return checkPackets(s, parts, front, back)
}

// name is what is transferred, and how.
func (p *part) name() string {
	switch {
	case p.upload && p.path == "/on":
		return "proxy_request_buffering on"
	case p.upload:
		return "proxy_request_buffering off"
	case p.path == "/on":
		return "proxy_buffering on"
	}
	return "proxy_buffering off"
}

func (p *part) begins() string {
	if p.upload {
		return fmt.Sprintf("A client sends %d MiB to an origin that reads nothing, with %s.", p.total/mebibyte, p.name())
	}
	return fmt.Sprintf("An origin answers with %d MiB to a client that reads nothing, with %s.", p.total/mebibyte, p.name())
}

func (p *part) says() string {
	if p.felt {
		return fmt.Sprintf("After %.1f MiB and %.2f s the producer is blocked in a write.", float64(p.hidden)/mebibyte, p.took.Seconds())
	}
	return fmt.Sprintf("After %.2f s the producer has written all %d MiB, and felt nothing.", p.took.Seconds(), p.total/mebibyte)
}

// checkPackets checks that the packets show who felt something and who did not.
func checkPackets(s *story.Stage, parts []*part, front, back *story.Watched) error {
	front.End()
	back.End()
	if front.Unseen != "" || back.Unseen != "" {
		return nil
	}
	for _, p := range parts {
		watched, from := back, flow.Server
		if p.upload {
			watched, from = front, flow.Client
		}
		longest, err := longest(watched, p.port, from)
		if err != nil {
			return err
		}
		if p.felt {
			s.Check(longest >= feels/2, "The packets show the producer held by nginx's window, "+p.name(), "for %.1f s", longest.Seconds())
		} else {
			s.Check(longest < feels, "The packets show a producer that is not held, "+p.name(), "at most for %.2f s", longest.Seconds())
		}
	}
	return nil
}

// longest is the longest time for which the window held the sender of a connection.
func longest(watched *story.Watched, client uint16, from flow.Side) (longest time.Duration, err error) {
	views, err := watched.Connections()
	if err != nil {
		return 0, err
	}
	for i := range views {
		if views[i].ID.Client.Port == client {
			return held(&views[i].Directions[from]), nil
		}
	}
	return 0, fmt.Errorf("no connection of port %d was seen among %d", client, len(views))
}

func held(d *diagnose.DirectionView) (longest time.Duration) {
	for _, stall := range d.Stalls {
		if stall.Cause == flow.ReceiveWindow {
			longest = max(longest, stall.Length())
		}
	}
	return longest
}
