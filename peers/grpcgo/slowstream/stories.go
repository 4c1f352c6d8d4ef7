package slowstream

import (
	"context"
	"fmt"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"
)

const (
	least      = 65535    // of a window: RFC 9113 6.9.2, and where grpc-go begins
	most       = 16 << 20 // that grpc-go's estimate makes of it
	writeQuota = 64 << 10 // that grpc-go takes of an application ahead of the wire
)

// Stories are those of gRPC.
func Stories() []*story.Story {
	return []*story.Story{{
		Name: "grpc-slow-stream", Title: "A gRPC stream whose client is slow, with dynamic and static windows",
		Teaches: "How far a server runs ahead of a slow client is the stream's window: static, as it was set; dynamic, as the estimate made it while the client was fast.",
		Wire:    "No WINDOW_UPDATE of the stream comes, and flowlab names the stream's window, held by the reader. TCP's window stays open, and the other direction goes on. What the client's library keeps is seen, as what was sent and not credited.",
		Lasts:   10 * time.Second, Tell: tell,
	}}
}

func tell(ctx context.Context, s *story.Stage) error {
	for _, p := range []*part{
		{name: "dynamic window"},
		{name: "static window of 64 KiB", window: 64 << 10},
		{name: "static window of 1 MiB", window: 1 << 20},
	} {
		s.Say("A client with a %s reads %d MiB/s, then %d, and then nothing.", p.name, fastRate>>20, slowRate>>20)
		if err := p.run(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		p.check(s)
	}
	return nil
}

// check says what came of a part, and checks it.
func (p *part) check(s *story.Stage) {
	behind := p.written - p.read
	s.Say("The server's application is %.1f KiB ahead of the client's.", kib(behind))
	s.Figure("ahead of the application, "+p.name, float64(behind), "bytes")
	s.Check(p.up > 0, "The other direction goes on, "+p.name, "%d bytes while the client reads nothing", p.up)
	if p.watched.Unseen != "" {
		s.Check(behind >= least/2 && behind <= p.bound(most)+writeQuota, "The server is ahead by its window, "+p.name, "%.1f KiB", kib(behind))
		return
	}
	s.Figure("ahead on the wire, "+p.name, float64(p.ahead()), "bytes")
	s.Figure("window, "+p.name, float64(p.size), "bytes")
	low, high := p.size*3/4-message, p.bound(p.size)
	s.Check(p.ahead() >= low && p.ahead() <= high, "What is sent ahead is the stream's window, "+p.name,
		"%.1f KiB of a window of %.1f KiB", kib(p.ahead()), kib(p.size))
	if p.window == 0 {
		s.Check(p.size >= least && p.size <= most, "The estimate is within its bounds", "%.1f KiB", kib(p.size))
	} else {
		s.Check(p.size == int64(p.window), "The window is as it was set, "+p.name, "%.1f KiB", kib(p.size))
	}
	s.Check(behind-p.ahead() <= writeQuota+2*message, "The application is ahead of the wire by the write quota at the most, "+p.name,
		"%.1f KiB", kib(behind-p.ahead()))
	s.Check(p.held > pause/2 && p.holder == flow.Reader, "flowlab names the stream's window, held by the reader, "+p.name,
		"for %.1f s, by %v", p.held.Seconds(), p.holder)
	tcp := p.watched.Longest(flow.Server, flow.ReceiveWindow).Length()
	s.Check(tcp < pause/3, "TCP's window does not hold the server, "+p.name, "for %.2f s at the most", tcp.Seconds())
}

// bound is how much may be sent ahead with a window of so many bytes: with a message that
// is being read, and one for which the client gives credit because it waits for it.
func (p *part) bound(window int64) int64 { return window + 2*(message+prefix) }

func kib(n int64) float64 { return float64(n) / (1 << 10) }
