package tlsrec

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flowlab/flow"
)

// What crypto/tls sends is read as its ends say.
func TestSuites(t *testing.T) {
	var numbers []uint16
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if strings.Contains(s.Name, "GCM") || strings.Contains(s.Name, "CHACHA20") {
			numbers = append(numbers, s.ID)
		}
	}
	for _, number := range numbers {
		name := tls.CipherSuiteName(number)
		if Suite(number).String() != name {
			t.Errorf("%#04x is %v, want %s", number, Suite(number), name)
		}
		if suites[Suite(number)].tls13 {
			continue // crypto/tls cannot be told which: see TestOpenSSLSuites
		}
		t.Run(name, func(t *testing.T) {
			client := clientConfig()
			client.MaxVersion, client.CipherSuites = tls.VersionTLS12, []uint16{number}
			server := serverConfig()
			server.CipherSuites = []uint16{number}
			conn := checkAll(t, converse(t, client, server, turns))
			if conn.Version() != VersionTLS12 || conn.Suite() != Suite(number) || conn.Resumed() {
				t.Errorf("it is %v with %v, resumed: %v", conn.Version(), conn.Suite(), conn.Resumed())
			}
		})
	}
}

func TestTLS13(t *testing.T) {
	conn := checkAll(t, converse(t, clientConfig(), serverConfig(), turns))
	if conn.Version() != VersionTLS13 || conn.ServerName() != "flowlab.test" || conn.ALPN() != "h2" ||
		!slices.Equal(conn.OfferedALPN(), []string{"h2", "http/1.1"}) || conn.Resumed() {
		t.Errorf("it is %v, server %q, protocol %q of %q, resumed: %v", conn.Version(), conn.ServerName(), conn.ALPN(), conn.OfferedALPN(), conn.Resumed())
	}
	for _, side := range []flow.Side{flow.Client, flow.Server} {
		if a, ok := conn.Alert(side); !ok || !a.CloseNotify() || a.Fatal {
			t.Errorf("%v: its alert is %v, %v, want close_notify", side, a, ok)
		}
		if p := conn.Problem(side); p != (Problem{}) {
			t.Errorf("%v: %v", side, p)
		}
	}
}

func TestHelloRetryRequest(t *testing.T) {
	server := serverConfig()
	server.CurvePreferences = []tls.CurveID{tls.CurveP384}
	client := clientConfig()
	client.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP384}
	if conn := checkAll(t, converse(t, client, server, turns)); !conn.retried {
		t.Error("there was none")
	}
}

func TestResumption(t *testing.T) {
	for _, c := range []struct {
		name    string
		version uint16
	}{{"TLS 1.2", tls.VersionTLS12}, {"TLS 1.3", tls.VersionTLS13}} {
		t.Run(c.name, func(t *testing.T) {
			client, server := clientConfig(), serverConfig()
			client.MaxVersion, client.ClientSessionCache = c.version, tls.NewLRUClientSessionCache(1)
			first := converse(t, client, server, turns)
			if checkAll(t, first).Resumed() {
				t.Error("the first is resumed")
			}
			second := converse(t, client, server, turns)
			if c.version == tls.VersionTLS12 {
				// crypto/tls logs no secret of such a session; it is that of the first.
				random, ok := read(t, nil, second.chunks).conn.Session()
				if !ok || second.keyLog.Len() > 0 {
					t.Fatalf("the session is %x, %v, its key log %q", random, ok, &second.keyLog)
				}
				fmt.Fprintf(&second.keyLog, "CLIENT_RANDOM %x %s", random, strings.Fields(first.keyLog.String())[2])
			}
			if !checkAll(t, second).Resumed() {
				t.Error("the second is not resumed")
			}
		})
	}
}

func TestClientCertificate(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client, server := clientConfig(), serverConfig()
		client.MaxVersion, client.Certificates = version, server.Certificates
		server.ClientAuth = tls.RequireAnyClientCert
		checkAll(t, converse(t, client, server, turns))
	}
}

// small is a conversation of one record each way.
var small = []turn{{flow.Client, 10}, {flow.Server, 20}, {flow.Client, 30}, {flow.Server, 40}}

func TestOpaque(t *testing.T) {
	older := func(version uint16, suites ...uint16) *capture {
		client, server := clientConfig(), serverConfig()
		client.MinVersion, client.MaxVersion, client.CipherSuites = version, version, suites
		server.MinVersion, server.CipherSuites = tls.VersionTLS10, suites
		return converse(t, client, server, small)
	}
	now := converse(t, clientConfig(), serverConfig(), small)
	then := converse(t, clientConfig(), serverConfig(), small)
	of12 := older(tls.VersionTLS12)
	other := strings.NewReplacer("0", "1", "1", "2", "2", "3", "a", "b")
	wrong := func(c *capture) *Keys { // the right session, and other secrets
		var log strings.Builder
		for line := range strings.Lines(c.keyLog.String()) {
			f := strings.Fields(line)
			log.WriteString(f[0] + " " + f[1] + " " + other.Replace(f[2]) + "\n")
		}
		return keysOf([]byte(log.String()))
	}
	for _, c := range []struct {
		name   string
		from   *capture
		keys   *Keys
		state  State
		reason Reason
		says   string
	}{
		{"no key log", now, nil, Opaque, NoKeyLog, "no key log was given"},
		{"no key log, TLS 1.2", of12, nil, Opaque, NoKeyLog, "no key log was given"},
		{"an empty key log", now, NewKeys(), WaitingForKeys, NoKeys, "the key log has no keys of this session"},
		{"keys of another session", now, then.keys(), WaitingForKeys, NoKeys, "the key log has no keys of this session"},
		{"keys of another session, TLS 1.2", of12, then.keys(), WaitingForKeys, NoKeys, "the key log has no keys of this session"},
		{"wrong keys", now, wrong(now), Opaque, WrongKeys, "the keys do not fit: server's record 0, at byte "},
		{"wrong keys, TLS 1.2", of12, wrong(of12), Opaque, WrongKeys, "the keys do not fit: server's record 0, at byte "},
		{"CBC", older(tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA), NewKeys(), Opaque, UnsupportedSuite,
			"suite TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA (0xc013) is not decrypted: only AES-GCM and ChaCha20-Poly1305 are"},
		{"TLS 1.1", older(tls.VersionTLS11), NewKeys(), Opaque, UnsupportedVersion, "TLS 1.1 is not decrypted: only TLS 1.2 and 1.3 are"},
		{"TLS 1.0", older(tls.VersionTLS10), NewKeys(), Opaque, UnsupportedVersion, "TLS 1.0 is not decrypted: only TLS 1.2 and 1.3 are"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, c.keys, c.from.chunks)
			p := r.conn.Problem(flow.Server)
			if s := r.conn.State(flow.Server); s != c.state || p.Reason != c.reason || !strings.HasPrefix(p.String(), c.says) {
				t.Errorf("%v, %d: %v\nwant %v, %d: %v", s, p.Reason, p, c.state, c.reason, c.says)
			}
			if len(r.plain[flow.Client])+len(r.plain[flow.Server]) > 0 {
				t.Error("something is read")
			}
			if name := r.conn.ServerName(); name != "flowlab.test" {
				t.Errorf("the server's name is %q", name)
			}
		})
	}
}

// A key log with the secrets of one side shows that side, and says what it lacks
// for the other.
func TestPartialKeyLog(t *testing.T) {
	c := converse(t, clientConfig(), serverConfig(), small)
	only := func(labels ...string) *Keys {
		k := NewKeys()
		for line := range strings.Lines(c.keyLog.String()) {
			if slices.Contains(labels, strings.Fields(line)[0]) {
				k.Write([]byte(line))
			}
		}
		return k
	}
	for _, test := range []struct {
		name   string
		keys   *Keys
		reads  [2]bool
		states [2]State
		lacks  [2]string
	}{
		{"only the client's", only("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"),
			[2]bool{true, false}, [2]State{Decrypting, WaitingForKeys}, [2]string{"", "SERVER_HANDSHAKE_TRAFFIC_SECRET"}},
		{"only the server's", only("SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"),
			[2]bool{false, true}, [2]State{WaitingForKeys, Decrypting}, [2]string{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", ""}},
		{"only the handshake's", only("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
			[2]bool{false, false}, [2]State{WaitingForKeys, WaitingForKeys}, [2]string{"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"}},
		{"not the handshake's", only("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"),
			[2]bool{true, true}, [2]State{Decrypting, Decrypting}, [2]string{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := read(t, test.keys, c.chunks)
			for _, side := range []flow.Side{flow.Client, flow.Server} {
				if test.reads[side] {
					r.wholeSide(t, c, side)
				} else if len(r.plain[side]) > 0 {
					t.Errorf("%v: %d bytes are read", side, len(r.plain[side]))
				}
				p := r.conn.Problem(side)
				if s := r.conn.State(side); s != test.states[side] || p.What != test.lacks[side] || (p.What != "") != (p.Reason == NoSecret) {
					t.Errorf("%v: %v: %v, want %v, lacking %q", side, s, p, test.states[side], test.lacks[side])
				}
			}
		})
	}
}

func TestLateKeys(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client := clientConfig()
		client.MaxVersion = version
		c := converse(t, client, serverConfig(), turns)
		log := c.keyLog.Bytes()
		for _, test := range []struct {
			name string
			at   int // the chunk before which the keys come
		}{{"in time", 0}, {"within the handshake", 2}, {"after it", 6}, {"at the end", len(c.chunks)}} {
			t.Run(Version(version).String()+" "+test.name, func(t *testing.T) {
				k := NewKeys()
				r := &reading{conn: NewConn(k)}
				r.feed(t, c.chunks[:test.at], 999)
				k.Write(log[:len(log)/2])
				r.drain(t)
				k.Write(log[len(log)/2:])
				r.drain(t)
				r.feed(t, c.chunks[test.at:], 999)
				r.whole(t, c)
			})
		}
	}
}

func TestTooMuchHeld(t *testing.T) {
	c := converse(t, clientConfig(), serverConfig(), []turn{{flow.Server, 3 << 20}})
	k := NewKeys()
	r := &reading{conn: NewConn(k)}
	most := 0
	for _, piece := range c.chunks {
		r.feed(t, []chunk{piece}, 2000)
		most = max(most, r.conn.dirs[flow.Server].held())
	}
	if p := r.conn.Problem(flow.Server); p.Reason != TooMuchHeld ||
		p.String() != "too much was held back: more than 1048576 bytes, as the key log has no keys of this session" {
		t.Errorf("%v: %v", r.conn.State(flow.Server), p)
	}
	if most > MaxHeld+2000 {
		t.Errorf("%d bytes were held", most)
	}
	// The client's side sent little, and can still be read.
	k.Write(c.keyLog.Bytes())
	r.drain(t)
	if a, ok := r.conn.Alert(flow.Client); !ok || !a.CloseNotify() {
		t.Errorf("the client's side: %v, %v", r.conn.State(flow.Client), r.conn.Problem(flow.Client))
	}
}

func TestStartMissed(t *testing.T) {
	c := converse(t, clientConfig(), serverConfig(), small)
	for _, test := range []struct {
		name   string
		feed   func(*Conn)
		reason Reason
		says   string
	}{
		{"from the middle", func(conn *Conn) {
			records, _ := c.records(flow.Client)
			conn.Write(flow.Client, records[len(records)-1])
		}, StartMissed, "the start of the session was not seen: client's first record has no hello"},
		{"a gap first", func(conn *Conn) {
			conn.Gap(flow.Client, 20)
			conn.Write(flow.Client, c.of(flow.Client)[20:])
		}, StartMissed, "the start of the session was not seen: client's hello is missing"},
		{"a gap in the hello", func(conn *Conn) {
			conn.Write(flow.Client, c.of(flow.Client)[:50])
			conn.Gap(flow.Client, 20)
		}, StartMissed, "the start of the session was not seen: client's hello is missing"},
		{"the server's hello", func(conn *Conn) {
			conn.Write(flow.Client, c.of(flow.Client))
			conn.Gap(flow.Server, 200)
		}, StartMissed, "the start of the session was not seen: server's hello is missing"},
		{"not TLS", func(conn *Conn) { conn.Write(flow.Client, []byte("GET / HTTP/1.1\r\n")) },
			NotTLS, "not TLS: client's record at byte 0 has no header of TLS"},
		{"not TLS, one byte", func(conn *Conn) { conn.Write(flow.Client, []byte("G")) },
			NotTLS, "not TLS: client's record at byte 0 has no header of TLS"},
		{"an answer that is not TLS", func(conn *Conn) {
			conn.Write(flow.Client, c.chunks[0].b)
			conn.Write(flow.Server, []byte("HTTP/1.1 400 Bad Request\r\n"))
		}, NotTLS, "not TLS: server's record at byte 0 has no header of TLS"},
		{"a hello that is none", func(conn *Conn) {
			conn.Write(flow.Client, []byte{22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3})
		}, Corrupt, "client's record at byte 0 is corrupt: its ClientHello is malformed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := NewConn(c.keys())
			test.feed(conn)
			for _, side := range []flow.Side{flow.Client, flow.Server} {
				if p := conn.Problem(side); conn.State(side) != Opaque || p.Reason != test.reason || p.String() != test.says {
					t.Errorf("%v: %v, %d: %v\nwant %d: %v", side, conn.State(side), p.Reason, p, test.reason, test.says)
				}
			}
		})
	}
}

// A server that refuses a client says so before there are keys.
func TestPlainAlert(t *testing.T) {
	c := converse(t, clientConfig(), serverConfig(), small)
	conn := NewConn(nil)
	conn.Write(flow.Client, c.chunks[0].b)
	conn.Write(flow.Server, []byte{21, 3, 3, 0, 2, 2, 40})
	if a, ok := conn.Alert(flow.Server); !ok || !a.Fatal || a.String() != "handshake_failure" {
		t.Errorf("%v, %v", a, ok)
	}
}

func TestLooks(t *testing.T) {
	for _, c := range []struct {
		name        string
		b           string
		yes, enough bool
	}{
		{"nothing", "", false, false},
		{"one byte", "\x16", false, false},
		{"five bytes", "\x16\x03\x01\x02\x00", false, false},
		{"a hello", "\x16\x03\x01\x02\x00\x01", true, true},
		{"more than is needed", "\x16\x03\x03\x02\x00\x01\x00\x01\xfc", true, true},
		{"the longest", "\x16\x03\x01\x40\x00\x01", true, true},
		{"too long", "\x16\x03\x01\x40\x01\x01", false, true},
		{"empty", "\x16\x03\x01\x00\x00\x01", false, true},
		{"a version of the future", "\x16\x03\x05", false, true},
		{"application data", "\x17\x03\x03", false, true},
		{"another message", "\x16\x03\x03\x00\x30\x02", false, true},
		{"HTTP", "GET / HTTP/1.1", false, true},
		{"HTTP/2", "PRI * HTTP/2.0", false, true},
		{"SSH", "S", false, true},
	} {
		if yes, enough := Looks([]byte(c.b)); yes != c.yes || enough != c.enough {
			t.Errorf("%s: %v, %v, want %v, %v", c.name, yes, enough, c.yes, c.enough)
		}
	}
}
