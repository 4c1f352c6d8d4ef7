// Package grpcgo has the client and the server of grpc-go as guests of a lab, as they
// come. Every call is a bidirectional stream of raw bytes; a call with one message each
// way is on the wire what a unary one is.
//
// The connection's credit comes with receipt, whatever the application does; a stream's
// comes from what it reads. So a stream that is not read holds no other. Unless a window
// is set, the windows grow by an estimate of the path's bandwidth x delay. A write
// returns while 64 KiB of the stream wait in the library. docs/peers.md has what it does
// on the wire.
//
// It is the only package that imports grpc-go.
package grpcgo
