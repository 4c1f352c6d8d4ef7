package capture

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// readAll returns the packets up to the end or the first error.
func readAll(r *Reader) ([]Packet, error) {
	var packets []Packet
	for {
		p, err := r.Next()
		if err == io.EOF {
			return packets, nil
		} else if err != nil {
			return packets, err
		}
		packets = append(packets, p)
	}
}

// twoTaps is a file of a packet that passes two interfaces.
func twoTaps(t testing.TB) (file []byte, ifaces []Interface, packets []Packet) {
	t.Helper()
	ifaces = []Interface{
		{Name: "client", LinkType: RawIP},
		{Name: "server", LinkType: RawIP, SnapLen: 40},
	}
	whole := bytesOf(t, ip4, tcpSYN, synOpt)
	packets = []Packet{
		{Time: 1_700_000_000_000_000_001, Interface: 0, Data: whole, Length: 60},
		{Time: 1_700_000_000_010_000_002, Interface: 1, Data: whole, Length: 60},
	}
	var out bytes.Buffer
	w, err := NewWriter(&out, ifaces)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packets {
		if err := w.Write(p, "SYN"); err != nil {
			t.Fatal(err)
		}
	}
	packets[1].Data = whole[:40] // by the snap length
	return out.Bytes(), ifaces, packets
}

func TestReaderGivesWhatWriterTook(t *testing.T) {
	file, ifaces, want := twoTaps(t)
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("packets\n%v, want\n%v", got, want)
	}
	if !slices.Equal(r.Interfaces(), ifaces) {
		t.Errorf("interfaces %v, want %v", r.Interfaces(), ifaces)
	}
}

// Two files one after the other are one file of two sections.
func TestReaderKeepsSectionsApart(t *testing.T) {
	file, ifaces, packets := twoTaps(t)
	r, err := NewReader(bytes.NewReader(slices.Concat(file, file)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2*len(packets) {
		t.Fatalf("%d packets, want %d", len(got), 2*len(packets))
	}
	for i, p := range got {
		if p.Interface != i {
			t.Errorf("packet %d is of interface %d, want %d", i, p.Interface, i)
		}
	}
	if want := slices.Concat(ifaces, ifaces); !slices.Equal(r.Interfaces(), want) {
		t.Errorf("interfaces %v, want %v", r.Interfaces(), want)
	}
}

// Files that tcpdump and editcap wrote of a handshake, seen on all interfaces:
// the link type does not fit 8 bits, and times are in microseconds.
func TestReaderOfForeignFiles(t *testing.T) {
	const linuxSLL2 = 276
	for _, name := range []string{"handshake-sll2.pcap", "handshake-sll2.pcapng"} {
		t.Run(name, func(t *testing.T) {
			r, err := Open(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			packets, err := readAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if len(packets) != 3 {
				t.Fatalf("%d packets, want 3", len(packets))
			}
			if p := packets[1]; p.Time != 1795463234_658180_000 || p.Length != 80 || len(p.Data) != 80 {
				t.Errorf("packet 2 is of %d, %d of %d bytes, want 1795463234658180000, 80 of 80", p.Time, len(p.Data), p.Length)
			}
			if want := []Interface{{LinkType: linuxSLL2, SnapLen: 262144}}; !slices.Equal(r.Interfaces(), want) {
				t.Errorf("interfaces %v, want %v", r.Interfaces(), want)
			}
		})
	}
}

func TestReaderByteOrderAndUnits(t *testing.T) {
	section := "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
	packet := "00000006 00000024 00000000 00000000 00000bb8 00000001 00000001 45000000 00000024"
	for _, c := range []struct {
		name  string
		iface string
		want  int64 // nanoseconds that 3000 units are
	}{
		{"microseconds if nothing is said", "00000001 00000014 00650000 00000000 00000014", 3_000_000},
		{"milliseconds", "00000001 0000001c 00650000 00000000 00090001 03000000 0000001c", 3_000_000_000},
		{"nanoseconds", "00000001 0000001c 00650000 00000000 00090001 09000000 0000001c", 3000},
		{"picoseconds", "00000001 0000001c 00650000 00000000 00090001 0c000000 0000001c", 3},
		{"and an offset of 2 s", "00000001 00000028 00650000 00000000 00090001 09000000 000e0008 0000000000000002 00000028", 2_000_003_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := NewReader(bytes.NewReader(bytesOf(t, section, c.iface, packet)))
			if err != nil {
				t.Fatal(err)
			}
			p, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if int64(p.Time) != c.want {
				t.Errorf("time %d, want %d", p.Time, c.want)
			}
		})
	}
}

func TestReaderRefuses(t *testing.T) {
	const (
		section = "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
		iface   = "01000000 14000000 65000000 00000000 14000000"
		packet  = "06000000 24000000 00000000 00000000 01000000 01000000 01000000 45000000 24000000"
		classic = "d4c3b2a1 0200 0400 00000000 00000000 ffffffff 65000000"
	)
	for _, c := range []struct {
		name string
		file []string
		want string
	}{
		{"empty", nil, "empty, not a capture file"},
		{"short text", []string{"68656c6c6f"}, `not a capture file: it is "hello"`},
		{"text", []string{"23212f62696e2f73680a", "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"}, `not a capture file: it begins with "#!/bin/s"`},
		{"byte order", []string{"0a0d0d0a 1c000000 11111111 0100 0000 ffffffffffffffff 1c000000"}, "block at byte 0: section of unknown byte order 11111111"},
		{"version", []string{"0a0d0d0a 1c000000 4d3c2b1a 0200 0000 ffffffffffffffff 1c000000"}, "block at byte 0: pcapng version 2.0 is not known"},
		{"length that is no multiple of 4", []string{section, "05000000 0d000000"}, "after packet 0: block at byte 28: length of 13"},
		{"lengths that differ", []string{section, "01000000 14000000 65000000 00000000 18000000"}, "after packet 0: block at byte 28: block claims 20 bytes at its start and 24 at its end"},
		{"huge block", []string{section, iface, "06000000 fcffffff"}, "after packet 0: block at byte 48: block of type 6 claims 4294967292 bytes, must be 32 to 1048576"},
		{"huge packet", []string{section, iface, "06000000 24000000 00000000 00000000 01000000 ffffffff 01000000 45000000 24000000"}, "after packet 0: block at byte 48: packet claims 4294967295 bytes, its block has 4"},
		{"unknown interface", []string{section, packet}, "after packet 0: block at byte 28: packet of interface 0: the section has 0"},
		{"packet without time", []string{section, iface, "03000000 10000000"}, "after packet 0: block at byte 48: simple packet block: its packet has no time"},
		{"interface option beyond its block", []string{section, "01000000 18000000 65000000 00000000 0200ff00 18000000"}, "after packet 0: block at byte 28: interface option 2 claims 255 bytes, 0 are there"},
		{"empty unit of time", []string{section, "01000000 18000000 65000000 00000000 09000000 18000000"}, "after packet 0: block at byte 28: interface option 9 of 0 bytes"},
		{"binary unit of time", []string{section, "01000000 1c000000 65000000 00000000 09000100 94000000 1c000000"}, "after packet 0: block at byte 28: time in units of 2^-20 s is not supported"},
		{"too fine a unit of time", []string{section, "01000000 1c000000 65000000 00000000 09000100 40000000 1c000000"}, "after packet 0: block at byte 28: time in units of 10^-64 s is not supported"},
		{"time beyond nanoseconds", []string{section, iface, "06000000 24000000 00000000 ffffff7f 01000000 01000000 01000000 45000000 24000000"}, "after packet 0: its time is 9223372032559 s after 1970"},
		{"cut in a block's header", []string{section, iface, packet, "060000"}, "after packet 1: block at byte 84 is cut: 8 bytes were expected: unexpected EOF"},
		{"cut in a packet", []string{section, iface, packet, "06000000 24000000 0000"}, "after packet 1: block at byte 84 is cut: 36 bytes were expected: unexpected EOF"},
		{"cut in a block that nobody needs", []string{section, "05000000 24000000 0000"}, "after packet 0: block at byte 28 is cut: 36 bytes were expected: unexpected EOF"},
		{"classic, huge packet", []string{classic, "00000000 00000000 ffffffff ffffffff"}, "after packet 0: capture length exceeds snap length: 4294967295 > 262144"},
		{"classic, cut in a packet's header", []string{classic, "0000"}, "after packet 0: unexpected EOF"},
		{"classic, cut before a packet's data", []string{classic, "00000000 00000000 01000000 01000000"}, "after packet 0: unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := NewReader(bytes.NewReader(bytesOf(t, c.file...)))
			if err == nil {
				_, err = readAll(r)
			}
			if err == nil || err.Error() != c.want {
				t.Errorf("error %q,\nwant  %q", err, c.want)
			}
			if cut := strings.Contains(c.name, "cut "); errors.Is(err, io.ErrUnexpectedEOF) != cut {
				t.Errorf("%q wraps io.ErrUnexpectedEOF: %v, want %v", err, !cut, cut)
			}
		})
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	cut := filepath.Join(dir, "cut.pcapng")
	file, _, _ := twoTaps(t)
	if err := os.WriteFile(cut, file[:len(file)-1], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || err.Error() != dir+": a directory, not a capture file" {
		t.Errorf("opening a directory: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opening what is not there: %v", err)
	}
	r, err := Open(cut)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := readAll(r); err == nil || !strings.HasPrefix(err.Error(), cut+": after packet 1: ") {
		t.Errorf("reading a cut file: %v", err)
	}
}

// A packet that arrives through a pipe is there before the next one is sent.
func TestReaderHoldsNothingBack(t *testing.T) {
	file, _, packets := twoTaps(t)
	const second = 84 // bytes of the second packet's block
	in, out := io.Pipe()
	sent := make(chan int)
	go func() {
		n, _ := out.Write(file[:len(file)-second])
		sent <- n
	}()
	r, err := NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if p.Time != packets[0].Time {
		t.Errorf("time %d, want %d", p.Time, packets[0].Time)
	}
	<-sent
}

func FuzzReader(f *testing.F) {
	file, _, _ := twoTaps(f)
	f.Add(file)
	f.Add(bytesOf(f, smallFile...))
	for _, name := range []string{"handshake-sll2.pcap", "handshake-sll2.pcapng"} {
		seed, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		packets, _ := readAll(r)
		total := 0
		for _, p := range packets {
			total += len(p.Data)
			if p.Interface < 0 || p.Interface >= len(r.Interfaces()) {
				t.Errorf("packet of interface %d, there are %d", p.Interface, len(r.Interfaces()))
			}
		}
		if total > len(data) {
			t.Errorf("%d bytes of packets in a file of %d", total, len(data))
		}
	})
}

func BenchmarkReader(b *testing.B) {
	var file bytes.Buffer
	w, err := NewWriter(&file, []Interface{{Name: "lab", LinkType: RawIP}})
	if err != nil {
		b.Fatal(err)
	}
	const packets = 1000
	for range packets {
		if err := w.Write(Packet{Data: make([]byte, 1500), Length: 1500}, ""); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(file.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		if got, err := readAll(r); err != nil || len(got) != packets {
			b.Fatalf("%d packets, %v", len(got), err)
		}
	}
}
