// Package slowstream has a scenario on gRPC: a bidirectional stream of grpc-go whose client
// is slow, and then stops, over loopback.
//
// The server sends ahead of the client's reading as far as the stream's window lets it
// (RFC 9113 5.2), and its application as far as grpc-go's write quota of 64 KiB goes beyond.
// Without options the window follows an estimate of bandwidth x delay (BDP), of up to 16 MiB,
// made while the client was fast; with InitialWindowSize it stays as it was set. The
// connection's window has no part in it: grpc-go gives its credit with receipt.
package slowstream
