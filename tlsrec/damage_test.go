package tlsrec

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"slices"
	"testing"

	"flowlab/flow"
)

// bulk is a conversation in which the server sends many records.
func bulk(t testing.TB, version uint16, n int) *capture {
	client := clientConfig()
	client.MaxVersion = version
	server := serverConfig()
	server.DynamicRecordSizingDisabled = true
	return converse(t, client, server, []turn{{flow.Client, 100}, {flow.Server, n}, {flow.Client, 100}})
}

// around returns what is left of a plaintext when what lies between two of its
// bytes is lost.
func around(plain []byte, from, to int) []byte {
	return slices.Concat(plain[:from], plain[to:])
}

const full = 1 << 14 // bytes of plaintext in a record

// dataRecords returns where the records with the server's data are: the last ones
// before its close_notify.
func dataRecords(c *capture, n int) (records [][]byte, at []int64) {
	records, at = c.records(flow.Server)
	last := len(records) - 1
	return records[last-n : last], at[last-n : last]
}

// writeWithout feeds a capture in which the bytes of a side from begin to end are
// missing.
func writeWithout(t *testing.T, c *capture, side flow.Side, begin, end int64, most int) *reading {
	t.Helper()
	r := &reading{conn: NewConn(c.keys())}
	pos := int64(0)
	for _, k := range c.chunks {
		if k.from != side {
			r.feed(t, []chunk{k}, most)
			continue
		}
		for b := k.b; len(b) > 0; {
			n := int64(len(b))
			switch {
			case pos < begin:
				n = min(n, begin-pos)
				r.feed(t, []chunk{{side, b[:n]}}, most)
			case pos < end:
				n = min(n, end-pos)
				r.conn.Gap(side, n)
			default:
				r.feed(t, []chunk{{side, b}}, most)
			}
			b = b[n:]
			pos += n
		}
	}
	return r
}

func TestGap(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		const n = 40
		c := bulk(t, version, n*full)
		records, at := dataRecords(c, n)
		sent := c.sent[flow.Server].Bytes()
		size := int64(len(records[0]))
		for _, test := range []struct {
			name       string
			begin, end int64
			from, to   int // the first record that is lost, and the first that is not
		}{
			{"within a record", at[5] + 1000, at[5] + 2000, 5, 6},
			{"a header", at[5], at[5] + 5, 5, 6},
			{"a part of a header", at[5] + 2, at[5] + 4, 5, 6},
			{"a record", at[5], at[6], 5, 6},
			{"a record's end", at[6] - 100, at[6], 5, 6},
			{"the end of one and the beginning of the next", at[6] - 100, at[6] + 100, 5, 7},
			{"several records", at[5] + 100, at[9] + 100, 5, 10},
			{"exactly several records", at[5], at[25], 5, 25},
			{"many records", at[1] + size/2, at[38] + size/2, 1, 39},
		} {
			for _, most := range []int{500, 1 << 20} {
				t.Run(fmt.Sprintf("%v, %s, %d", Version(version), test.name, most), func(t *testing.T) {
					r := writeWithout(t, c, flow.Server, test.begin, test.end, most)
					if want := around(sent, test.from*full, test.to*full); !bytes.Equal(r.plain[flow.Server], want) {
						t.Errorf("%d bytes are read, want %d; %v: %v", len(r.plain[flow.Server]), len(want), r.conn.State(flow.Server), r.conn.Problem(flow.Server))
					}
					if r.lost[flow.Server] != 1 {
						t.Errorf("%d pieces say that something is lost, want one", r.lost[flow.Server])
					}
					r.wholeSide(t, c, flow.Client)
				})
			}
		}
	}
}

// Wherever a gap is behind the hello, the last record is read if it is there.
func TestGapAnywhere(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client := clientConfig()
		client.MaxVersion = version
		c := converse(t, client, serverConfig(), []turn{
			{flow.Client, 10}, {flow.Server, 200}, {flow.Server, 300}, {flow.Server, 400}, {flow.Server, 500},
			{flow.Client, 200}, {flow.Client, 300}, {flow.Client, 400}, {flow.Client, 500},
		})
		for _, side := range []flow.Side{flow.Client, flow.Server} {
			records, at := c.records(side)
			sent := c.sent[side].Bytes()
			last := at[len(at)-2] // the record of 500 bytes
			for begin := int64(len(records[0])); begin < last; begin += 3 {
				for _, n := range []int64{1, 30, 700} {
					end := min(begin+n, last)
					r := writeWithout(t, c, side, begin, end, 1<<20)
					got := r.plain[side]
					if len(got) < 500 || !bytes.Equal(got[len(got)-500:], sent[len(sent)-500:]) {
						t.Fatalf("%v: %d bytes of the %v missing at %d of %v: %d bytes are read; %v: %v",
							Version(version), end-begin, side, begin, at, len(got), r.conn.State(side), r.conn.Problem(side))
					}
					r.wholeSide(t, c, side.Peer())
				}
			}
		}
	}
}

// flipped returns a capture with bits of one byte flipped in the server's bytes.
func (c *capture) flipped(at int64, bit byte) []chunk {
	chunks := slices.Clone(c.chunks)
	for i, k := range chunks {
		if k.from != flow.Server {
			continue
		}
		if at < int64(len(k.b)) {
			chunks[i].b = bytes.Clone(k.b)
			chunks[i].b[at] ^= bit
			break
		}
		at -= int64(len(k.b))
	}
	return chunks
}

func TestFlippedBit(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		const n = 10
		c := bulk(t, version, n*full)
		_, at := dataRecords(c, n)
		sent := c.sent[flow.Server].Bytes()
		for _, test := range []struct {
			name string
			at   int64
			bit  byte
			to   int // the first record after the fifth that is read
		}{
			{"in the data", at[5] + 1000, 4, 6},
			{"in the tag", at[6] - 1, 4, 6},
			{"in the type, which becomes none", at[5], 4, 6},
			{"in the type, which becomes another", at[5], 1, 6},
			{"in the type, which becomes that of ChangeCipherSpec", at[5], 3, 6},
			{"in the version", at[5] + 2, 4, 6},
			{"in the length, which gets longer, in TLS 1.3 than is allowed", at[5] + 3, 4, 7},
			{"in the length, by a little", at[5] + 4, 4, 7},
		} {
			t.Run(Version(version).String()+" "+test.name, func(t *testing.T) {
				r := read(t, c.keys(), c.flipped(test.at, test.bit))
				p := r.conn.Problem(flow.Server)
				if s := r.conn.State(flow.Server); s != Decrypting || p.Reason != Corrupt || p.Offset < at[5] {
					t.Errorf("%v: %v, want it corrupt from byte %d", s, p, at[5])
				}
				got := r.plain[flow.Server]
				if !bytes.Equal(got, around(sent, 5*full, 6*full)) && !bytes.Equal(got, around(sent, 5*full, test.to*full)) {
					t.Errorf("%d bytes are read, of %d", len(got), len(sent))
				}
				if r.lost[flow.Server] != 1 {
					t.Errorf("%d pieces say that something is lost, want one", r.lost[flow.Server])
				}
				r.wholeSide(t, c, flow.Client)
			})
		}
	}
}

// Where nothing authenticates any more, it is given up.
func TestGarbageAfterData(t *testing.T) {
	c := bulk(t, tls.VersionTLS13, 5*full)
	r := &reading{conn: NewConn(c.keys())}
	r.feed(t, c.chunks[:len(c.chunks)-2], 1<<20)
	bad := append([]byte{23, 3, 3, 0, 200}, make([]byte, 200)...)
	for range 10 {
		r.feed(t, []chunk{{flow.Server, bad}}, 1<<20)
	}
	if p := r.conn.Problem(flow.Server); r.conn.State(flow.Server) != Opaque || p.Reason != Corrupt {
		t.Errorf("%v: %v", r.conn.State(flow.Server), p)
	}
	r = &reading{conn: NewConn(c.keys())}
	r.feed(t, c.chunks[:len(c.chunks)-2], 1<<20)
	r.conn.Gap(flow.Server, 1e9)
	for range 600 {
		r.feed(t, []chunk{{flow.Server, bytes.Repeat(bad[:100], 20)}}, 1<<20)
	}
	p := r.conn.Problem(flow.Server)
	if r.conn.State(flow.Server) != Opaque || p.Reason != Bridgeless {
		t.Errorf("%v: %v", r.conn.State(flow.Server), p)
	}
}

// A gap while the keys are not there yet waits for them too.
func TestGapBeforeKeys(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		c := bulk(t, version, 10*full)
		_, at := dataRecords(c, 10)
		k := NewKeys()
		conn := NewConn(k)
		all := c.of(flow.Server)
		conn.Write(flow.Client, c.of(flow.Client))
		conn.Write(flow.Server, all[:at[2]+10])
		conn.Gap(flow.Server, at[7]-at[2])
		conn.Write(flow.Server, all[at[7]+10:])
		r := &reading{conn: conn}
		r.drain(t)
		k.Write(c.keyLog.Bytes())
		r.drain(t)
		sent := c.sent[flow.Server].Bytes()
		if !bytes.Equal(r.plain[flow.Server], around(sent, 2*full, 8*full)) || r.lost[flow.Server] != 1 {
			t.Errorf("%v: %d bytes are read, %d losses; %v: %v", Version(version), len(r.plain[flow.Server]), r.lost[flow.Server], conn.State(flow.Server), conn.Problem(flow.Server))
		}
	}
}

// A capture that stops anywhere has no surprises.
func TestTruncated(t *testing.T) {
	c := converse(t, clientConfig(), serverConfig(), small)
	for n := range c.chunks {
		r := read(t, c.keys(), c.chunks[:n])
		for _, side := range []flow.Side{flow.Client, flow.Server} {
			if !bytes.HasPrefix(c.sent[side].Bytes(), r.plain[side]) || r.lost[side] > 0 || r.conn.Problem(side) != (Problem{}) {
				t.Errorf("after %d writes, %v: %v", n, side, r.conn.Problem(side))
			}
		}
	}
}
