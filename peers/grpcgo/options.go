package grpcgo

import (
	"google.golang.org/grpc"
)

// Options are those of grpc-go that bear on flow control, for a client and a server
// alike. 0 is its own default.
type Options struct {
	// StreamWindow is the window of a stream, in bytes (StaticStreamWindowSize, and
	// InitialWindowSize, which are the same). It turns off the estimate of bandwidth x
	// delay, of the connection too. Below 65,535 it does only that.
	StreamWindow int32
	// ConnWindow is the window of the connection, likewise (StaticConnWindowSize,
	// InitialConnWindowSize).
	ConnWindow int32
	// WriteBuffer is how many bytes are gathered before the socket is written to; by
	// default 32 KiB. Below 0 there is no buffer.
	WriteBuffer int
	// ReadBuffer is how many bytes a read of the socket takes at the most; by default
	// 32 KiB. Below 0 there is no buffer.
	ReadBuffer int
}

// ServerOptions are what a server is made with.
type ServerOptions struct {
	Options
	// MaxConcurrentStreams is how many calls a client may have open; 0 is no limit.
	MaxConcurrentStreams uint32
}

func (o *ServerOptions) list() (list []grpc.ServerOption) {
	if o.StreamWindow != 0 {
		list = append(list, grpc.StaticStreamWindowSize(o.StreamWindow))
	}
	if o.ConnWindow != 0 {
		list = append(list, grpc.StaticConnWindowSize(o.ConnWindow))
	}
	if o.WriteBuffer != 0 {
		list = append(list, grpc.WriteBufferSize(max(o.WriteBuffer, 0)))
	}
	if o.ReadBuffer != 0 {
		list = append(list, grpc.ReadBufferSize(max(o.ReadBuffer, 0)))
	}
	if o.MaxConcurrentStreams != 0 {
		list = append(list, grpc.MaxConcurrentStreams(o.MaxConcurrentStreams))
	}
	return list
}

func (o *Options) dialList() (list []grpc.DialOption) {
	if o.StreamWindow != 0 {
		list = append(list, grpc.WithStaticStreamWindowSize(o.StreamWindow))
	}
	if o.ConnWindow != 0 {
		list = append(list, grpc.WithStaticConnWindowSize(o.ConnWindow))
	}
	if o.WriteBuffer != 0 {
		list = append(list, grpc.WithWriteBufferSize(max(o.WriteBuffer, 0)))
	}
	if o.ReadBuffer != 0 {
		list = append(list, grpc.WithReadBufferSize(max(o.ReadBuffer, 0)))
	}
	return list
}
