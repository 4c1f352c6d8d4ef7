package slowstream

import (
	"context"
	"fmt"
	"net"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/peers"
	"flowlab/peers/grpcgo"
	"flowlab/peers/story"
)

const (
	path    = "/flowlab.Slow/Stream"
	message = 16 << 10 // bytes, of the server
	prefix  = 5        // bytes that gRPC puts before a message

	fast, slow  = 700 * time.Millisecond, 700 * time.Millisecond
	pause       = 1500 * time.Millisecond
	fastRate    = 32 << 20 // bytes a second: not more than is surely captured
	slowRate    = 1 << 20
	requestRate = 20 << 10
	requestSize = 200
)

// part is a stream with some windows of the client.
type part struct {
	name   string
	window int32 // of a stream, in bytes; 0 for one that is estimated

	watched        *story.Watched
	answers        func() []*peers.Party // the server's ends of the calls that came
	server, client *peers.Party

	// What came of it, in bytes.
	written, read int64 // by the applications
	up            int64 // that the server read while the client did not
	sent          int64 // on the wire, with gRPC's prefixes; by the packets, as are those below
	size          int64 // of a new stream's window in the end
	held          time.Duration
	holder        flow.HeldBy
}

// run has the client read fast, then slowly, and then not at all.
func (p *part) run(ctx context.Context, s *story.Stage) error {
	stop, err := p.open(ctx, s)
	if err != nil {
		return err
	}
	defer stop()
	if err := story.Wait(ctx, fast); err != nil {
		return err
	}
	p.client.SetReadRate(slowRate)
	if err := story.Wait(ctx, slow); err != nil {
		return err
	}
	p.client.SetReadRate(0)
	if err := story.Wait(ctx, pause/3); err != nil {
		return err
	}
	if list := p.answers(); len(list) == 1 {
		p.server = list[0]
	} else {
		return fmt.Errorf("the server has %d calls, want 1", len(list))
	}
	up := p.server.Account().Read.Bytes
	if err := story.Wait(ctx, pause*2/3); err != nil {
		return err
	}
	account := p.server.Account()
	p.written, p.read, p.up = account.Written.Bytes, p.client.Account().Read.Bytes, account.Read.Bytes-up
	p.watched.End()
	return p.look()
}

// open starts a server and a client, and opens the stream. It returns what ends them.
func (p *part) open(ctx context.Context, s *story.Stage) (stop func(), err error) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("listen as the server: %w", err)
	}
	address := l.Addr().(*net.TCPAddr)
	if p.watched, err = s.Watch("gRPC, "+p.name, uint16(address.Port)); err != nil {
		l.Close()
		return nil, err
	}
	var answers peers.Answers
	answers.Set(path, peers.Answer{
		When:     peers.AtOnce,
		Content:  peers.Content{Bytes: peers.Endless, Message: message, Rate: peers.Unlimited},
		ReadRate: peers.Unlimited,
	})
	p.answers = func() []*peers.Party { return answers.Parties(path) }
	server := grpcgo.Serve(l, grpcgo.ServerOptions{}, &answers)
	var dialer net.Dialer
	client, err := grpcgo.NewClient(func(ctx context.Context) (net.Conn, error) {
		return dialer.DialContext(ctx, "tcp", address.String())
	}, grpcgo.Options{StreamWindow: p.window})
	if err != nil {
		server.Close()
		return nil, err
	}
	p.client = client.Open(peers.Call{
		Path:     path,
		Content:  peers.Content{Bytes: peers.Endless, Message: requestSize, Rate: requestRate},
		ReadRate: fastRate,
	})
	return func() {
		client.Close()
		server.Close()
	}, nil
}

// look takes from the packets what they tell of the stream.
func (p *part) look() error {
	if p.watched.Unseen != "" {
		return nil
	}
	views, err := p.watched.Connections()
	if err != nil {
		return err
	}
	stream, http := find(views)
	if stream == nil {
		return fmt.Errorf("no stream %s was seen in %d connections", path, len(views))
	}
	half := &stream.Halves[flow.Server]
	p.sent, p.size = half.Sent, http.Directions[flow.Server].Initial.High
	for _, stall := range half.Stalls {
		if stall.Cause == flow.StreamWindow && stall.Length() > p.held {
			p.held, p.holder = stall.Length(), stall.HeldBy
		}
	}
	return nil
}

func find(views []diagnose.View) (*diagnose.StreamView, *diagnose.HTTPView) {
	for i := range views {
		http := views[i].Layer.HTTP2
		for j := 0; http != nil && j < len(http.Streams); j++ {
			if http.Streams[j].Path == path {
				return &http.Streams[j], http
			}
		}
	}
	return nil, nil
}

// ahead is how many bytes the server had sent that the client's application had not read.
// The prefixes of what it read are taken off.
func (p *part) ahead() int64 { return p.sent - p.read - p.read/message*prefix }
