package tlsrec

import (
	"crypto/tls"
	"testing"

	"flowlab/flow"
)

// steady returns a connection in which nothing but the server's data is to come,
// and those data, a record each. The first was read, so that the keys are there.
func steady(t testing.TB, version uint16, suite uint16, n int) (*Conn, [][]byte) {
	client, server := clientConfig(), serverConfig()
	client.MaxVersion, server.DynamicRecordSizingDisabled = version, true
	if suite != 0 {
		client.CipherSuites = []uint16{suite}
	}
	c := converse(t, client, server, []turn{{flow.Client, 100}, {flow.Server, n * full}})
	records, at := dataRecords(c, n)
	conn := NewConn(c.keys())
	conn.Write(flow.Client, c.of(flow.Client))
	conn.Write(flow.Server, c.of(flow.Server)[:at[1]])
	r := &reading{conn: conn}
	r.drain(t)
	return conn, records[1:]
}

var steadyStates = []struct {
	name    string
	version uint16
	suite   uint16
}{
	{"TLS 1.3, AES-128-GCM", tls.VersionTLS13, 0},
	{"TLS 1.2, AES-128-GCM", tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
	{"TLS 1.2, ChaCha20-Poly1305", tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256},
}

func TestNoAllocations(t *testing.T) {
	for _, s := range steadyStates {
		const n = 60
		conn, records := steady(t, s.version, s.suite, n)
		next := func() {
			conn.Write(flow.Server, records[0][:1000])
			if _, ok := conn.Next(flow.Server); ok {
				t.Fatal("a part of a record is read")
			}
			conn.Write(flow.Server, records[0][1000:])
			if p, ok := conn.Next(flow.Server); !ok || len(p.Data) != full {
				t.Fatalf("%d bytes are read; %v", len(p.Data), conn.Problem(flow.Server))
			}
			if _, ok := conn.Next(flow.Server); ok {
				t.Fatal("a record is read twice")
			}
			records = records[1:]
		}
		for range 5 {
			next()
		}
		if allocs := testing.AllocsPerRun(n-10, next); allocs != 0 {
			t.Errorf("%s: %v allocations a record", s.name, allocs)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	for _, s := range steadyStates {
		b.Run(s.name, func(b *testing.B) {
			conn, records := steady(b, s.version, s.suite, 64)
			start := *conn.dirs[flow.Server].keys
			b.ReportAllocs()
			b.SetBytes(full)
			for i := 0; b.Loop(); i++ {
				if i%len(records) == 0 {
					*conn.dirs[flow.Server].keys = start
				}
				conn.Write(flow.Server, records[i%len(records)])
				if p, ok := conn.Next(flow.Server); !ok || len(p.Data) != full {
					b.Fatal(conn.Problem(flow.Server))
				}
			}
		})
	}
}

// BenchmarkSearch crosses a gap of 60 records of full length.
func BenchmarkSearch(b *testing.B) {
	conn, records := steady(b, tls.VersionTLS13, 0, 64)
	start := *conn.dirs[flow.Server].keys
	b.ReportAllocs()
	for b.Loop() {
		*conn.dirs[flow.Server].keys = start
		conn.Gap(flow.Server, int64(60*len(records[0])+100))
		conn.Write(flow.Server, records[60][100:])
		conn.Write(flow.Server, records[61])
		if p, ok := conn.Next(flow.Server); !ok || !p.Lost {
			b.Fatal(conn.Problem(flow.Server))
		}
	}
}

func BenchmarkHandshake(b *testing.B) {
	c := converse(b, clientConfig(), serverConfig(), small)
	keys := c.keys()
	b.ReportAllocs()
	for b.Loop() {
		conn := NewConn(keys)
		for _, k := range c.chunks {
			conn.Write(k.from, k.b)
			for _, side := range []flow.Side{flow.Client, flow.Server} {
				for _, ok := conn.Next(side); ok; _, ok = conn.Next(side) {
				}
			}
		}
	}
}

func BenchmarkKeys(b *testing.B) {
	c := converse(b, clientConfig(), serverConfig(), small)
	log := c.keyLog.Bytes()
	b.ReportAllocs()
	b.SetBytes(int64(len(log)))
	k := NewKeys()
	for b.Loop() {
		k.Write(log)
	}
}
