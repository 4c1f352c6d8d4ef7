package interop

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/internal/need"
	"flowlab/peers"
	"flowlab/peers/grpcgo"
	"flowlab/peers/nethttp"
	"flowlab/peers/nstest"
)

// The ports of servers, and of proxies in front of them.
const (
	serverPort = 50051
	proxyPort  = 8080
)

var (
	server = fmt.Sprintf("127.0.0.1:%d", serverPort)
	proxy  = fmt.Sprintf("127.0.0.1:%d", proxyPort)
)

// fileSize is the size of the file that servers have, and that clients upload.
const fileSize = 300_000

// room is a namespace for programs, with a folder that has the file.
type room struct {
	*nstest.Space
	t      *testing.T
	folder string
	keylog string // of TLS
}

func (r *room) file() string { return filepath.Join(r.folder, "file") }

func (r *room) url(scheme, path string) string { return scheme + "://" + server + path }

// write makes a file of the folder.
func (r *room) write(name, content string) string {
	r.t.Helper()
	path := filepath.Join(r.folder, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// nghttpd starts nghttpd.
func (r *room) nghttpd(args ...string) {
	r.t.Helper()
	r.Start(nstest.Program{Name: "nghttpd", Args: append([]string{"-d", r.folder, fmt.Sprint(serverPort)}, args...), Port: serverPort})
}

// nghttpdTLS starts nghttpd with a certificate of its own.
func (r *room) nghttpdTLS() {
	r.t.Helper()
	key, cert := filepath.Join(r.folder, "key"), filepath.Join(r.folder, "cert")
	r.Run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=lab", "-days", "2", "-keyout", key, "-out", cert)
	r.nghttpd(key, cert)
}

// curlTLS runs curl with a key log.
func (r *room) curlTLS(args ...string) {
	r.t.Helper()
	r.keylog = filepath.Join(r.folder, "keys")
	r.RunProgram(nstest.Program{Name: "curl", Env: []string{"SSLKEYLOGFILE=" + r.keylog},
		Args: append([]string{"--fail", "--silent", "--insecure", "--http2", "--output", "/dev/null"}, args...)})
}

// grpcServer starts grpc-go's server, with what the calls below want of it.
func (r *room) grpcServer(options grpcgo.ServerOptions) {
	var answers peers.Answers
	answers.Set("/lab.S/Up", peers.Answer{When: peers.AtEnd, ReadRate: peers.Unlimited})
	answers.Set("/lab.S/Down", peers.Answer{When: peers.AtEnd, ReadRate: peers.Unlimited, Content: content})
	answers.Set("/lab.S/Echo", peers.Answer{Echo: true, ReadRate: peers.Unlimited})
	s := grpcgo.Serve(r.Listen(serverPort), options, &answers)
	r.t.Cleanup(s.Close)
}

var content = peers.Content{Bytes: fileSize, Message: 10_000, Rate: peers.Unlimited}

// caller is a stock client.
type caller interface {
	Open(peers.Call) *peers.Party
	Close()
}

// calls makes one call after another, and holds what was written and read to what was
// asked for.
func (r *room) calls(c caller) {
	r.t.Helper()
	defer c.Close()
	small := peers.Content{Bytes: 10_000, Message: 10_000, Rate: peers.Unlimited}
	for _, call := range []struct {
		path    string
		content peers.Content
		back    int64
	}{
		// What comes before the answer to this is no answer to DATA.
		{"/lab.S/Up", peers.Content{}, 0},
		{"/lab.S/Up", content, 0}, {"/lab.S/Down", small, fileSize}, {"/lab.S/Echo", content, fileSize},
	} {
		p := c.Open(peers.Call{Path: call.path, Content: call.content, Ends: true, ReadRate: peers.Unlimited})
		select {
		case <-p.Done():
		case <-time.After(20 * time.Second):
			r.t.Fatalf("%s goes on after 20s: %+v", call.path, p.Account())
		}
		if a := p.Account(); p.Err() != nil || a.Written.Bytes != call.content.Bytes || a.Read.Bytes != call.back {
			r.t.Errorf("%s: %+v, error %v; want %d bytes back", call.path, a, p.Err(), call.back)
		}
	}
}

func (r *room) dialer(addr string) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) { return r.Dial(ctx, addr) }
}

// grpcCalls makes the calls by grpc-go's client.
func (r *room) grpcCalls(addr string) {
	r.t.Helper()
	c, err := grpcgo.NewClient(r.dialer(addr), grpcgo.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	r.calls(c)
}

// grpcJS makes them by grpc-js.
func (r *room) grpcJS() {
	r.t.Helper()
	script, err := filepath.Abs("js/client.js")
	if err != nil {
		r.t.Fatal(err)
	}
	out := r.RunProgram(nstest.Program{Name: "node", Args: []string{script, server}, Env: []string{"NODE_PATH=" + need.Node(r.t, "js")}})
	if want := "/lab.S/Up 0\n/lab.S/Up 0\n/lab.S/Down 300000\n/lab.S/Echo 300000\n"; out != want {
		r.t.Errorf("grpc-js printed %q, want %q", out, want)
	}
}

// nginx starts nginx as a gRPC proxy in front of the server.
func (r *room) nginx() {
	r.t.Helper()
	config := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr;
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path %[1]s/1; proxy_temp_path %[1]s/2; fastcgi_temp_path %[1]s/3; uwsgi_temp_path %[1]s/4; scgi_temp_path %[1]s/5;
	server { listen %[2]s http2; location / { grpc_pass grpc://%[3]s; } }
}
`, r.folder, proxy, server)
	r.Start(nstest.Program{Name: "nginx", Args: []string{"-c", r.write("nginx.conf", config)}, Port: proxyPort})
}

// haproxy starts haproxy likewise.
func (r *room) haproxy() {
	r.t.Helper()
	config := fmt.Sprintf(`defaults
	mode http
	timeout connect 5s
	timeout client 30s
	timeout server 30s
frontend front
	bind %s proto h2
	default_backend back
backend back
	server grpc %s proto h2
`, proxy, server)
	r.Start(nstest.Program{Name: "haproxy", Args: []string{"-db", "-f", r.write("haproxy.cfg", config)}, Port: proxyPort})
}

// TestInteroperation lets real programs talk to each other, and reads what they sent.
func TestInteroperation(t *testing.T) {
	var (
		near  = hop{serverPort, flow.Client}
		far   = hop{serverPort, flow.Server}
		front = hop{proxyPort, flow.Server}

		nghttpd = flight{65535, 65535, 100}
		curl    = flight{32 << 20, 32 << 20, 100}
	)
	for _, c := range []struct {
		name    string
		serve   func(*room)
		call    func(*room)
		ports   []int
		flights map[hop]flight
		least   int // connections
	}{
		{
			name:  "nghttp, nghttpd",
			serve: func(r *room) { r.nghttpd("--no-tls") },
			call: func(r *room) {
				r.Run("nghttp", "-n", r.url("http", "/file"), r.url("http", "/none"))
				r.Run("nghttp", "-n", "-d", r.file(), r.url("http", "/"))
				r.Run("nghttp", "-n", "-b", "200", "-d", r.file(), r.url("http", "/"))
			},
			flights: map[hop]flight{near: {65535, 65535, 100}, far: nghttpd}, least: 3,
		},
		{
			name:  "h2load, nghttpd",
			serve: func(r *room) { r.nghttpd("--no-tls") },
			call: func(r *room) {
				r.write("small", string(make([]byte, 20_000)))
				r.Run("h2load", "-n", "200", "-c", "4", "-m", "10", r.url("http", "/small"))
			},
			flights: map[hop]flight{near: {1<<30 - 1, 1<<30 - 1, unlimited}, far: nghttpd}, least: 4,
		},
		{
			name:  "curl, nghttpd",
			serve: func(r *room) { r.nghttpd("--no-tls") },
			call: func(r *room) {
				r.Run("curl", "--fail", "--silent", "--http2-prior-knowledge", "-o", "/dev/null", r.url("http", "/file"))
				r.Run("curl", "--silent", "--http2-prior-knowledge", "-o", "/dev/null", "-T", r.file(), r.url("http", "/file"))
			},
			flights: map[hop]flight{near: curl, far: nghttpd}, least: 2,
		},
		{
			name:  "curl with TLS, nghttpd",
			serve: (*room).nghttpdTLS,
			call: func(r *room) {
				r.curlTLS(r.url("https", "/file"), "--output", "/dev/null", r.url("https", "/file"))
				r.curlTLS("--tls-max", "1.2", r.url("https", "/file"))
				r.curlTLS("-T", r.file(), r.url("https", "/file"))
			},
			flights: map[hop]flight{near: curl, far: nghttpd}, least: 3,
		},
		{
			name:    "grpc-go, grpc-go",
			serve:   func(r *room) { r.grpcServer(grpcgo.ServerOptions{}) },
			call:    func(r *room) { r.grpcCalls(server) },
			flights: map[hop]flight{near: defaults, far: defaults}, least: 1,
		},
		{
			name:    "grpc-js, grpc-go",
			serve:   func(r *room) { r.grpcServer(grpcgo.ServerOptions{MaxConcurrentStreams: 5}) },
			call:    (*room).grpcJS,
			flights: map[hop]flight{near: defaults, far: {65535, 65535, 5}}, least: 1,
		},
		{
			name: "net/http, net/http",
			serve: func(r *room) {
				var answers peers.Answers
				answers.Set("/lab.S/Down", peers.Answer{When: peers.AtEnd, ReadRate: peers.Unlimited, Content: content})
				answers.Set("/lab.S/Echo", peers.Answer{Echo: true, ReadRate: peers.Unlimited})
				r.t.Cleanup(nethttp.Serve(r.Listen(serverPort), http.HTTP2Config{}, &answers).Close)
			},
			call:    func(r *room) { r.calls(nethttp.NewClient(r.dialer(server), nethttp.ClientOptions{})) },
			flights: map[hop]flight{near: {4 << 20, 65535 + 1<<30, unlimited}, far: {1 << 20, 1 << 20, 250}}, least: 1,
		},
		{
			name:    "grpc-go, nginx, grpc-go",
			serve:   func(r *room) { r.grpcServer(grpcgo.ServerOptions{}); r.nginx() },
			call:    func(r *room) { r.grpcCalls(proxy) },
			ports:   []int{proxyPort},
			flights: map[hop]flight{front: {65536, 1<<31 - 1, 128}, near: {1<<31 - 1, 1<<31 - 1, unlimited}}, least: 2,
		},
		{
			name:    "grpc-go, haproxy, grpc-go",
			serve:   func(r *room) { r.grpcServer(grpcgo.ServerOptions{}); r.haproxy() },
			call:    func(r *room) { r.grpcCalls(proxy) },
			ports:   []int{proxyPort},
			flights: map[hop]flight{front: {65535, 65535, 100}, near: {65535, 65535, 100}}, least: 2,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &room{Space: nstest.New(t), t: t, folder: t.TempDir()}
			r.write("file", string(bytes.Repeat([]byte("flowlab "), fileSize/8)))
			c.serve(r)
			capture := r.Capture()
			c.call(r)
			file := capture.File()
			got := read(t, file, r.keylog)
			if len(got.views) < c.least {
				t.Errorf("%d connections, want at least %d", len(got.views), c.least)
			}
			got.lawful(t)
			got.asTshark(t, file, r.keylog, append([]int{serverPort}, c.ports...))
			for at, want := range c.flights {
				if got := got.flights[at]; got != want {
					t.Errorf("the %v of port %d announces %+v, want %+v", at.side, at.port, got, want)
				}
			}
			t.Logf("frames by type %v", got.frames)
		})
	}
}
