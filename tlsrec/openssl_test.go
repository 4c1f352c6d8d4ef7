package tlsrec

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/internal/need"
)

// openssl runs s_server and s_client with a wire between them that is captured:
// it has what crypto/tls has not, such as 0-RTT data and KeyUpdate.
type openssl struct {
	t       *testing.T
	path    string
	folder  string
	capture capture
	client  *program
	server  *program
}

// program is a running openssl.
type program struct {
	t    *testing.T
	name string
	in   io.WriteCloser
	cmd  *exec.Cmd

	mu   sync.Mutex
	more *sync.Cond
	out  bytes.Buffer
	over bool
}

func newOpenSSL(t *testing.T) *openssl {
	o := &openssl{t: t, path: need.Program(t, "openssl"), folder: t.TempDir()}
	certificate := certificates()[0]
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	o.write("certificate", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}))
	o.write("key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	return o
}

func (o *openssl) file(name string) string { return filepath.Join(o.folder, name) }

func (o *openssl) write(name string, b []byte) {
	o.t.Helper()
	if err := os.WriteFile(o.file(name), b, 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o *openssl) start(name string, args ...string) *program {
	o.t.Helper()
	p := &program{t: o.t, name: name, cmd: exec.Command(o.path, args...)}
	p.more = sync.NewCond(&p.mu)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.WaitDelay = time.Second
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		o.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		p.cmd.Wait()
		p.mu.Lock()
		p.over = true
		p.mu.Unlock()
		p.more.Broadcast()
		close(done)
	}()
	o.t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-done
	})
	return p
}

// Write takes what the program prints.
func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.more.Broadcast()
	return p.out.Write(b)
}

// await waits until the program has printed something, so many times.
func (p *program) await(what string, times int) string {
	p.t.Helper()
	late := time.AfterFunc(20*time.Second, func() { p.cmd.Process.Kill() })
	defer late.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for strings.Count(p.out.String(), what) < times {
		if p.over {
			p.t.Fatalf("%s did not print %q:\n%s", p.name, what, p.out.String())
		}
		p.more.Wait()
	}
	return p.out.String()
}

// end closes the program's input and waits until it is over.
func (p *program) end() {
	p.in.Close()
	late := time.AfterFunc(20*time.Second, func() { p.cmd.Process.Kill() })
	defer late.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.over {
		p.more.Wait()
	}
}

func (p *program) say(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(p.in, text); err != nil {
		t.Fatal(err)
	}
}

// serve starts s_server, and returns its address.
func (o *openssl) serve(args ...string) string {
	o.t.Helper()
	o.server = o.start("s_server", append([]string{"s_server", "-accept", "127.0.0.1:0", "-cert", o.file("certificate"), "-key", o.file("key")}, args...)...)
	out := o.server.await("ACCEPT 127.0.0.1:", 1)
	_, out, _ = strings.Cut(out, "ACCEPT ")
	address, _, _ := strings.Cut(out, "\n")
	return address
}

// connect starts s_client with a captured wire to an address, for one connection.
func (o *openssl) connect(address string, args ...string) {
	o.t.Helper()
	o.capture.mu.Lock()
	o.capture.chunks = nil
	o.capture.mu.Unlock()
	os.Remove(o.file("keylog"))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		o.t.Fatal(err)
	}
	go func() {
		defer listener.Close()
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", address)
		if err != nil {
			client.Close()
			return
		}
		go o.relay(flow.Client, client, server)
		o.relay(flow.Server, server, client)
	}()
	o.client = o.start("s_client", append([]string{"s_client", "-connect", listener.Addr().String(), "-keylogfile", o.file("keylog")}, args...)...)
}

// relay captures what it carries before it carries it on.
func (o *openssl) relay(side flow.Side, from, to net.Conn) {
	defer to.Close()
	b := make([]byte, 1<<16)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		o.capture.add(side, b[:n])
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

// talk has both sides say something, and waits until the other has it.
func (o *openssl) talk(client, server string) {
	o.t.Helper()
	o.client.say(o.t, client)
	o.server.await(client, 1)
	o.server.say(o.t, server)
	o.client.await(server, 1)
	o.capture.sent[flow.Client].WriteString(client)
	o.capture.sent[flow.Server].WriteString(server)
}

// captured ends the connection and returns what was captured of it.
func (o *openssl) captured() *capture {
	o.t.Helper()
	o.client.end()
	log, err := os.ReadFile(o.file("keylog"))
	if err != nil {
		o.t.Fatal(err)
	}
	o.capture.mu.Lock()
	defer o.capture.mu.Unlock()
	c := &capture{chunks: o.capture.chunks, sent: o.capture.sent}
	c.keyLog.Write(log)
	o.capture.sent = [2]bytes.Buffer{}
	return c
}

func TestOpenSSLSuites(t *testing.T) {
	o := newOpenSSL(t)
	for _, c := range []struct {
		name   string
		server []string
		client []string
		suite  Suite
	}{
		{"TLS 1.3, AES-128", []string{"-ciphersuites", "TLS_AES_128_GCM_SHA256"}, nil, 0x1301},
		{"TLS 1.3, AES-256", []string{"-ciphersuites", "TLS_AES_256_GCM_SHA384"}, nil, 0x1302},
		{"TLS 1.3, ChaCha20", []string{"-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"}, nil, 0x1303},
		{"TLS 1.2, DHE", []string{"-tls1_2", "-cipher", "DHE-RSA-AES256-GCM-SHA384"}, nil, 0x009f},
		{"TLS 1.2, DHE, ChaCha20", []string{"-tls1_2", "-cipher", "DHE-RSA-CHACHA20-POLY1305"}, nil, 0xccaa},
		{"TLS 1.2, RSA", []string{"-tls1_2", "-cipher", "AES128-GCM-SHA256"}, nil, 0x009c},
		{"TLS 1.2, PSK", []string{"-tls1_2", "-cipher", "PSK-AES128-GCM-SHA256", "-psk", "0123456789abcdef"},
			[]string{"-cipher", "PSK-AES128-GCM-SHA256", "-psk", "0123456789abcdef"}, 0x00a8},
		{"TLS 1.2, ECDHE-PSK, ChaCha20", []string{"-tls1_2", "-cipher", "ECDHE-PSK-CHACHA20-POLY1305", "-psk", "0123456789abcdef"},
			[]string{"-cipher", "ECDHE-PSK-CHACHA20-POLY1305", "-psk", "0123456789abcdef"}, 0xccac},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &openssl{t: t, path: o.path, folder: o.folder}
			o.connect(o.serve(c.server...), c.client...)
			o.talk("abc from the client\n", "def from the server\n")
			if conn := checkAll(t, o.captured()); conn.Suite() != c.suite {
				t.Errorf("it is %v, want %v", conn.Suite(), c.suite)
			}
		})
	}
}

func TestCCMIsRefused(t *testing.T) {
	o := newOpenSSL(t)
	o.connect(o.serve("-ciphersuites", "TLS_AES_128_CCM_SHA256"), "-ciphersuites", "TLS_AES_128_CCM_SHA256")
	o.talk("abc\n", "def\n")
	c := o.captured()
	p := read(t, c.keys(), c.chunks).conn.Problem(flow.Client)
	if want := "suite TLS_AES_128_CCM_SHA256 (0x1304) is not decrypted: only AES-GCM and ChaCha20-Poly1305 are"; p.String() != want {
		t.Errorf("%v, want %v", p, want)
	}
}

// Either side changes its keys, alone and together with the other: s_client takes
// a line of k or K as the wish for that.
func TestKeyUpdate(t *testing.T) {
	o := newOpenSSL(t)
	o.connect(o.serve())
	o.talk("one of the client\n", "one of the server\n")
	for i, command := range []string{"k", "K", "K", "k"} {
		o.client.say(t, command+"\n")
		o.client.await("KEYUPDATE", i+1)
		tail := strings.Repeat("!", i) + "\n"
		o.talk("after it, the client"+tail, "after it, the server"+tail)
	}
	c := o.captured()
	conn := checkAll(t, c)
	for _, side := range []flow.Side{flow.Client, flow.Server} {
		first, err := protect13(conn.suite, conn.secrets[labelFor(side, application)])
		if err != nil || conn.dirs[side].keys.secret == first.secret {
			t.Errorf("%v: its keys did not change", side)
		}
		// Whichever record is lost, also one that changes the keys, those that
		// follow are read.
		records, at := c.records(side)
		sent := c.sent[side].Bytes()
		for i := 1; i < len(records)-2; i++ {
			r := writeWithout(t, c, side, at[i], at[i+1], 100)
			if got := r.plain[side]; !bytes.HasSuffix(got, sent[len(sent)-10:]) {
				t.Errorf("%v: without record %d of %d: %q; %v", side, i, len(records), got, r.conn.Problem(side))
			}
		}
	}
}

func TestRenegotiation(t *testing.T) {
	o := newOpenSSL(t)
	o.connect(o.serve("-tls1_2", "-client_renegotiation"))
	o.talk("one of the client\n", "one of the server\n")
	o.client.say(t, "R\n")
	o.client.await("RENEGOTIATING", 1)
	o.talk("after it, the client\n", "after it, the server\n")
	c := o.captured()
	r := read(t, c.keys(), c.chunks)
	p := r.conn.Problem(flow.Client)
	if got := string(r.plain[flow.Client]); got != "one of the client\n" || p.Reason != Renegotiated || !strings.HasPrefix(p.String(), "the client renegotiated at byte ") {
		t.Errorf("%q; %v", got, p)
	}
	if got := string(r.plain[flow.Server]); got != "one of the server\n" || r.conn.State(flow.Server) != Opaque {
		t.Errorf("%q; %v: %v", got, r.conn.State(flow.Server), r.conn.Problem(flow.Server))
	}
}

func TestEarlyData(t *testing.T) {
	o := newOpenSSL(t)
	const sooner = "sent before the server said anything\n"
	o.write("early", []byte(sooner))
	for _, c := range []struct {
		name           string
		server, client []string
		accepted       bool
		retried        bool
	}{
		{"accepted", []string{"-early_data"}, nil, true, false},
		{"refused, the key too", nil, nil, false, false},
		{"refused by a second hello", []string{"-early_data", "-groups", "P-384"}, []string{"-groups", "X25519:P-384"}, false, true},
		{"accepted, with an external key", []string{"-early_data", "-psk_session", o.file("psk")}, []string{"-psk_session", o.file("psk")}, true, false},
		{"refused, but not the external key", []string{"-psk_session", o.file("psk")}, []string{"-psk_session", o.file("psk")}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &openssl{t: t, path: o.path, folder: o.folder}
			first := o.serve("-early_data", "-no_anti_replay")
			o.connect(first, "-sess_out", o.file("psk"))
			o.talk("abc\n", "def\n") // s_client has the tickets when it has the answer
			checkAll(t, o.captured())

			address, args := first, append([]string{"-early_data", o.file("early")}, c.client...)
			if c.client == nil || c.retried {
				args = append(args, "-sess_in", o.file("psk"))
			}
			if c.name != "accepted" {
				address = o.serve(append(c.server, "-no_anti_replay")...)
			}
			o.connect(address, args...)
			if c.accepted {
				o.server.await(sooner, 1)
				o.capture.sent[flow.Client].WriteString(sooner)
			}
			o.talk("later from the client\n", "later from the server\n")
			captured := o.captured()
			conn := checkAll(t, captured)
			r := read(t, captured.keys(), captured.chunks)
			want := 0
			if c.accepted {
				want = len(sooner)
			}
			if external := strings.Contains(c.name, "external"); r.conn.Resumed() != (c.accepted || external) {
				t.Errorf("resumed: %v", r.conn.Resumed())
			}
			if r.early[flow.Client] != want || r.conn.retried != c.retried || !conn.client.early {
				t.Errorf("%d bytes are read as 0-RTT data, want %d; retried %v, announced %v", r.early[flow.Client], want, r.conn.retried, conn.client.early)
			}
			// With the client's secrets alone the answer of the server is not
			// known: what it refused cannot be told from what it accepted.
			k := NewKeys()
			for line := range strings.Lines(captured.keyLog.String()) {
				if strings.HasPrefix(line, "CLIENT_") {
					k.Write([]byte(line))
				}
			}
			r = read(t, k, captured.chunks)
			if got := strings.TrimPrefix(string(r.plain[flow.Client]), sooner); got != "later from the client\n" || r.lost[flow.Client] > 0 {
				t.Errorf("with the client's secrets: %q; %v", got, r.conn.Problem(flow.Client))
			}
			// Without the early secret the rest is read all the same.
			k = NewKeys()
			for line := range strings.Lines(captured.keyLog.String()) {
				if !strings.HasPrefix(line, "CLIENT_EARLY") {
					k.Write([]byte(line))
				}
			}
			r = read(t, k, captured.chunks)
			if got := string(r.plain[flow.Client]); got != "later from the client\n" || r.lost[flow.Client] > 0 != c.accepted {
				t.Errorf("without its secret: %q, lost %d; %v", got, r.lost[flow.Client], r.conn.Problem(flow.Client))
			}
		})
	}
}

// crypto/tls and OpenSSL understand each other, and are understood.
func TestOpenSSLToCryptoTLS(t *testing.T) {
	o := newOpenSSL(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", serverConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	const said, answered = "from OpenSSL\n", "from crypto/tls\n"
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if _, err := io.ReadFull(conn, make([]byte, len(said))); err != nil {
			return
		}
		io.WriteString(conn, answered)
		io.Copy(io.Discard, conn)
	}()
	o.connect(listener.Addr().String(), "-alpn", "h2", "-servername", "flowlab.test")
	o.client.say(t, said)
	o.client.await(answered, 1)
	o.capture.sent[flow.Client].WriteString(said)
	o.capture.sent[flow.Server].WriteString(answered)
	if conn := checkAll(t, o.captured()); conn.ALPN() != "h2" || conn.ServerName() != "flowlab.test" {
		t.Errorf("protocol %q, server %q", conn.ALPN(), conn.ServerName())
	}
}
