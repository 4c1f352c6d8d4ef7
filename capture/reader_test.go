package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
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
		p.Data = bytes.Clone(p.Data)
		packets = append(packets, p)
	}
}

// readFile reads a whole capture from memory.
func readFile(file []byte) (*Reader, []Packet, error) {
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, nil, err
	}
	packets, err := readAll(r)
	return r, packets, err
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
	w, err := NewWriter(&out, ifaces, "")
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

// refusals are damaged files and what is not one, with the error.
func refusals() []refusal {
	le := little
	classic := pcapHead(le, pcapMicros, 2, 4, 65535, 1)
	section, iface := ngSection(le), ngInterface(le, 101, 0)
	packet := ngPacket(le, 0, 1, 1, "E") // 36 bytes
	snoop := snoopHead(2, 4)
	claim := func(block []byte, length uint32) []byte { // in its header
		le.PutUint32(block[4:], length)
		return block
	}
	return []refusal{
		{"empty", nil, "empty, not a capture file"},
		{"shorter than any magic number", []byte("hi\n"), `not a capture file: it is "hi\n"`},
		{"text", []byte("#!/bin/sh\n"), `not a capture file: it begins with "#!/bin/s"`},
		{"text that begins like snoop", []byte("snoopy is no capture"), `not a capture file: it begins with "snoopy i"`},
		{"xz", []byte("\xfd7zXZ\x00\x00\x04"), "compressed by xz, not a capture file that can be read"},

		{"pcap: cut in the file's header", classic[:23], "at byte 0, before the first packet: 24 bytes were expected, the capture ends after 23: unexpected EOF"},
		{"pcap: version", pcapHead(big, pcapMicros, 2, 5, 0, 1), "at byte 0, before the first packet: pcap version 2.5 is not known"},
		{"pcap: huge packet", slices.Concat(classic, pcapRecord(le, 0, 0, 2, 2, "ab"), pcapRecord(le, 0, 0, 1<<32-1, 1<<32-1, "")),
			"at byte 42, after packet 1: the packet claims 4294967295 bytes, more than the 262144 that can be"},
		{"pcap: cut in a packet's header", slices.Concat(classic, []byte{0, 0}), "at byte 24, before the first packet: 16 bytes were expected, the capture ends after 2: unexpected EOF"},
		{"pcap: cut before a packet's data", slices.Concat(classic, pcapRecord(le, 0, 0, 1, 1, "")), "at byte 24, before the first packet: 17 bytes were expected, the capture ends after 16: unexpected EOF"},

		{"pcapng: cut in the section", section[:11], "at byte 0, before the first packet: 12 bytes were expected, the capture ends after 11: unexpected EOF"},
		{"pcapng: byte order", bytesOfSection(le, 0x11111111, 1), "at byte 0, before the first packet: section of unknown byte order 11111111"},
		{"pcapng: version", bytesOfSection(le, byteOrderMagic, 2), "at byte 0, before the first packet: pcapng version 2.0 is not known"},
		{"pcapng: later section of another version", slices.Concat(section, iface, packet, bytesOfSection(big, byteOrderMagic, 2)), "at byte 84, after packet 1: pcapng version 2.0 is not known"},
		{"pcapng: length that is no multiple of 4", slices.Concat(section, claim(ngBlock(le, 99), 13)), "at byte 28, before the first packet: the block claims 13 bytes: must be a multiple of 4, from 12"},
		{"pcapng: length of 0", slices.Concat(section, claim(ngBlock(le, 99), 0)), "at byte 28, before the first packet: the block claims 0 bytes: must be a multiple of 4, from 12"},
		{"pcapng: too short to be a packet", slices.Concat(section, iface, ngBlock(le, blockPacket, words(le, 0, 0))), "at byte 48, before the first packet: the block claims 20 bytes, must be 32 to 16777216"},
		{"pcapng: lengths that differ", slices.Concat(section, iface[:16], words(le, 24)), "at byte 28, before the first packet: the block claims 20 bytes at its start and 24 at its end"},
		{"pcapng: lengths that differ in a packet", slices.Concat(section, iface, packet[:32], words(le, 40)), "at byte 48, before the first packet: the block claims 36 bytes at its start and 40 at its end"},
		{"pcapng: lengths that differ in an unknown block", slices.Concat(section, words(le, 99, 16, 0, 20)), "at byte 28, before the first packet: the block claims 16 bytes at its start and 20 at its end"},
		{"pcapng: huge packet block", slices.Concat(section, iface, claim(ngPacket(le, 0, 0, 1, "E"), 1<<32-4)), "at byte 48, before the first packet: the block claims 4294967292 bytes, must be 32 to 16777216"},
		{"pcapng: huge unknown block", slices.Concat(section, iface, packet, words(le, 99, 1<<32-4, 7)), "at byte 84, after packet 1: 4294967292 bytes were expected, the capture ends after 12: unexpected EOF"},
		{"pcapng: huge packet", slices.Concat(section, iface, ngBlock(le, blockPacket, words(le, 0, 0, 0, 1<<32-1, 1, 0))), "at byte 48, before the first packet: the packet claims 4294967295 bytes, its block has 4"},
		{"pcapng: unknown interface", slices.Concat(section, packet), "at byte 28, before the first packet: the block is of interface 0: its section has 0"},
		{"pcapng: interface of the section before", slices.Concat(section, iface, section, packet), "at byte 76, before the first packet: the block is of interface 0: its section has 0"},
		{"pcapng: simple packet without an interface", slices.Concat(section, ngSimple(le, 1, "E")), "at byte 28, before the first packet: the block is of interface 0: its section has 0"},
		{"pcapng: statistics of no interface", slices.Concat(section, iface, ngStatistics(le, 1)), "at byte 48, before the first packet: the block is of interface 1: its section has 1"},
		{"pcapng: option beyond its block", slices.Concat(section, ngInterface(le, 1, 0, words(le, 0xff<<16|optionName))), "at byte 28, before the first packet: option 2 claims 255 bytes, 0 are there"},
		{"pcapng: empty unit of time", slices.Concat(section, ngInterface(le, 1, 0, ngOption(le, optionUnit, ""))), "at byte 28, before the first packet: interface option 9 of 0 bytes"},
		{"pcapng: offset of 4 bytes", slices.Concat(section, ngInterface(le, 1, 0, ngOption(le, optionOffset, "1234"))), "at byte 28, before the first packet: interface option 14 of 4 bytes"},
		{"pcapng: drops of 4 bytes", slices.Concat(section, iface, ngStatistics(le, 0, ngOption(le, optionIfDrops, "1234"))), "at byte 48, before the first packet: statistics option 5 of 4 bytes"},
		{"pcapng: secrets beyond their block", slices.Concat(section, ngBlock(le, blockSecrets, words(le, 1, 5, 0))), "at byte 28, before the first packet: the secrets claim 5 bytes, their block has 4"},
		{"pcapng: time after 2262", slices.Concat(section, iface, ngPacket(le, 0, 1<<63, 1, "E")), "at byte 48, before the first packet: the packet's time is not from 1901 to 2262: stamp 9223372036854775808 in units of 10^-6 s, from 0 s after 1970"},
		{"pcapng: cut in a block's header", slices.Concat(section, iface, packet, packet[:3]), "at byte 84, after packet 1: 12 bytes were expected, the capture ends after 3: unexpected EOF"},
		{"pcapng: cut in a packet", slices.Concat(section, iface, packet, packet[:35]), "at byte 84, after packet 1: 36 bytes were expected, the capture ends after 35: unexpected EOF"},
		{"pcapng: cut in a block that nobody needs", slices.Concat(section, ngBlock(le, 99, words(le, 0))[:13]), "at byte 28, before the first packet: 16 bytes were expected, the capture ends after 13: unexpected EOF"},

		{"snoop: cut in the file's header", snoop[:15], "at byte 0, before the first packet: 16 bytes were expected, the capture ends after 15: unexpected EOF"},
		{"snoop: version", snoopHead(3, 4), "at byte 0, before the first packet: snoop version 3 is not known"},
		{"snoop: datalink type", snoopHead(2, 99), "at byte 0, before the first packet: snoop datalink type 99 is not known"},
		{"snoop: huge packet", slices.Concat(snoop, words(big, 1, 1<<20, 1<<21, 0, 0, 0)), "at byte 16, before the first packet: the packet claims 1048576 bytes, more than the 262144 that can be"},
		{"snoop: huge record", slices.Concat(snoop, words(big, 1, 1, 1<<32-1, 0, 0, 0)), "at byte 16, before the first packet: the record claims 4294967295 bytes, must be 25 to 16777216 for a packet of 1"},
		{"snoop: record shorter than its packet", slices.Concat(snoop, words(big, 1, 1, 24, 0, 0, 0)), "at byte 16, before the first packet: the record claims 24 bytes, must be 25 to 16777216 for a packet of 1"},
		{"snoop: cut in the padding", slices.Concat(snoop, snoopRecord(1, 0, 5, 0, "abcde", 0), snoopRecord(1, 0, 5, 0, "abcde", 3)[:31]), "at byte 45, after packet 1: 32 bytes were expected, the capture ends after 31: unexpected EOF"},
	}
}

type refusal struct {
	name string
	file []byte
	want string
}

// bytesOfSection is a section header with a byte-order magic and a version.
func bytesOfSection(o anyOrder, magic uint32, major uint16) []byte {
	version := o.AppendUint16(o.AppendUint16(nil, major), 0)
	return ngBlock(o, blockSection, words(o, magic), version, words(o, 1<<32-1, 1<<32-1))
}

func TestReaderRefuses(t *testing.T) {
	for _, c := range refusals() {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := readFile(c.file)
			if err == nil || err.Error() != c.want {
				t.Fatalf("error %q,\nwant  %q", err, c.want)
			}
			if cut := strings.Contains(c.want, "unexpected EOF"); errors.Is(err, io.ErrUnexpectedEOF) != cut {
				t.Errorf("wraps io.ErrUnexpectedEOF: %v, want %v", !cut, cut)
			}
			var at *ReadError
			if no := strings.Contains(c.want, "not a capture"); errors.Is(err, ErrNotCapture) != no || errors.As(err, &at) == no {
				t.Errorf("is ErrNotCapture: %v, want %v; is a ReadError: %v, want %v", !no, no, at != nil, !no)
			}
		})
	}
}

// The first error stays.
func TestReaderEndsAtAnError(t *testing.T) {
	r, _, err := readFile(slices.Concat(ngSection(little), ngInterface(little, 1, 0), ngPacket(little, 5, 0, 0, ""), ngPacket(little, 0, 0, 0, "")))
	if err == nil {
		t.Fatal("no error")
	}
	if _, again := r.Next(); again != err {
		t.Errorf("then %v, want %v again", again, err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	save := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file, _, _ := twoTaps(t)
	text, old := save("text", []byte("hello, world\n")), save("old.pcap", pcapHead(little, pcapMicros, 1, 0, 0, 1))
	cut := save("cut.pcapng", file[:len(file)-1])
	if _, err := Open(dir); err == nil || err.Error() != dir+": a directory, not a capture file" || !errors.Is(err, ErrNotCapture) {
		t.Errorf("opening a directory: %v", err)
	}
	if _, err := Open(text); err == nil || err.Error() != text+`: not a capture file: it begins with "hello, w"` || !errors.Is(err, ErrNotCapture) {
		t.Errorf("opening a text: %v", err)
	}
	if _, err := Open(old); err == nil || err.Error() != old+": at byte 0, before the first packet: pcap version 1.0 is not known" {
		t.Errorf("opening an unknown version: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opening what is not there: %v", err)
	}
	r, err := Open(cut)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, err = readAll(r)
	var at *ReadError
	if !errors.As(err, &at) || at.Path != cut || at.Packets != 1 || at.Offset != int64(len(file)-84) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("reading a cut file: %v", err)
	}
	if err == nil || !strings.HasPrefix(err.Error(), cut+": at byte ") {
		t.Errorf("reading a cut file: %v", err)
	}
}

// An error of the source is told with its place, and is not taken for the end.
func TestReaderTellsErrorsOfItsSource(t *testing.T) {
	broken := errors.New("the disk is broken")
	file, _, _ := twoTaps(t)
	r, err := NewReader(io.MultiReader(bytes.NewReader(file), iotest.ErrReader(broken)))
	if err != nil {
		t.Fatal(err)
	}
	packets, err := readAll(r)
	if len(packets) != 2 || !errors.Is(err, broken) || err.Error() != fmt.Sprintf("at byte %d, after packet 2: the disk is broken", len(file)) {
		t.Errorf("%d packets, then %v", len(packets), err)
	}
	if _, err := NewReader(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("at the start: %v", err)
	}
	if _, err := NewReader(idle{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a source that gives nothing: %v", err)
	}
}

// idle never gives a byte.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestProgress(t *testing.T) {
	file, _, _ := twoTaps(t)
	path := filepath.Join(t.TempDir(), "x.pcapng")
	if err := os.WriteFile(path, file, 0o666); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := readAll(r); err != nil {
		t.Fatal(err)
	}
	if read, total := r.Progress(); read != int64(len(file)) || total != read {
		t.Errorf("read %d of %d, want all of %d", read, total, len(file))
	}
	r, _, err = readFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if read, total := r.Progress(); read != int64(len(file)) || total != 0 {
		t.Errorf("read %d of %d, want %d of 0 of what is no file", read, total, len(file))
	}
}

// The buffer grows with what is there, not with what a record claims, and not
// beyond the longest record that there may be.
func TestReaderTakesNoMemoryOnTheFilesWord(t *testing.T) {
	claims := pcapHead(little, pcapMicros, 2, 4, 1<<32-1, 1) // so a packet may have 16 MiB
	claims = append(claims, pcapRecord(little, 0, 0, maxRecord-16, maxRecord-16, "the beginning of a huge packet")...)
	for _, c := range []struct{ there, room int }{
		{100, smallBuffer},
		{smallBuffer, readAtOnce},
		{24 + readAtOnce + 1, 2 * readAtOnce},
		{5 << 20, 8 << 20},
	} {
		r, err := NewReader(bytes.NewReader(append(claims[:40:40], make([]byte, c.there-40)...)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("error %v, want the end in a record", err)
		}
		if len(r.in.buf) != c.room {
			t.Errorf("a buffer of %d bytes for a file of %d, want %d", len(r.in.buf), c.there, c.room)
		}
	}

	whole := append(claims[:40:40], make([]byte, maxRecord-16)...)
	r, packets, err := readFile(slices.Concat(whole, pcapRecord(little, 1, 0, 1, 1, "x")))
	if err != nil || len(packets) != 2 || len(packets[0].Data) != maxRecord-16 || string(packets[1].Data) != "x" {
		t.Errorf("the longest packet: %d packets, %v", len(packets), err)
	}
	if len(r.in.buf) != maxRecord {
		t.Errorf("a buffer of %d bytes, want %d", len(r.in.buf), maxRecord)
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

// repeated is a capture of n packets of a length, in each format.
func repeated(n, length int) map[string][]byte {
	data := strings.Repeat("x", length)
	wire := uint32(length)
	pcap := pcapRecord(little, 1_700_000_000, 1, wire, wire, data)
	ng := ngPacket(little, 0, 1_700_000_000_000_000, wire, data)
	snoop := snoopRecord(1_700_000_000, 1, wire, 0, data, 0)
	return map[string][]byte{
		"pcap":   slices.Concat(pcapHead(little, pcapMicros, 2, 4, 65535, 1), bytes.Repeat(pcap, n)),
		"pcapng": slices.Concat(ngSection(little), ngInterface(little, 1, 0), bytes.Repeat(ng, n)),
		"snoop":  slices.Concat(snoopHead(2, 4), bytes.Repeat(snoop, n)),
	}
}

func TestReaderAllocatesNothing(t *testing.T) {
	for name, file := range repeated(20_000, 96) { // more than its buffer holds
		r, err := NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(15_000, func() {
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a packet, want none", name, n)
		}
	}
}

// BenchmarkReader has the cost of a packet of 96 bytes, all but the reading of
// the file itself.
func BenchmarkReader(b *testing.B) {
	for name, file := range repeated(10_000, 96) {
		b.Run(name, func(b *testing.B) {
			source := bytes.NewReader(file)
			r, err := NewReader(source)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(file) / 10_000))
			for b.Loop() {
				if _, err := r.Next(); err == io.EOF {
					source.Reset(file)
					if r, err = NewReader(source); err != nil {
						b.Fatal(err)
					}
				} else if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
