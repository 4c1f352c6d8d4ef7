package diagnose

import (
	"bytes"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tcpwin"
)

// FuzzHTTP lays any frames over any traffic: what holds each direction and each
// stream adds up, and is never negative.
func FuzzHTTP(f *testing.F) {
	var b bytes.Buffer
	w := http2.NewFramer(&b, nil)
	_ = w.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
	_ = w.WriteSettingsAck()
	_ = w.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true})
	_ = w.WriteData(1, false, make([]byte, 100))
	_ = w.WriteWindowUpdate(1, 1000)
	_ = w.WriteWindowUpdate(0, 1000)
	_ = w.WriteData(1, false, make([]byte, 200))
	_ = w.WriteRSTStream(1, http2.ErrCodeCancel)
	f.Add(b.Bytes(), b.Bytes(), []byte{10, 200, 30, 4, 255, 0, 7}, true)
	f.Add(append(b.Bytes(), b.Bytes()...), b.Bytes()[:50], []byte{255, 255, 1}, false)
	var limited bytes.Buffer
	w = http2.NewFramer(&limited, nil)
	_ = w.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1})
	_ = w.WriteSettingsAck()
	for _, id := range []uint32{1, 3, 5} {
		_ = w.WriteHeaders(http2.HeadersFrameParam{StreamID: id, EndHeaders: true})
		_ = w.WriteRSTStream(id, http2.ErrCodeCancel)
	}
	f.Add(limited.Bytes(), limited.Bytes(), []byte{100, 101, 200, 3}, true)
	f.Fuzz(func(t *testing.T, client, server, script []byte, near bool) {
		c := new(Connection)
		c.begin(1, 0, flow.Conn{}, 0)
		for i := range c.Directions {
			c.Directions[i].rules(&Rules{})
		}
		text := [2][]byte{append([]byte(h2flow.Preface), client...), server}
		now, seq := flow.Time(0), [2]flow.Seq{100, 200}
		oneWay := [2]time.Duration{time.Microsecond, 20 * time.Millisecond}
		if near {
			oneWay[0], oneWay[1] = oneWay[1], oneWay[0]
		}
		send := func(from flow.Side, flags tcpwin.Flags, payload []byte) {
			s := tcpwin.Segment{Time: now, From: from, Seq: seq[from], Ack: seq[from.Peer()], Flags: flags, Len: len(payload), Window: 60000, Scale: -1}
			if flags&tcpwin.SYN != 0 {
				s.Scale, s.MSS = 7, 1460
			}
			seq[from] = s.End()
			c.observe(&s, payload, 1, nil)
		}
		send(flow.Client, tcpwin.SYN, nil)
		now = now.Add(oneWay[1])
		send(flow.Server, tcpwin.SYN|tcpwin.ACK, nil)
		now = now.Add(oneWay[0])
		send(flow.Client, tcpwin.ACK, nil)
		for turn := 0; len(text[0])+len(text[1]) > 0 && turn < 2000; turn++ {
			step := byte(turn)
			if len(script) > 0 {
				step = script[turn%len(script)]
			}
			now = now.Add(time.Duration(step) * time.Millisecond)
			from := flow.Side(step & 1)
			n := min(len(text[from]), 1+int(step)*5)
			send(from, tcpwin.ACK|tcpwin.PSH, text[from][:n])
			text[from] = text[from][n:]
			c.advance(now)
		}
		for _, end := range []bool{false, true} {
			if end {
				c.end(now)
			}
			v := c.View(now, flow.Interval{}, 0)
			for i := range v.Directions {
				if total := v.Directions[i].Limits.Total(); total < 0 || total > now.Sub(0)+time.Second {
					t.Fatalf("the limits add up to %v of %v", total, now.Sub(0))
				}
				positive(t, &v.Directions[i].Limits)
			}
			if v.Layer.HTTP2 == nil {
				continue
			}
			for _, s := range v.Layer.HTTP2.Streams {
				for i := range s.Halves {
					positive(t, &s.Halves[i].Limits)
				}
			}
			for _, f := range Findings(&v) {
				if f.Text == "" || f.Rule == "" {
					t.Fatalf("a finding without a text: %+v", f)
				}
			}
		}
	})
}

func positive(t *testing.T, l *flow.Limits) {
	t.Helper()
	for c, d := range l {
		if d < 0 {
			t.Fatalf("%v lasted %v", flow.Cause(c), d)
		}
	}
}
