package main

import (
	"bytes"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"flowlab/flow"
)

// carry sends bytes in segments, each of which is acknowledged after a round trip's
// half.
func (c *made) carry(from flow.Side, b []byte) {
	for len(b) > 0 {
		n := min(len(b), madeMSS)
		c.wait(20 * time.Microsecond)
		c.send(from, madeACK|madePSH, madeWindow, n)
		p := c.packets[len(c.packets)-1].Data
		copy(p[len(p)-n:], b)
		b = b[n:]
		c.wait(time.Millisecond)
		c.send(from.Peer(), madeACK, madeWindow, 0)
	}
}

// frames sends what is written to a framer.
func (c *made) frames(from flow.Side, write func(*http2.Framer)) {
	var b bytes.Buffer
	write(http2.NewFramer(&b, nil))
	c.carry(from, b.Bytes())
}

// unread is a gRPC upload whose server reads for a while, and then no longer: the
// stream's window is shut for a second and a half, while a PING is answered.
func (m *making) unread() {
	c := m.open(49152)
	c.carry(flow.Client, []byte(http2.ClientPreface))
	c.frames(flow.Client, func(f *http2.Framer) { _ = f.WriteSettings() })
	c.frames(flow.Server, func(f *http2.Framer) { _ = f.WriteSettings(); _ = f.WriteSettingsAck() })
	var block bytes.Buffer
	fields := hpack.NewEncoder(&block)
	for _, field := range []hpack.HeaderField{{Name: ":method", Value: "POST"}, {Name: ":path", Value: "/files.Files/Put"}, {Name: "content-type", Value: "application/grpc"}} {
		_ = fields.WriteField(field)
	}
	c.frames(flow.Client, func(f *http2.Framer) {
		_ = f.WriteSettingsAck()
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true})
	})
	message := append([]byte{0, 0, 1, 0, 0}, make([]byte, 65536)...)
	send := func(b []byte) {
		for len(b) > 0 {
			n := min(len(b), 16384)
			c.frames(flow.Client, func(f *http2.Framer) { _ = f.WriteData(1, false, b[:n]) })
			b = b[n:]
		}
	}
	credit := func(stream bool) {
		c.frames(flow.Server, func(f *http2.Framer) {
			_ = f.WriteWindowUpdate(0, 65535)
			if stream {
				_ = f.WriteWindowUpdate(1, 65535)
			}
		})
	}
	all := bytes.Repeat(message, 2)
	send(all[:65535])
	credit(true)
	send(all[65535:][:65535])
	credit(false)
	c.wait(700 * time.Millisecond)
	c.frames(flow.Client, func(f *http2.Framer) { _ = f.WritePing(false, [8]byte{1}) })
	c.frames(flow.Server, func(f *http2.Framer) { _ = f.WritePing(true, [8]byte{1}) })
	c.wait(800 * time.Millisecond)
	c.frames(flow.Client, func(f *http2.Framer) { _ = f.WriteRSTStream(1, http2.ErrCodeCancel) })
	c.close()
}

// waiting is a client with two requests, of which the server allows one at a time: the
// second follows at once when the first is reset, after a second.
func (m *making) waiting() {
	c := m.open(49153)
	c.carry(flow.Client, []byte(http2.ClientPreface))
	c.frames(flow.Client, func(f *http2.Framer) { _ = f.WriteSettings() })
	c.frames(flow.Server, func(f *http2.Framer) {
		_ = f.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1})
		_ = f.WriteSettingsAck()
	})
	request := func(id uint32) {
		c.frames(flow.Client, func(f *http2.Framer) {
			if id == 1 {
				_ = f.WriteSettingsAck()
			}
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: []byte{0x83, 0x84}, EndHeaders: true}) // POST /
		})
	}
	request(1)
	c.wait(time.Second)
	c.frames(flow.Server, func(f *http2.Framer) { _ = f.WriteRSTStream(1, http2.ErrCodeCancel) })
	request(3)
	c.wait(300 * time.Millisecond)
	c.close()
}
