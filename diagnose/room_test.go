package diagnose

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tcpwin"
	"flowlab/tlsrec"
)

// bulkOf feeds payload to a Bulk, connection by connection.
type bulkOf struct {
	*Bulk
	now   flow.Time
	frame int
	next  map[uint16]*[2]flow.Seq
	last  View
}

func newBulkOf() *bulkOf {
	b := &bulkOf{Bulk: &Bulk{}, next: make(map[uint16]*[2]flow.Seq)}
	b.Began = func(int) {}
	b.Ended = func(v *View) { b.last = *v }
	return b
}

// send has a side of the connection with that port send payload.
func (b *bulkOf) send(port uint16, from flow.Side, payload []byte) {
	ends := flow.Tuple{Src: flow.Endpoint{Port: port}, Dst: flow.Endpoint{Port: 443}}
	if b.next[port] == nil {
		b.next[port] = &[2]flow.Seq{}
		for i := range 3 {
			s := tcpwin.Segment{Flags: [3]tcpwin.Flags{tcpwin.SYN, tcpwin.SYN | tcpwin.ACK, tcpwin.ACK}[i], Window: 60000, Scale: 7, MSS: 60000}
			b.segment(ends, flow.Side(i%2), port, &s, nil)
		}
	}
	s := tcpwin.Segment{Flags: tcpwin.ACK | tcpwin.PSH, Window: 60000, Scale: -1, Len: len(payload)}
	b.segment(ends, from, port, &s, payload)
}

func (b *bulkOf) segment(ends flow.Tuple, from flow.Side, port uint16, s *tcpwin.Segment, payload []byte) {
	b.now = b.now.Add(10 * time.Microsecond)
	b.frame++
	if from == flow.Server {
		ends = ends.Reverse()
	}
	next := b.next[port]
	s.Time, s.From, s.Seq, s.Ack = b.now, from, next[from], next[from.Peer()]
	next[from] = s.End()
	b.Observe(Hash(0, &ends), 0, &ends, s, payload, b.frame)
}

// TestManyStreams holds what a connection takes to 100 MiB: with 100,000 streams that
// end, and with as many that never do.
func TestManyStreams(t *testing.T) {
	for name, ends := range map[string]bool{"that end": true, "that never end": false} {
		t.Run(name, func(t *testing.T) {
			b := newBulkOf()
			before, most := heap(), int64(0)
			var buf bytes.Buffer
			f := http2.NewFramer(&buf, nil)
			flush := func(from flow.Side) {
				b.send(1000, from, buf.Bytes())
				buf.Reset()
			}
			buf.WriteString(h2flow.Preface)
			_ = f.WriteSettings()
			flush(flow.Client)
			_ = f.WriteSettings()
			flush(flow.Server)
			const streams = 100_000
			for i := range uint32(streams) {
				id := 2*i + 1
				_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: []byte{0x83}, EndHeaders: true})
				_ = f.WriteData(id, ends, nil)
				flush(flow.Client)
				_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: []byte{0x88}, EndHeaders: true, EndStream: ends})
				flush(flow.Server)
				if i%20_000 == streams%20_000 || i == streams-1 {
					most = max(most, heap()-before)
				}
			}
			b.End(b.now)
			t.Logf("%d streams: at most %.1f MiB", streams, float64(most)/(1<<20))
			if most > 100<<20 {
				t.Errorf("%d MiB for %d streams", most>>20, streams)
			}
			h := b.last.Layer.HTTP2
			if h == nil || h.Count != streams {
				t.Fatalf("the view has %+v", h)
			}
			if forgotten := streams - mostStreams; !ends && h.Forgotten != forgotten || ends && h.Forgotten != 0 {
				t.Errorf("%d streams were forgotten", h.Forgotten)
			}
			if d := h.Directions[flow.Client]; ends && d.Open != 0 || !ends && d.Open != mostStreams {
				t.Errorf("%d streams are open", d.Open)
			}
		})
	}
}

// TestManyWaitForKeys holds what many connections of TLS take, of which no keys came yet.
func TestManyWaitForKeys(t *testing.T) {
	hello := clientHello(t)
	b := newBulkOf()
	b.Keys = tlsrec.NewKeys()
	if _, err := fmt.Fprintf(b.Keys, "CLIENT_RANDOM %064x %096x\n", 1, 2); err != nil { // of another session
		t.Fatal(err)
	}
	before := heap()
	const connections, each = 400, 900 << 10
	record := make([]byte, 5+16<<10)
	record[0], record[1], record[2] = 0x17, 3, 3
	binary.BigEndian.PutUint16(record[3:], 16<<10)
	for port := range uint16(connections) {
		b.send(1000+port, flow.Client, hello)
		for range each / len(record) {
			b.send(1000+port, flow.Client, record)
		}
	}
	took := heap() - before
	t.Logf("%d connections that wait with %d KiB each: %.1f MiB", connections, each>>10, float64(took)/(1<<20))
	if b.room.waiting > mostWaiting || took > 2*mostWaiting+connections*64<<10 {
		t.Errorf("%d MiB for %d connections, %d bytes wait", took>>20, connections, b.room.waiting)
	}
	problems := 0
	b.Ended = func(v *View) {
		if v.Layer.Reason.Reason == tlsrec.TooMuchHeld {
			problems++
		}
	}
	b.End(b.now)
	if problems < connections/2 || problems == connections {
		t.Errorf("of %d connections %d were given up", connections, problems)
	}
	if b.room.taken != (taken{}) {
		t.Errorf("after the end %+v are taken", b.room.taken)
	}
}

// clientHello is the first record of a client.
func clientHello(t *testing.T) []byte {
	near, far := net.Pipe()
	defer near.Close()
	go func() {
		_ = tls.Client(far, &tls.Config{ServerName: "example.com"}).Handshake()
		far.Close()
	}()
	b := make([]byte, 16<<10)
	n, err := near.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}
