package play

import (
	"time"

	"golang.org/x/net/http2/hpack"

	"flowlab/h2flow/peer"
	"flowlab/scenarios"
)

var (
	grpcRequest  = []hpack.HeaderField{{Name: "content-type", Value: "application/grpc"}, {Name: "te", Value: "trailers"}}
	grpcResponse = []hpack.HeaderField{{Name: "content-type", Value: "application/grpc"}}
	grpcTrailers = []hpack.HeaderField{{Name: "grpc-status", Value: "0"}}
)

// open opens the streams of an action.
func (p *httpPeer) open(o scenarios.Open) error {
	b := &o.Request
	r := peer.Request{Method: "POST", Path: o.Path, Authority: "consumer"}
	switch {
	case b.Message > 0:
		r.Header = grpcRequest
	case b.Sends == 0 && b.Ends:
		r.Method = "GET"
	}
	paced := b.Rate != scenarios.Unlimited && b.Sends > 0
	if !paced {
		r.Body = source(b)
	}
	for range o.Count {
		s, err := p.conn.Open(r)
		if err != nil {
			return err
		}
		p.keep(o.Path, s, b.Message, o.Reads)
		if paced {
			p.tasks.Go(func() { pace(s, b, nil) })
		}
	}
	return nil
}

// keep notes a stream, so that the script can name it, and has it read at a rate.
func (p *httpPeer) keep(path string, s *peer.Stream, message scenarios.Bytes, rate scenarios.ByteRate) {
	own := &stream{Stream: s, message: message, asKnob: rate == scenarios.AsKnob}
	p.streams[path] = append(p.streams[path], own)
	if !own.asKnob {
		s.SetReadRate(byteRate(rate))
	}
}

// serve answers a request as the script says.
func (p *httpPeer) serve(s *peer.Stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := s.Value(":path")
	answer := p.opens[path].Answer
	p.keep(path, s, answer.Body.Message, answer.Reads)
	switch {
	case answer.Echo:
		peer.Echo(s)
	case answer.When == scenarios.AtOnce && answer.Body.Rate == scenarios.Unlimited:
		respond(s, &answer.Body)
	case answer.When == scenarios.AtOnce:
		p.tasks.Go(func() { respond(s, &answer.Body) })
	case answer.When == scenarios.AtEnd:
		p.tasks.Go(func() {
			select {
			case <-s.ReadToEnd():
				respond(s, &answer.Body)
			case <-s.Done():
			}
		})
	}
}

// respond sends an answer. A stream that was closed meanwhile needs none, which is the
// only way in which sending fails.
func respond(s *peer.Stream, b *scenarios.Body) {
	var header, trailers []hpack.HeaderField
	if b.Message > 0 {
		header, trailers = grpcResponse, grpcTrailers
	}
	_ = s.Respond(200, header...)
	switch {
	case b.Rate != scenarios.Unlimited && b.Sends > 0:
		pace(s, b, trailers)
	case b.Message > 0:
		own := source(b)
		own.End = false
		_ = s.Send(own)
		if b.Ends {
			_ = s.End(trailers...)
		}
	default:
		_ = s.Send(source(b))
	}
}

// source is a body that is written as fast as can be.
func source(b *scenarios.Body) peer.Source {
	return peer.Source{Bytes: int64(b.Sends), Message: uint32(b.Message), End: b.Ends}
}

const (
	grpcPrefix = 5                    // octets before each gRPC message
	pause      = 5 * time.Millisecond // between two writes at a rate
	writeAhead = 64 << 10             // bytes that a writer leaves unsent before it waits
)

// pace writes a body at its rate, until it is written or the stream is closed. While
// much is unsent it waits, and does not make up for it.
func pace(s *peer.Stream, b *scenarios.Body, trailers []hpack.HeaderField) {
	piece := max(1, int64(float64(b.Rate)*pause.Seconds()))
	if b.Message > 0 {
		piece = int64(b.Message) + grpcPrefix
	}
	period := time.Duration(float64(piece) / float64(b.Rate) * float64(time.Second))
	next := time.NewTimer(0)
	defer next.Stop()
	due := time.Now()
	for left := int64(b.Sends); left > 0; {
		select {
		case <-s.Done():
			return
		case <-next.C:
		}
		if s.Account().Unsent < writeAhead {
			n := min(piece, left)
			_ = s.Send(peer.Source{Bytes: n, Message: uint32(b.Message)})
			if b.Sends != scenarios.Unlimited {
				left -= n
			}
		}
		due = due.Add(period)
		if late := time.Since(due); late > 2*max(period, pause) {
			due = time.Now()
		}
		next.Reset(time.Until(due))
	}
	if b.Ends {
		_ = s.End(trailers...)
	}
}
