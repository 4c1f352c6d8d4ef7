package h2flow

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"flowlab/flow"
)

// talk is a connection, and what its sides write.
type talk struct {
	*Conn
	t       *testing.T
	events  []Event
	encoder [2]*hpack.Encoder
	blocks  [2]bytes.Buffer
}

func newTalk(t *testing.T) *talk {
	k := &talk{Conn: NewConn(true), t: t}
	for i := range k.encoder {
		k.encoder[i] = hpack.NewEncoder(&k.blocks[i])
	}
	k.bytes(flow.Client, []byte(Preface))
	k.settings(flow.Client)
	k.settings(flow.Server)
	k.ack(flow.Client)
	k.ack(flow.Server)
	return k
}

func (k *talk) bytes(from flow.Side, b []byte) { k.events = k.Observe(from, b, 0, k.events) }

func (k *talk) write(from flow.Side, write func(*http2.Framer) error) {
	k.bytes(from, written(k.t, write))
}

func (k *talk) settings(from flow.Side, s ...http2.Setting) {
	k.write(from, func(f *http2.Framer) error { return f.WriteSettings(s...) })
}

func (k *talk) window(from flow.Side, initial uint32) {
	k.settings(from, http2.Setting{ID: http2.SettingInitialWindowSize, Val: initial})
}

func (k *talk) ack(from flow.Side) { k.write(from, (*http2.Framer).WriteSettingsAck) }

func (k *talk) data(from flow.Side, stream uint32, n int) {
	for ; n > 16384; n -= 16384 {
		k.write(from, func(f *http2.Framer) error { return f.WriteData(stream, false, make([]byte, 16384)) })
	}
	k.write(from, func(f *http2.Framer) error { return f.WriteData(stream, false, make([]byte, n)) })
}

func (k *talk) update(from flow.Side, stream, n uint32) {
	k.write(from, func(f *http2.Framer) error { return f.WriteWindowUpdate(stream, n) })
}

func (k *talk) headers(from flow.Side, stream uint32, end bool, fields ...string) {
	k.blocks[from].Reset()
	for i := 0; i < len(fields); i += 2 {
		if err := k.encoder[from].WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}); err != nil {
			k.t.Fatal(err)
		}
	}
	k.write(from, func(f *http2.Framer) error {
		return f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: k.blocks[from].Bytes(), EndHeaders: true, EndStream: end})
	})
}

func (k *talk) reset(from flow.Side, stream uint32) {
	k.write(from, func(f *http2.Framer) error { return f.WriteRSTStream(stream, http2.ErrCodeCancel) })
}

// shows fails unless the windows of a side are these.
func (k *talk) shows(from flow.Side, stream uint32, onConnection, onStream string) {
	k.t.Helper()
	plain := strings.NewReplacer(",", "")
	if got := plain.Replace(k.Ledger.Direction(from).Window().String()); got != onConnection {
		k.t.Errorf("the %v's connection window is %s, want %s", from, got, onConnection)
	}
	if got := plain.Replace(k.Ledger.Window(k.Ledger.Stream(stream), from).String()); got != onStream {
		k.t.Errorf("the %v's window of stream %d is %s, want %s", from, stream, got, onStream)
	}
}

// said returns the events apart from frames, and forgets them.
func (k *talk) said() string {
	var list []string
	for _, e := range k.events {
		if e.Kind > FrameEnded {
			list = append(list, fmt.Sprintf("%v %v %d %d", e.From, e.Kind, e.Stream, e.Value))
		}
	}
	k.events = k.events[:0]
	return strings.Join(list, ", ")
}

func (k *talk) says(want string) {
	k.t.Helper()
	if got := k.said(); got != want {
		k.t.Errorf("it shows %q, want %q", got, want)
	}
}

func TestNegativeWindow(t *testing.T) {
	k := newTalk(t)
	k.headers(flow.Client, 1, false, ":path", "/upload")
	k.update(flow.Server, 0, 1<<20)
	k.data(flow.Client, 1, 65535)
	k.shows(flow.Client, 1, "1048576", "0")
	k.window(flow.Server, 10)
	k.shows(flow.Client, 1, "1048576", "-65525 to 0") // until it is acknowledged
	k.ack(flow.Client)
	k.shows(flow.Client, 1, "1048576", "-65525")
	k.update(flow.Server, 1, 60000)
	k.shows(flow.Client, 1, "1048576", "-5525")
	k.update(flow.Server, 1, 6000)
	k.shows(flow.Client, 1, "1048576", "475")
	k.data(flow.Client, 1, 475)
	k.shows(flow.Client, 1, "1048101", "0")
	k.says("client stream-opened 1 0")
	k.data(flow.Client, 1, 0) // allowed at zero
	k.says("")
	k.data(flow.Client, 1, 7)
	k.says("client overrun 1 7")
}

func TestSettingsHoldFromTheirAcknowledgement(t *testing.T) {
	k := newTalk(t)
	k.headers(flow.Client, 1, false)
	k.window(flow.Server, 100000)
	k.window(flow.Server, 1000)
	k.shows(flow.Client, 1, "65535", "1000 to 100000")
	k.ack(flow.Client)
	k.shows(flow.Client, 1, "65535", "1000 to 100000")
	k.ack(flow.Client)
	k.shows(flow.Client, 1, "65535", "1000")
	k.settings(flow.Server) // says nothing of windows
	k.ack(flow.Client)
	k.shows(flow.Client, 1, "65535", "1000")
	k.shows(flow.Server, 1, "65535", "65535")
	k.said()
	k.ack(flow.Client)
	k.says("client stray-ack 0 0")
	k.settings(flow.Client, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 31})
	k.says(fmt.Sprintf("client wrong-setting 0 %d", 1<<31))
}

func TestPaddingAndLateData(t *testing.T) {
	k := newTalk(t)
	k.headers(flow.Client, 1, false)
	k.write(flow.Client, func(f *http2.Framer) error { return f.WriteDataPadded(1, false, make([]byte, 100), make([]byte, 55)) })
	k.shows(flow.Client, 1, "65379", "65379")
	k.reset(flow.Server, 1)
	k.data(flow.Client, 1, 379)
	k.shows(flow.Client, 1, "65000", "65000")
	s := k.Ledger.Stream(1)
	if h := &s.Halves[flow.Client]; h.Padding != 56 || h.Unreturned() != 535 || k.Ledger.Direction(flow.Client).Unreturned() != 535 || !s.ResetBy.Has(flow.Server) {
		t.Errorf("%d bytes of padding, %d and %d not returned; want 56, 535 and 535", h.Padding, h.Unreturned(), k.Ledger.Direction(flow.Client).Unreturned())
	}
	k.says("client stream-opened 1 0, server stream-closed 1 0")
}

func TestStreamsAndLimit(t *testing.T) {
	k := newTalk(t)
	k.settings(flow.Server, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1})
	k.headers(flow.Client, 1, true, ":path", "/a", "content-type", "application/grpc+proto")
	k.headers(flow.Client, 3, true, ":path", "/b") // may have been sent before it was read
	k.ack(flow.Client)
	k.headers(flow.Client, 5, true, ":path", "/c")
	k.headers(flow.Server, 1, false, ":status", "200")
	k.headers(flow.Server, 1, true, "grpc-status", "0")
	k.says("client stream-opened 1 0, client stream-opened 3 0, client stream-opened 5 0, client too-many-streams 5 1, server stream-closed 1 0")
	d := k.Ledger.Direction(flow.Client)
	if s := k.Ledger.Stream(1); d.Open != 2 || d.Opened != 3 || s.Path != "/a" || !s.GRPC || k.Ledger.Stream(5).Path != "/c" {
		t.Errorf("%d open of %d; %+v", d.Open, d.Opened, s)
	}
	k.data(flow.Server, 7, 10)
	k.data(flow.Client, 3, 10)
	k.says("server wrong-stream 7 0, client wrong-stream 3 0")
}

func TestUpdatesOutOfRange(t *testing.T) {
	k := newTalk(t)
	k.headers(flow.Client, 1, false)
	k.said()
	k.update(flow.Server, 0, 1<<31-1)
	k.update(flow.Server, 1, 0)
	k.update(flow.Server, 9, 5)
	k.write(flow.Server, func(f *http2.Framer) error { return f.WriteRawFrame(http2.FrameWindowUpdate, 0, 0, []byte{1, 2, 3}) })
	k.says("server overflow 0 65535, server zero-update 1 0, server wrong-stream 9 0, server wrong-length 0 3")
	k.update(flow.Server, 1, 200000) // more than the initial window: legal, and usual in grpc-go
	k.shows(flow.Client, 1, "2147549182", "265535")
}

func TestMessages(t *testing.T) {
	k := newTalk(t)
	k.headers(flow.Client, 1, false, "content-type", "application/grpc")
	message := append([]byte{0, 0, 0, 0x10, 0}, make([]byte, 0x1000)...)
	stream := bytes.Repeat(message, 3)
	for part := range slices.Chunk(stream[:2*len(message)+3], 1000) {
		k.write(flow.Client, func(f *http2.Framer) error { return f.WriteData(1, false, part) })
	}
	m := &k.Ledger.Stream(1).Halves[flow.Client].Messages
	if m.Whole != 2 || m.Done != 3 {
		t.Errorf("%+v after two messages and three bytes", m)
	}
	k.write(flow.Client, func(f *http2.Framer) error { return f.WriteData(1, false, stream[2*len(message)+3:][:1000]) })
	if m.Whole != 2 || m.Done != 1003 || m.Length != 4101 {
		t.Errorf("%+v after two messages and 1003 bytes", m)
	}
}

// A capture that begins in the middle gives bounds, which the truth lies within.
func TestBounds(t *testing.T) {
	k := newTalk(t)
	k.headers(flow.Client, 1, false)
	late := &talk{Conn: NewConn(false), t: t}
	both := func(do func(*talk)) { do(k); late.encoder = k.encoder; do(late) }
	k.update(flow.Server, 0, 100000)
	k.data(flow.Client, 1, 40000)
	for range 4 {
		both(func(k *talk) { k.data(flow.Client, 1, 100) })
		both(func(k *talk) { k.update(flow.Server, 1, 100) })
	}
	for range 3 {
		both(func(k *talk) { k.data(flow.Client, 1, 8000) })
	}
	if late.Protocol() != HTTP2 {
		t.Fatal("frames were not found")
	}
	contains := func(when string) {
		t.Helper()
		for _, w := range [][2]Window{
			{k.Ledger.Direction(flow.Client).Window(), late.Ledger.Direction(flow.Client).Window()},
			{k.Ledger.Window(k.Ledger.Stream(1), flow.Client), late.Ledger.Window(late.Ledger.Stream(1), flow.Client)},
		} {
			if w[1].Low > w[0].Low || w[1].High < w[0].High || w[1].Known() {
				t.Errorf("%s the window is %v, and seen late %v", when, w[0], w[1])
			}
		}
	}
	contains("at first")
	both(func(k *talk) { k.update(flow.Server, 1, 5000); k.update(flow.Server, 0, 5000) })
	contains("later")
	if w := late.Ledger.Direction(flow.Client).Window(); w.Low != 5000 {
		t.Errorf("the connection's window is %v, want at least 5000", w)
	}
	both(func(k *talk) { k.headers(flow.Client, 3, false); k.window(flow.Server, 70000); k.ack(flow.Client) })
	if w := late.Ledger.Window(late.Ledger.Stream(3), flow.Client); w != exactly(70000) {
		t.Errorf("a stream that was seen from its beginning has the window %v, want 70000", w)
	}
}

// What the capture lost inside DATA changes nothing; other bytes make bounds.
func TestMissing(t *testing.T) {
	k := newTalk(t)
	k.headers(flow.Client, 1, false)
	b := written(t, func(f *http2.Framer) error { return f.WriteData(1, false, make([]byte, 10000)) })
	k.bytes(flow.Client, b[:3000])
	k.events = k.Miss(flow.Client, 5000, 0, k.events)
	k.bytes(flow.Client, b[8000:])
	k.shows(flow.Client, 1, "55535", "55535")
	k.events = k.Miss(flow.Client, 1000, 0, k.events)
	k.shows(flow.Client, 1, "54535 to 55535", "54535 to 55535")
	for range 4 {
		k.data(flow.Client, 1, 10)
	}
	k.said()
	if f, _ := k.Reading(flow.Client); k.halves[flow.Client].finder != nil || f != nil {
		t.Error("the frames after it were not found")
	}
	if w := k.Ledger.Direction(flow.Client).Window(); w.Low > 54495 || w.High < 55495 || w.Low < 54400 {
		t.Errorf("the window is %v, and may be 54495 to 55495", w)
	}
}

func TestRecognised(t *testing.T) {
	settings := string(written(t, func(f *http2.Framer) error { return f.WriteSettings() }))
	const ask = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAQAAQAA\r\n\r\n"
	const grant = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
	for _, c := range []struct {
		name           string
		beginning      bool
		client, server string
		want           Protocol
	}{
		{"preface", true, Preface + settings, settings, HTTP2},
		{"preface, the handshake not seen", false, Preface + settings, settings, HTTP2},
		{"upgrade", true, ask + Preface + settings, grant + settings, HTTP2},
		{"upgrade, the request not seen", false, Preface + settings, grant + settings, HTTP2},
		{"zeros in the middle", false, strings.Repeat("\x00", 1<<19), "", Other},
		{"upgrade refused", true, ask, "HTTP/1.1 200 OK\r\n\r\n", Other},
		{"HTTP/1.1", true, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", Other},
		{"a server that greets", true, "", "220 mail.example ESMTP\r\n", Other},
		{"TLS", true, "\x16\x03\x01\x02\x00\x01", "", Other},
		{"a middle", false, "xyz" + strings.Repeat(settings, 6), "", HTTP2},
		{"a middle of something else", false, strings.Repeat("nothing of the kind ", 1<<14), "", Other},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, serverFirst := range []bool{false, true} {
				if serverFirst && strings.HasPrefix(c.client, "GET") {
					continue
				}
				for _, at := range []int{1, 7, 1 << 20} {
					k := NewConn(c.beginning)
					feed := func(from flow.Side, text string) {
						for part := range slices.Chunk([]byte(text), at) {
							k.Observe(from, part, 0, nil)
						}
					}
					if serverFirst {
						feed(flow.Server, c.server)
					}
					feed(flow.Client, c.client)
					if !serverFirst {
						feed(flow.Server, c.server)
					}
					if k.Protocol() != c.want {
						t.Errorf("server first %v, in pieces of %d: protocol %d, want %d", serverFirst, at, k.Protocol(), c.want)
					}
					if c.name == "upgrade" && k.Ledger.Direction(flow.Server).Initial() != exactly(65536) {
						t.Errorf("the settings of the upgrade were not read: %v", k.Ledger.Direction(flow.Server).Initial())
					}
				}
			}
		})
	}
}

// In the steady state, when streams neither open nor close, nothing is allocated.
func TestConnAllocatesNothing(t *testing.T) {
	k := newTalk(t)
	k.headers(flow.Client, 1, false, ":path", "/")
	data := written(t, func(f *http2.Framer) error { return f.WriteData(1, false, make([]byte, 1000)) })
	credit := written(t, func(f *http2.Framer) error { f.WriteWindowUpdate(0, 1000); return f.WriteWindowUpdate(1, 1000) })
	round := func() {
		k.events = k.Observe(flow.Client, data, 0, k.events[:0])
		k.events = k.Observe(flow.Server, credit, 0, k.events)
	}
	round()
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%.1f allocations", n)
	}
	k.shows(flow.Client, 1, "65535", "65535")
}

// A hundred thousand streams, of which a few are open at a time, take little memory.
func TestManyStreams(t *testing.T) {
	k := newTalk(t)
	for id := uint32(1); id < 200_000; id += 2 {
		k.headers(flow.Client, id, true)
		k.headers(flow.Server, id, true)
		k.events = k.events[:0]
	}
	if n := len(k.Ledger.streams); n > keptClosed || k.Ledger.Direction(flow.Client).Opened != 100_000 {
		t.Errorf("%d streams are kept of %d", n, k.Ledger.Direction(flow.Client).Opened)
	}
}

// FuzzConn survives any bytes, and missing ones, and stays within its bounds.
func FuzzConn(f *testing.F) {
	random := rand.New(rand.NewPCG(4, 4))
	f.Add([]byte(Preface), randomFrames(f, random, 3), uint16(0), true)
	f.Add(append([]byte(Preface), randomFrames(f, random, 20)[:5000]...), randomFrames(f, random, 5), uint16(300), false)
	f.Add(randomFrames(f, random, 5), []byte("HTTP/1.1 101 x\r\n\r\n"), uint16(9), true)
	f.Fuzz(func(t *testing.T, client, server []byte, cut uint16, beginning bool) {
		k := NewConn(beginning)
		var events []Event
		for turn := 0; len(client)+len(server) > 0; turn++ {
			n := min(len(client), 1+int(cut)%997)
			events = k.Observe(flow.Client, client[:n], flow.Time(turn), events[:0])
			client = client[n:]
			if turn%5 == 4 {
				events = k.Miss(flow.Client, int64(cut), flow.Time(turn), events)
			}
			n = min(len(server), 1+int(cut)%1409)
			events = k.Observe(flow.Server, server[:n], flow.Time(turn), events)
			server = server[n:]
			for _, e := range events {
				_ = e.String()
			}
			if k.Ledger == nil {
				continue
			}
			for _, from := range []flow.Side{flow.Client, flow.Server} {
				d := k.Ledger.Direction(from)
				if w := d.Window(); w.Low > w.High || d.Open < 0 || d.Sent < 0 || d.Unreturned() < 0 {
					t.Fatalf("window %v to %v, %d streams open, %d bytes sent", w.Low, w.High, d.Open, d.Sent)
				}
				for s := range k.Ledger.Streams {
					if w := k.Ledger.Window(s, from); w.Low > w.High {
						t.Fatalf("stream %d: window %d to %d", s.ID, w.Low, w.High)
					}
				}
			}
		}
	})
}
