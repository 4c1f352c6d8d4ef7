package peer

import (
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"flowlab/flow"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// fields encodes a header block, with an encoder that knows no dynamic table.
func fields(pairs ...string) []byte {
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	e.SetMaxDynamicTableSizeLimit(0)
	for i := 0; i < len(pairs); i += 2 {
		e.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
	}
	return block.Bytes()
}

func request(id uint32, end bool) http2.HeadersFrameParam {
	return http2.HeadersFrameParam{
		StreamID: id, EndStream: end, EndHeaders: true,
		BlockFragment: fields(":method", "POST", ":scheme", "http", ":path", "/", ":authority", "test"),
	}
}

// TestViolations has a client break rules that h2spec does not look at, or of which it
// takes any answer, and looks for the code of the GOAWAY or RST_STREAM.
func TestViolations(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		name   string
		write  func(*http2.Framer)
		stream bool // the stream ends, and not the connection
		code   http2.ErrCode
	}{
		{"PUSH_PROMISE", func(f *http2.Framer) {
			f.WriteHeaders(request(1, false))
			f.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, EndHeaders: true})
		}, false, http2.ErrCodeProtocol},
		{"DATA longer than SETTINGS_MAX_FRAME_SIZE", func(f *http2.Framer) {
			f.WriteHeaders(request(1, false))
			f.WriteData(1, false, make([]byte, 16_385))
		}, false, http2.ErrCodeFrameSize},
		{"padded DATA without a length", func(f *http2.Framer) {
			f.WriteHeaders(request(1, false))
			f.WriteRawFrame(http2.FrameData, http2.FlagDataPadded, 1, nil)
		}, false, http2.ErrCodeFrameSize},
		{"HEADERS padded beyond its end", func(f *http2.Framer) {
			f.WriteRawFrame(http2.FrameHeaders, http2.FlagHeadersPadded|http2.FlagHeadersEndHeaders, 1, []byte{200, 1, 2})
		}, false, http2.ErrCodeProtocol},
		{"a block that is no HPACK", func(f *http2.Framer) {
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, BlockFragment: []byte{0xff, 0xff, 0xff, 0xff, 0xff}})
		}, false, http2.ErrCodeCompression},
		{"a block without end", func(f *http2.Framer) {
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: fields(":method", "GET")})
			for range 17 {
				f.WriteContinuation(1, false, make([]byte, 16_384))
			}
		}, false, http2.ErrCodeEnhanceYourCalm},
		{"empty CONTINUATION without end", func(f *http2.Framer) {
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: fields(":method", "GET")})
			for range 1100 {
				f.WriteContinuation(1, false, nil)
			}
		}, false, http2.ErrCodeEnhanceYourCalm},
		{"stream with an even number", func(f *http2.Framer) { f.WriteHeaders(request(2, true)) }, false, http2.ErrCodeProtocol},
		{"stream whose number was skipped", func(f *http2.Framer) {
			f.WriteHeaders(request(5, true))
			f.WriteHeaders(request(3, true))
		}, false, http2.ErrCodeProtocol},
		{"HEADERS on an ended stream", func(f *http2.Framer) {
			f.WriteHeaders(request(1, true))
			f.WritePing(false, [8]byte{}) // so that it ends
			f.WriteHeaders(request(1, true))
		}, false, http2.ErrCodeStreamClosed},
		{"DATA beyond the connection's window", func(f *http2.Framer) {
			f.WriteSettingsAck()
			f.WriteHeaders(request(1, false))
			for range 5 {
				f.WriteData(1, false, make([]byte, 16_384))
			}
		}, false, http2.ErrCodeFlowControl},
		{"initial window that overflows a window", func(f *http2.Framer) {
			f.WriteHeaders(request(1, false))
			f.WriteWindowUpdate(1, 1<<31-1-65_535)
			f.WriteSettings(initial(65_536)...)
		}, false, http2.ErrCodeFlowControl},
		{"zero WINDOW_UPDATE of an idle stream", func(f *http2.Framer) { f.WriteWindowUpdate(9, 0) }, false, http2.ErrCodeProtocol},
		{"zero WINDOW_UPDATE", func(f *http2.Framer) {
			f.WriteHeaders(request(1, false))
			f.WriteWindowUpdate(1, 0)
		}, true, http2.ErrCodeProtocol},
		{"more DATA than content-length", func(f *http2.Framer) {
			p := request(1, false)
			p.BlockFragment = append(p.BlockFragment, fields("content-length", "3")...)
			f.WriteHeaders(p)
			f.WriteData(1, false, []byte("four"))
		}, true, http2.ErrCodeProtocol},
		{"value with a line break", func(f *http2.Framer) {
			p := request(1, true)
			p.BlockFragment = append(p.BlockFragment, fields("a", "b\r\nc")...)
			f.WriteHeaders(p)
		}, true, http2.ErrCodeProtocol},
		{"CONNECT with a path", func(f *http2.Framer) {
			p := request(1, true)
			p.BlockFragment = fields(":method", "CONNECT", ":authority", "test", ":path", "/")
			f.WriteHeaders(p)
		}, true, http2.ErrCodeProtocol},
		{"stream above the limit", func(f *http2.Framer) {
			f.WriteHeaders(request(1, false))
			f.WriteHeaders(request(3, false))
			f.WriteHeaders(request(5, false))
		}, true, http2.ErrCodeRefusedStream},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			near, far := loopback(t)
			byHand := Knobs{Credit: Credit{Stream: ByHand, Conn: ByHand}}
			s := run(t, flow.Server, far, Config{Settings: streams(2), Knobs: byHand}, Discard)
			near.SetDeadline(time.Now().Add(patience))
			var out bytes.Buffer
			f := http2.NewFramer(&out, near)
			f.AllowIllegalWrites = true
			out.WriteString(http2.ClientPreface)
			f.WriteSettings()
			v.write(f)
			go near.Write(out.Bytes())
			for {
				answer, err := f.ReadFrame()
				if err != nil {
					t.Fatalf("no frame with %v: %v", v.code, err)
				}
				if goAway, ok := answer.(*http2.GoAwayFrame); ok {
					if v.stream || goAway.ErrCode != v.code {
						t.Errorf("GOAWAY %v %s", goAway.ErrCode, goAway.DebugData())
					}
					near.Close()
					failed(t, s, v.code)
					return
				}
				if reset, ok := answer.(*http2.RSTStreamFrame); ok {
					if !v.stream || reset.ErrCode != v.code {
						t.Errorf("RST_STREAM %v", reset.ErrCode)
					}
					near.Close()
					return
				}
			}
		})
	}
}

func TestWrongPreface(t *testing.T) {
	t.Parallel()
	near, far := loopback(t)
	s := run(t, flow.Server, far, Config{}, NeverRead)
	io.WriteString(near, "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
	go io.Copy(io.Discard, near)
	err := <-s.ended
	near.Close()
	if err == nil || !strings.HasPrefix(err.Error(), `connection error PROTOCOL_ERROR found here: the connection begins with "GET / HTTP`) {
		t.Errorf("ended with %v", err)
	}
}

// A side whose answers are not read tells the other one to calm down.
func TestFlood(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	s := run(t, flow.Server, far, Config{}, NeverRead)
	io.WriteString(near, http2.ClientPreface)
	f := http2.NewFramer(near, nil)
	f.WriteSettings()
	near.SetDeadline(time.Now().Add(patience))
	for f.WritePing(false, [8]byte{}) == nil { // and nobody reads
	}
	failed(t, s, http2.ErrCodeEnhanceYourCalm)
}

// TestNothingIsLeft ends connections in each way there is, and counts goroutines.
func TestNothingIsLeft(t *testing.T) {
	before := runtime.NumGoroutine() // other tests wait until this one is over
	for _, n := range networks {
		for _, way := range []struct {
			name string
			end  func(c, s *Conn, cancel func(), near net.Conn)
		}{
			{"close", func(c, _ *Conn, _ func(), _ net.Conn) { c.Close() }},
			{"close twice, both", func(c, s *Conn, _ func(), _ net.Conn) { c.Close(); s.Close(); c.Close() }},
			{"cancel", func(_, _ *Conn, cancel func(), _ net.Conn) { cancel() }},
			{"socket", func(_, _ *Conn, _ func(), near net.Conn) { near.Close() }},
			{"stopped reading", func(c, s *Conn, cancel func(), _ net.Conn) { c.StopReading(); s.StopReading(); cancel() }},
			{"error", func(c, _ *Conn, _ func(), _ net.Conn) { c.Break(WindowOverflow); c.WindowUpdate(0, maxWindow) }},
		} {
			ctx, cancel := context.WithCancel(context.Background())
			near, far := n(t)
			c, err := New(flow.Client, near, Config{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			s, err := New(flow.Server, far, Config{}, func(s *Stream) { s.SetReadRate(1); s.Send(Source{Bytes: Endless}) })
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 2)
			go func() { ended <- c.Run(ctx) }()
			go func() { ended <- s.Run(ctx) }()
			wait(t, "SETTINGS", c.Ready())
			st, err := c.Open(Request{Method: "POST", Path: "/", Body: Source{Bytes: Endless}})
			if err != nil {
				t.Fatal(err)
			}
			wait(t, "answer", st.Answered())
			way.end(c, s, cancel, near)
			for range 2 {
				select {
				case <-ended:
				case <-time.After(patience):
					t.Fatalf("%s: it goes on after %v", way.name, patience)
				}
			}
			wait(t, "end of the stream", st.Done())
			if st.Err() == nil {
				t.Errorf("%s: the stream ended without an error", way.name)
			}
			if _, err := c.Open(Request{Method: "GET", Path: "/"}); err == nil {
				t.Errorf("%s: a stream was opened", way.name)
			}
			cancel()
		}
	}
	for start := time.Now(); runtime.NumGoroutine() > before; {
		if time.Since(start) > patience {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, there were %d\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(time.Millisecond) // the runtime tells nobody
	}
}

func TestNewFindsMistakes(t *testing.T) {
	for _, c := range []struct {
		name    string
		side    flow.Side
		config  Config
		handler Handler
		want    string
	}{
		{"server without a handler", flow.Server, Config{}, nil, "a server has a handler, and a client has none"},
		{"client with one", flow.Client, Config{}, Discard, "a server has a handler, and a client has none"},
		{"connection window", flow.Client, Config{ConnWindow: 1 << 31}, nil, "a connection window of 2147483648 bytes: the largest is 2147483647"},
		{"frame size", flow.Client, Config{Settings: set(http2.SettingMaxFrameSize, 100)}, nil, "connection error PROTOCOL_ERROR found here: SETTINGS_MAX_FRAME_SIZE 100 is not within 16384 to 16777215"},
		{"credit", flow.Client, Config{Knobs: Knobs{Credit: Credit{Bytes: -1}}}, nil, "credit of fewer than 0 bytes: -1, 0, 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := New(c.side, nil, c.config, c.handler); err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

// FuzzServer gives a server whatever bytes: it ends by itself when they end, and its
// account of what it received is right.
func FuzzServer(f *testing.F) {
	for _, seed := range []func(*http2.Framer){
		func(f *http2.Framer) {
			f.WriteHeaders(request(1, false))
			f.WriteDataPadded(1, true, make([]byte, 100), make([]byte, 9))
		},
		func(f *http2.Framer) {
			f.WriteHeaders(request(1, true))
			f.WriteRSTStream(1, 8)
			f.WriteGoAway(0, 0, nil)
		},
		func(f *http2.Framer) {
			f.WriteSettings(initial(10)...)
			f.WriteSettingsAck()
			f.WritePing(false, [8]byte{})
			f.WriteWindowUpdate(0, 9)
		},
	} {
		var out bytes.Buffer
		framer := http2.NewFramer(&out, nil)
		framer.WriteSettings()
		seed(framer)
		f.Add(out.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		near, far := net.Pipe()
		var received int64
		s, err := New(flow.Server, far, Config{Settings: streams(10), OnFrame: func(r FrameRecord) {
			if !r.Sent && r.Type == http2.FrameData {
				received += int64(r.Length)
			}
		}}, Echo)
		if err != nil {
			t.Fatal(err)
		}
		go io.Copy(io.Discard, near)
		go func() {
			io.WriteString(near, http2.ClientPreface)
			near.Write(data)
			near.Close()
		}()
		s.Run(t.Context())
		if a := s.Account(); a.Receive.Conn.Bytes != received {
			t.Errorf("account %+v, %d bytes of DATA", a.Receive, received)
		}
	})
}
