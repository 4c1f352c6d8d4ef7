package capture

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// The file of one interface and one packet, block by block.
var smallFile = []string{
	// section: type, length, byte order, version 1.0, length unknown
	"0a0d0d0a 2c000000 4d3c2b1a 0100 0000 ffffffffffffffff",
	"0400 0700 666c6f776c616200 00000000 2c000000", // shb_userappl "flowlab"
	// interface: type, length, link type 101, all bytes are kept
	"01000000 28000000 6500 0000 00000000",
	"0200 0300 61746100 0900 0100 09000000 00000000 28000000", // if_name "ata", if_tsresol 9
	// packet: type, length, interface, time (high half first), bytes kept and on the wire
	"06000000 34000000 00000000 d2029649 01000000 05000000 dc050000",
	"4500000000000000",                        // data, padded
	"0100 0300 796f7500 00000000", "34000000", // opt_comment "you"
}

var smallPacket = Packet{Time: 0x499602d200000001, Data: []byte{0x45, 0, 0, 0, 0}, Length: 1500}

func TestWriterBytes(t *testing.T) {
	var got bytes.Buffer
	w, err := NewWriter(&got, []Interface{{Name: "ata", LinkType: RawIP}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(smallPacket, "you"); err != nil {
		t.Fatal(err)
	}
	if want := bytesOf(t, smallFile...); !bytes.Equal(got.Bytes(), want) {
		t.Errorf("wrote\n%x, want\n%x", got.Bytes(), want)
	}
}

// Secrets that are written are read, before the packets after them.
func TestWriterSecrets(t *testing.T) {
	var file bytes.Buffer
	w, err := NewWriter(&file, []Interface{{LinkType: RawIP}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Secrets(Secrets{Type: SecretsTLS, Data: make([]byte, maxPacket+1)}); err == nil {
		t.Error("secrets of more than 256 KiB are written")
	}
	for _, text := range []string{"a key", "another"} {
		if err := w.Secrets(Secrets{Type: SecretsTLS, Data: []byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(smallPacket, ""); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	got, left := r.Secrets()
	if len(got) != 2 || left != 0 || got[0].Type != SecretsTLS || string(got[0].Data) != "a key" || string(got[1].Data) != "another" {
		t.Errorf("read %v, %d left out", got, left)
	}
}

func TestWriterRefuses(t *testing.T) {
	big := make([]byte, maxPacket+1)
	for _, c := range []struct {
		name    string
		packet  Packet
		comment string
		want    string
	}{
		{"no such interface", Packet{Interface: 2}, "", "packet of interface 2: there are 1 interfaces"},
		{"negative interface", Packet{Interface: -1}, "", "packet of interface -1: there are 1 interfaces"},
		{"before 1970", Packet{Time: -5}, "", "packet of 5 ns before 1970"},
		{"too long", Packet{Data: big, Length: len(big)}, "", "packet of 262145 bytes: at most 262144 can be written"},
		{"more data than length", Packet{Data: big[:9], Length: 8}, "", "packet of 9 bytes claims a length of 8"},
		{"long comment", Packet{}, strings.Repeat("x", 65536), "comment of 65536 bytes: at most 65535 can be written"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			w, err := NewWriter(&out, []Interface{{Name: "lab", LinkType: RawIP}}, "")
			if err != nil {
				t.Fatal(err)
			}
			before := out.Len()
			if err := w.Write(c.packet, c.comment); err == nil || err.Error() != c.want {
				t.Errorf("error %q, want %q", err, c.want)
			}
			if out.Len() != before {
				t.Errorf("wrote %d bytes of a packet that it refused", out.Len()-before)
			}
		})
	}
}

func TestWriterAllocatesNothing(t *testing.T) {
	w, err := NewWriter(io.Discard, []Interface{{Name: "lab", LinkType: RawIP}}, "")
	if err != nil {
		t.Fatal(err)
	}
	p := Packet{Data: make([]byte, 1500), Length: 1500}
	write := func() {
		if err := w.Write(p, "a comment"); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, write); n != 0 {
		t.Errorf("%v allocations a packet, want none", n)
	}
}

func BenchmarkWriter(b *testing.B) {
	w, err := NewWriter(io.Discard, []Interface{{Name: "lab", LinkType: RawIP}}, "")
	if err != nil {
		b.Fatal(err)
	}
	p := Packet{Data: make([]byte, 1500), Length: 1500}
	b.ReportAllocs()
	b.SetBytes(1500)
	for b.Loop() {
		if err := w.Write(p, ""); err != nil {
			b.Fatal(err)
		}
	}
}
