package grpcgo

import (
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"flowlab/peers"
)

// Server is a server on one listener.
type Server struct {
	server  *grpc.Server
	answers *peers.Answers
	serving chan struct{}
}

// Serve serves what connects to a listener, until Close, which closes it too. It takes
// calls of any service and method.
func Serve(l net.Listener, options ServerOptions, answers *peers.Answers) *Server {
	handler := func(_ any, stream grpc.ServerStream) error {
		path, _ := grpc.MethodFromServerStream(stream)
		_, err := answers.Serve(stream.Context(), path, &serverStream{messages: messages{of: stream}, stream: stream})
		if err != nil {
			return status.FromContextError(err).Err()
		}
		return nil
	}
	s := &Server{answers: answers, serving: make(chan struct{})}
	s.server = grpc.NewServer(append(options.list(),
		grpc.UnknownServiceHandler(handler), grpc.ForceServerCodecV2(codec{}), grpc.WaitForHandlers(true))...)
	go func() {
		defer close(s.serving)
		_ = s.server.Serve(l) // that it is closed
	}()
	return s
}

// Close closes all connections, and waits until no call is served any more.
func (s *Server) Close() {
	s.server.Stop()
	<-s.serving
	s.answers.Wait()
}

// serverStream is a call as the server has it.
type serverStream struct {
	messages
	stream grpc.ServerStream
}

func (s *serverStream) Begin() error { return s.stream.SendHeader(nil) }

// End is what the handler's return does.
func (s *serverStream) End() error { return nil }
