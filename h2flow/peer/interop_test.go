package peer

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"flowlab/flow"

	"golang.org/x/net/http2"
)

// stockServer is a net/http server that speaks HTTP/2 with prior knowledge.
func stockServer(t testing.TB, handler http.HandlerFunc) (addr string) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.Listener.Addr().String()
}

func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// serve is a server of this package on a port of its own.
func serve(t testing.TB, config Config, handler Handler) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c, err := New(flow.Server, conn, config, handler)
			if err != nil {
				t.Error(err)
				return
			}
			go c.Run(ctx)
		}
	}()
	return l.Addr().String()
}

// stockClient is a net/http client that speaks HTTP/2 with prior knowledge.
func stockClient(t testing.TB) *http.Client {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// A stock server's handler that never reads holds the connection's whole window: row 1.
func TestUnreadUploadToStockServer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	addr := stockServer(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			<-release
		}
		io.Copy(io.Discard, r.Body)
	})
	t.Cleanup(func() { close(release) })
	c := run(t, flow.Client, dial(t, addr), Config{}, nil)
	wait(t, "SETTINGS", c.Ready())
	c.mustOpen(t, Source{Bytes: Endless})
	c.until(t, "end of credit", func(a Account) bool { return a.Send.Conn.Size <= 0 })
	c.ping(t)
	if a := c.Account(); a.Send.Conn.Bytes != 1_048_576 || a.Send.Conn.Size != 0 || a.Streams[0].Send.Size != 0 {
		t.Errorf("account %+v, want 1,048,576 bytes sent and both windows at 0", a)
	}
	get, err := c.Open(Request{Method: "GET", Path: "/get", Authority: "test", Body: Source{End: true}})
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "answer to GET", get.Answered())
	post, _ := c.Open(Request{Method: "POST", Path: "/post", Authority: "test", Body: Source{Bytes: 1, End: true}})
	c.ping(t)
	if a := post.Account(); a.Unsent != 1 || a.Send.Size != 1_048_576 {
		t.Errorf("account of the POST %+v, want 1 byte that waits with credit of its own", a)
	}
}

func TestUploadToStockServer(t *testing.T) {
	t.Parallel()
	got := make(chan int64, 1)
	addr := stockServer(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		got <- n
		w.Header().Set("Trailer", "Seen")
		io.WriteString(w, "thanks")
		w.Header().Set("Seen", "all")
	})
	c := run(t, flow.Client, dial(t, addr), Config{Knobs: Knobs{Padding: 10}}, nil)
	s := c.mustOpen(t, Source{Bytes: 5_000_000, End: true})
	wait(t, "response", s.ReadToEnd())
	if n := <-got; n != 5_000_000 {
		t.Errorf("the server read %d bytes, want 5000000", n)
	}
	if s.Value(":status") != "200" || s.Account().Receive.Bytes != int64(len("thanks")) {
		t.Errorf("header %v, account %+v; want status 200 and 6 bytes", s.Header(), s.Account())
	}
	if tr := s.Trailer(); len(tr) != 1 || tr[0].Name != "seen" || tr[0].Value != "all" {
		t.Errorf("trailer %v, want seen: all", tr)
	}
}

// A lowered initial window makes the stock client's windows negative: row 10.
func TestStockClientWithNegativeWindow(t *testing.T) {
	t.Parallel()
	arrived := make(chan *Stream, 1)
	near, far := loopback(t)
	s := run(t, flow.Server, far, Config{Knobs: Knobs{Credit: Credit{Conn: OnReceipt}}}, func(s *Stream) {
		NeverRead(s)
		arrived <- s
	})
	client := stockClient(t)
	client.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) { return near, nil }
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		r, _ := http.NewRequestWithContext(ctx, "POST", "http://test/", endless{})
		if answer, err := client.Do(r); err == nil {
			answer.Body.Close()
		}
	}()
	st := <-arrived
	for _, step := range []struct {
		do     func() error
		window int64
		bytes  int64
	}{
		{func() error { return nil }, 0, 65_535},
		{func() error { return s.ChangeSettings(initial(10)...) }, -65_525, 65_535},
		{func() error { return s.WindowUpdate(1, 60_000) }, -5_525, 65_535},
		{func() error { return s.WindowUpdate(1, 6_000) }, 0, 65_535 + 475},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		s.until(t, "DATA", func(a Account) bool {
			return a.Receive.Conn.Bytes >= step.bytes && a.Streams[0].Receive.Size <= step.window
		})
		s.ping(t)
		if a := st.Account(); a.Receive.Size != step.window || a.Receive.Bytes != step.bytes {
			t.Fatalf("account %+v, want a window of %d after %d bytes", a, step.window, step.bytes)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestStockClient(t *testing.T) {
	t.Parallel()
	client := stockClient(t)
	body := make([]byte, 300_000)
	for i := range body {
		body[i] = byte(i * i)
	}
	for _, c := range []struct {
		name    string
		config  Config
		handler Handler
		want    []byte
	}{
		{"echo", Config{}, Echo, body},
		{"echo through small windows", Config{Settings: initial(1000), Knobs: Knobs{Padding: 7, DataSize: 333, WriteChunk: 100}}, Echo, body},
		{"discard", Config{}, Discard, nil},
		{"answer after", Config{}, AnswerAfter(100), letters[:100]},
		{"send", Config{}, SendBytes(100_000), bytes.Repeat([]byte("abcdefghijklmnopqrstuvwxyz"), 4000)[:100_000]},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			answer, err := client.Post("http://"+serve(t, c.config, c.handler)+"/", "text/plain", bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			got, err := io.ReadAll(answer.Body)
			if err != nil || answer.StatusCode != 200 || !bytes.Equal(got, c.want) {
				t.Errorf("status %d, %d bytes, error %v; want 200 and %d bytes", answer.StatusCode, len(got), err, len(c.want))
			}
		})
	}
}

// The stock client waits for a stream: row 2.
func TestStockClientAtStreamLimit(t *testing.T) {
	t.Parallel()
	held := make(chan *Stream, 2)
	near, far := loopback(t)
	s := run(t, flow.Server, far, Config{Settings: streams(1)}, func(s *Stream) {
		NeverRead(s)
		held <- s
	})
	client := stockClient(t)
	transport := client.Transport.(*http.Transport)
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return near, nil }
	transport.HTTP2 = &http.HTTP2Config{StrictMaxConcurrentRequests: true} // or it would dial again
	answers := make(chan error, 2)
	get := func() {
		answer, err := client.Get("http://test/")
		if err == nil {
			answer.Body.Close()
		}
		answers <- err
	}
	go get()
	first := <-held
	s.ping(t) // behind the SETTINGS, without which it would open a second stream
	go get()
	s.ping(t)
	if a := s.Account(); a.Open != 1 {
		t.Errorf("account %+v, want 1 open", a)
	}
	first.End()
	second := <-held
	if a := second.ID(); a <= first.ID() {
		t.Errorf("the second request is stream %d, the first %d", a, first.ID())
	}
	second.End()
	for range 2 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
}

func TestOverTLS(t *testing.T) {
	t.Parallel()
	stock := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
	stock.EnableHTTP2 = true
	stock.StartTLS()
	t.Cleanup(stock.Close)
	config := stock.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.NextProtos, config.ServerName = []string{"h2"}, "example.com"
	conn, err := tls.Dial("tcp", stock.Listener.Addr().String(), config)
	if err != nil {
		t.Fatal(err)
	}
	c := run(t, flow.Client, conn, Config{}, nil)
	c.StopReading() // a read that is interrupted does no harm to TLS
	s := c.mustOpen(t, Source{Bytes: 200_000, End: true})
	c.ResumeReading()
	wait(t, "end", s.Done())
	if a := s.Account(); a.Receive.Bytes != 200_000 {
		t.Errorf("account %+v, want 200000 bytes back", a)
	}
	if err := c.GoAway(0, http2.ErrCodeNo, ""); err != nil {
		t.Error(err)
	}
	c.Close()
	if err := <-c.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}
