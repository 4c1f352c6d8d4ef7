package nethttp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"flowlab/peers"
)

// Server is a server on one listener.
type Server struct {
	server  http.Server
	answers *peers.Answers
	serving chan struct{}

	mu       sync.Mutex
	closed   bool
	handlers sync.WaitGroup // none begins once it is closed
}

// Serve serves what connects to a listener, until Close, which closes it too.
func Serve(l net.Listener, options http.HTTP2Config, answers *peers.Answers) *Server {
	s := &Server{answers: answers, serving: make(chan struct{})}
	s.server = http.Server{Protocols: priorKnowledge(), HTTP2: &options, Handler: http.HandlerFunc(s.handle)}
	go func() {
		defer close(s.serving)
		_ = s.server.Serve(l) // that it is closed
	}()
	return s
}

// Close closes all connections, and waits until no call is served any more.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	_ = s.server.Close() // nobody is left to whom an error would say anything
	<-s.serving
	s.handlers.Wait()
}

func priorKnowledge() *http.Protocols {
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	return p
}

// begin tells whether one more call may be served.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.handlers.Add(1)
	}
	return !s.closed
}

// handle serves a call. One that went wrong here is reset; one that the client reset is
// over.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		panic(http.ErrAbortHandler)
	}
	defer s.handlers.Done()
	stream := &serverStream{body: r.Body, w: w, control: http.NewResponseController(w)}
	p, err := s.answers.Serve(r.Context(), r.URL.Path, stream)
	if errors.Is(err, context.Canceled) {
		stream.interrupt()
	}
	<-p.Done()
	if err != nil && r.Context().Err() == nil {
		panic(http.ErrAbortHandler)
	}
}

// serverStream is a call as the server has it.
type serverStream struct {
	bodyReader
	body    io.Reader
	w       http.ResponseWriter
	control *http.ResponseController
}

func (s *serverStream) Read() ([]byte, error) { return s.next(s.body) }

func (s *serverStream) Begin() error {
	s.w.WriteHeader(http.StatusOK)
	return s.control.Flush()
}

// Write flushes: net/http would gather 4 KiB before it writes.
func (s *serverStream) Write(b []byte) error {
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	return s.control.Flush()
}

// End is what the handler's return does.
func (s *serverStream) End() error { return nil }

// interrupt lets calls that wait return.
func (s *serverStream) interrupt() {
	past := time.Unix(1, 0)
	_ = s.control.SetReadDeadline(past)
	_ = s.control.SetWriteDeadline(past)
}
