// Package nethttp has the client and the server of Go's net/http as guests of a lab, as
// they come: HTTP/2 with prior knowledge (RFC 9113 3.3), whose windows and limits are
// those of [http.HTTP2Config].
//
// Both the stream's and the connection's credit come from what the application reads, so
// that one stream which is not read can hold all of the connection's. Padding, and bytes
// that nobody will read any more, are credited at once; those of an answer once its body
// is closed. docs/peers.md has what it does on the wire.
package nethttp
