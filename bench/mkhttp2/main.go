// Command mkhttp2 writes a capture of made-up HTTP/2 connections: what the benchmark
// of reading HTTP/2 from files reads.
//
//	go run ./bench/mkhttp2 -connections 8 -streams 500 -body 131072 >http2.pcap
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"

	"flowlab/bench/traffic"
)

func main() {
	var h traffic.HTTP2
	flag.IntVar(&h.Connections, "connections", 8, "how many connections")
	flag.IntVar(&h.Streams, "streams", 500, "how many streams each connection has over its life")
	flag.IntVar(&h.Open, "open", 20, "how many of these are open at a time")
	flag.IntVar(&h.Body, "body", 128<<10, "bytes of DATA on each stream")
	flag.Parse()
	w := bufio.NewWriterSize(os.Stdout, 1<<20)
	err := h.Write(w)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
