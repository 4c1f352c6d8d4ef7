// Command mktraffic writes a capture of made-up TCP connections: what the
// benchmark of capture files reads.
//
//	go run ./bench/mktraffic -packets 2500000 -connections 5000 -snap 96 >headers.pcap
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"

	"flowlab/bench/traffic"
)

func main() {
	var t traffic.Traffic
	flag.IntVar(&t.Packets, "packets", 2_500_000, "how many packets")
	flag.IntVar(&t.Connections, "connections", 5_000, "how many connections")
	flag.IntVar(&t.Open, "open", 500, "how many connections are open at a time")
	flag.IntVar(&t.Snap, "snap", 96, "bytes kept of a packet")
	flag.BoolVar(&t.LeftOpen, "left-open", false, "no connection ends")
	flag.Parse()
	w := bufio.NewWriterSize(os.Stdout, 1<<20)
	err := t.Write(w)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
