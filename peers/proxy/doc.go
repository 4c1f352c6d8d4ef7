// Package proxy configures stock reverse proxies that take gRPC, or HTTP/2 without TLS,
// on one address and pass it on to a server at another: nginx and HAProxy. It only says how
// one is run; who starts it chooses where, in a network namespace for example.
//
//	hop := proxy.Hop{Listen: netip.MustParseAddrPort("127.0.0.2:8080"), From: netip.MustParseAddr("127.0.0.2"),
//		Server: netip.MustParseAddrPort("127.0.0.3:9000")}
//	command, err := proxy.Nginx.Command(hop, dir)
//
// A proxy has a flow-control account of its own on each side, and between the two a
// buffer. A server that does not read is felt by the client only once the buffer is full,
// and on the client's connection it looks as if the proxy did not read.
package proxy
