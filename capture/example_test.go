package capture_test

import (
	"bytes"
	"fmt"
	"io"
	"log"

	"flowlab/capture"
	"flowlab/tcpwin"
)

// A packet goes to a file with a comment, comes back, and gives a segment.
func Example() {
	var file bytes.Buffer
	w, err := capture.NewWriter(&file, []capture.Interface{{Name: "client", LinkType: capture.RawIP}}, "")
	if err != nil {
		log.Fatal(err)
	}
	packet := []byte("\x45\x00\x00\x28\x00\x00\x40\x00\x40\x06\x00\x00" + // IPv4, 40 bytes, TCP
		"\x0a\x00\x00\x01\x0a\x00\x00\x02" + // 10.0.0.1 to 10.0.0.2
		"\xc3\x50\x1f\x90\x00\x00\x00\x01\x00\x00\x00\x02\x50\x10\x00\x00\x00\x00\x00\x00")
	if err := w.Write(capture.Packet{Time: 1, Data: packet, Length: len(packet)}, "zero window"); err != nil {
		log.Fatal(err)
	}

	r, err := capture.NewReader(&file)
	if err != nil {
		log.Fatal(err)
	}
	for {
		p, err := r.Next() // its data is valid until the next call
		if err == io.EOF {
			break
		} else if err != nil {
			log.Fatal(err)
		}
		var s tcpwin.Segment
		tuple, err := capture.DecodeIP(p.Data, p.Length, &s)
		if err != nil {
			continue // not TCP, or cut too short
		}
		fmt.Println(tuple.Src, "to", tuple.Dst, "seq", s.Seq, "ack", s.Ack, "window", s.Window)
	}
	// Output:
	// 10.0.0.1:50000 to 10.0.0.2:8080 seq 1 ack 2 window 0
}
