package capture

import (
	"bytes"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"flowlab/flow"
)

// formatCases are files with what is in them: one for each thing that a format
// knows. They are also what the fuzz test begins with.
func formatCases() []formatCase {
	const at = 1_700_000_000 // seconds
	const stamp = at*1_000_000 + 1
	micros, nanos := flow.Time(at*second+1000), flow.Time(at*second+1)
	abc := func(t flow.Time) []Packet { return []Packet{{Time: t, Data: []byte("abc"), Length: 9}} }
	ethernet := []Interface{{LinkType: Ethernet, SnapLen: 96}}

	var cases []formatCase
	for name, o := range map[string]anyOrder{"little": little, "big": big} {
		usual := pcapRecord(o, at, 1, 3, 9, "abc")
		swapped := pcapRecord(o, at, 1, 9, 3, "abc")
		cases = append(cases,
			formatCase{name: name + " pcap: microseconds", want: abc(micros), ifaces: ethernet,
				file: slices.Concat(pcapHead(o, pcapMicros, 2, 4, 96, 1), usual)},
			formatCase{name: name + " pcap: nanoseconds", want: abc(nanos), ifaces: ethernet,
				file: slices.Concat(pcapHead(o, pcapNanos, 2, 4, 96, 1), usual)},
			formatCase{name: name + " pcap: the last second", want: abc((1<<32-1)*second + 1000), ifaces: ethernet,
				file: slices.Concat(pcapHead(o, pcapMicros, 2, 4, 96, 1), pcapRecord(o, 1<<32-1, 1, 3, 9, "abc"))},
			formatCase{name: name + " pcap: version 2.2 has the wire's length first", want: abc(micros), ifaces: ethernet,
				file: slices.Concat(pcapHead(o, pcapMicros, 2, 2, 96, 1), swapped)},
			formatCase{name: name + " pcap: version 543.0 too", want: abc(micros), ifaces: ethernet,
				file: slices.Concat(pcapHead(o, pcapMicros, 543, 0, 96, 1), swapped)},
			formatCase{name: name + " pcap: version 2.3 has either", want: append(abc(micros), abc(micros)...), ifaces: ethernet,
				file: slices.Concat(pcapHead(o, pcapMicros, 2, 3, 96, 1), swapped, usual)},
			formatCase{name: name + " pcap: modified", want: append(abc(micros), abc(micros)...), ifaces: ethernet,
				file: slices.Concat(pcapHead(o, pcapModified, 2, 4, 96, 1),
					usual[:16], words(o, 2, 0x08000000), usual[16:], usual[:16], words(o, 3, 0x86dd0100), usual[16:])},
			formatCase{name: name + " pcap: upper bits of the link type", want: abc(micros), ifaces: []Interface{{LinkType: 276, SnapLen: 96}},
				file: slices.Concat(pcapHead(o, pcapMicros, 2, 4, 96, 0x44000000|276), usual)},
			formatCase{name: name + " pcap: more than the snap length", want: []Packet{{Time: micros, Data: []byte("abc"), Length: 3}},
				ifaces: []Interface{{LinkType: Ethernet, SnapLen: 2}},
				file:   slices.Concat(pcapHead(o, pcapMicros, 2, 4, 2, 1), pcapRecord(o, at, 1, 3, 0, "abc"))},
			formatCase{name: name + " pcap: nothing", ifaces: ethernet, file: pcapHead(o, pcapMicros, 2, 4, 96, 1)},

			formatCase{name: name + " pcapng: packet", want: abc(micros), ifaces: ethernet,
				file: slices.Concat(ngSection(o), ngInterface(o, 1, 96), ngPacket(o, 0, stamp, 9, "abc"))},
			formatCase{name: name + " pcapng: obsolete packet, with a count of drops", want: abc(micros), ifaces: ethernet,
				file: slices.Concat(ngSection(o), ngInterface(o, 1, 96), ngOldPacket(o, 0, 7, stamp, 9, "abc"))},
			formatCase{name: name + " pcapng: length on the wire below what is there", want: []Packet{{Time: micros, Data: []byte("abc"), Length: 3}}, ifaces: ethernet,
				file: slices.Concat(ngSection(o), ngInterface(o, 1, 96), ngPacket(o, 0, stamp, 0, "abc"))},
			formatCase{name: name + " pcapng: options after a packet", want: abc(micros), ifaces: ethernet,
				file: slices.Concat(ngSection(o), ngInterface(o, 1, 96),
					ngBlock(o, blockPacket, words(o, 0, stamp>>32, stamp&(1<<32-1), 3, 9), []byte("abc\x00"), ngOption(o, optionComment, "a comment")))},
			formatCase{name: name + " pcapng: simple packets have the time before, and the snap length",
				ifaces: []Interface{{LinkType: Ethernet, SnapLen: 2}},
				file:   slices.Concat(ngSection(o), ngInterface(o, 1, 2), ngSimple(o, 9, "ab"), ngPacket(o, 0, stamp, 9, "abc"), ngSimple(o, 1, "a")),
				want: []Packet{
					{Data: []byte("ab"), Length: 9},
					{Time: micros, Data: []byte("abc"), Length: 9},
					{Time: micros, Data: []byte("a"), Length: 1},
				}},
			formatCase{name: name + " pcapng: interface name, unit and offset",
				ifaces: []Interface{{Name: "eth0", LinkType: RawIP}},
				file: slices.Concat(ngSection(o), ngInterface(o, 101, 0,
					ngOption(o, optionComment, "odd"), ngOption(o, optionName, "eth0\x00"), ngOption(o, optionUnit, "\x09"),
					ngOption(o, optionOffset, string(o.AppendUint64(nil, at))), ngOption(o, optionEnd, ""), []byte("not an option")),
					ngPacket(o, 0, 1, 9, "abc"), ngPacket(o, 0, 0, 9, "abc")),
				want: append(abc(nanos), abc(nanos-1)...)},
			formatCase{name: name + " pcapng: each interface has its own unit",
				ifaces: []Interface{{Name: "ms", LinkType: Ethernet}, {Name: "2^-20 s", LinkType: RawIP}},
				file: slices.Concat(ngSection(o),
					ngInterface(o, 1, 0, ngOption(o, optionName, "ms"), ngOption(o, optionUnit, "\x03")),
					ngPacket(o, 0, 1500, 9, "abc"),
					ngInterface(o, 101, 0, ngOption(o, optionName, "2^-20 s"), ngOption(o, optionUnit, "\x94")),
					ngPacket(o, 1, 3<<19, 9, "abc"), ngOldPacket(o, 1, 0, 3<<19, 9, "abc")),
				want: []Packet{
					{Time: 1_500_000_000, Data: []byte("abc"), Length: 9},
					{Time: 1_500_000_000, Interface: 1, Data: []byte("abc"), Length: 9},
					{Time: 1_500_000_000, Interface: 1, Data: []byte("abc"), Length: 9},
				}},
			formatCase{name: name + " pcapng: unknown blocks of any length", want: abc(micros), ifaces: ethernet,
				file: slices.Concat(ngSection(o), ngBlock(o, 4), ngInterface(o, 1, 96), ngBlock(o, 0x40000BAD, make([]byte, readAtOnce+99)),
					ngPacket(o, 0, stamp, 9, "abc"), ngBlock(o, 99, words(o, 1)))},
			formatCase{name: name + " pcapng: the latest statistics of each interface",
				ifaces: append(ethernet[:1:1], ethernet...), drops: 10 + 7 + 1000,
				file: slices.Concat(ngSection(o), ngInterface(o, 1, 96), ngInterface(o, 1, 96),
					ngStatistics(o, 0, ngDrops(o, optionIfDrops, 3), ngDrops(o, optionSysDrops, 4)),
					ngStatistics(o, 1, ngDrops(o, optionSysDrops, 1000), ngDrops(o, 4, 77)),
					ngStatistics(o, 0, ngDrops(o, optionIfDrops, 10)), ngStatistics(o, 0, ngDrops(o, optionSysDrops, 7)), ngStatistics(o, 1))},
			formatCase{name: name + " pcapng: secrets", secrets: []Secrets{{0x544c534b, []byte("keys!")}, {1, []byte{}}},
				file: slices.Concat(ngSection(o), ngSecrets(o, 0x544c534b, "keys!"), ngSecrets(o, 1, ""))},
			formatCase{name: name + " pcapng: nothing", file: ngSection(o)},
		)
	}
	return append(cases,
		formatCase{name: "pcapng: sections of both byte orders, numbers and drops go on",
			ifaces: []Interface{{LinkType: 1}, {LinkType: 101}, {LinkType: 113}}, drops: 5 + 6,
			file: slices.Concat(
				ngSection(little), ngInterface(little, 1, 0), ngPacket(little, 0, stamp, 9, "abc"), ngStatistics(little, 0, ngDrops(little, optionIfDrops, 5)),
				ngSection(big), ngInterface(big, 101, 0), ngInterface(big, 113, 0), ngPacket(big, 1, stamp, 9, "abc"),
				ngStatistics(big, 0, ngDrops(big, optionIfDrops, 6)), ngSimple(big, 9, "abc\x00")),
			want: []Packet{
				{Time: micros, Data: []byte("abc"), Length: 9},
				{Time: micros, Interface: 2, Data: []byte("abc"), Length: 9},
				{Time: micros, Interface: 1, Data: []byte("abc\x00"), Length: 9},
			}},
		formatCase{name: "snoop: Ethernet, with padding and drops", ifaces: []Interface{{LinkType: Ethernet}}, drops: 7,
			want: append(abc(micros), abc(micros)...),
			file: slices.Concat(snoopHead(2, 4), snoopRecord(at, 1, 9, 5, "abc", 1), snoopRecord(at, 1, 9, 7, "abc", 0))},
		formatCase{name: "snoop: FDDI", ifaces: []Interface{{LinkType: FDDI}}, file: snoopHead(2, 8)},
	)
}

type formatCase struct {
	name    string
	file    []byte
	want    []Packet
	ifaces  []Interface
	drops   int64
	secrets []Secrets
}

func TestFormats(t *testing.T) {
	for _, c := range formatCases() {
		t.Run(c.name, func(t *testing.T) {
			r, packets, err := readFile(c.file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, packets); diff != "" {
				t.Errorf("packets (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.ifaces, r.Interfaces()); diff != "" {
				t.Errorf("interfaces (-want +got):\n%s", diff)
			}
			if r.Dropped() != c.drops {
				t.Errorf("%d dropped, want %d", r.Dropped(), c.drops)
			}
			secrets, left := r.Secrets()
			if diff := cmp.Diff(c.secrets, secrets); diff != "" || left != 0 {
				t.Errorf("%d left out, secrets (-want +got):\n%s", left, diff)
			}
		})
	}
}

// It does not matter in what pieces a capture comes.
func TestFormatsByteByByte(t *testing.T) {
	for _, c := range formatCases() {
		t.Run(c.name, func(t *testing.T) {
			r, err := NewReader(iotest.OneByteReader(bytes.NewReader(c.file)))
			if err != nil {
				t.Fatal(err)
			}
			packets, err := readAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, packets); diff != "" {
				t.Errorf("packets (-want +got):\n%s", diff)
			}
		})
	}
}

// What a capture may have beside its packets costs memory for as long as it is
// read, so it is bounded.
func TestContentsAreBounded(t *testing.T) {
	secrets := ngSecrets(little, 1, string(make([]byte, 1<<20)))
	r, _, err := readFile(append(ngSection(little), bytes.Repeat(secrets, 17)...))
	if err != nil {
		t.Fatal(err)
	}
	if kept, left := r.Secrets(); len(kept) != 15 || left != 2 {
		t.Errorf("%d secrets of 1 MiB kept, %d left out, want 15 and 2", len(kept), left)
	}

	iface := ngInterface(little, 1, 0)
	_, _, err = readFile(append(ngSection(little), bytes.Repeat(iface, maxInterfaces+1)...))
	if want := "at byte 1310748, before the first packet: more than 65536 interfaces"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}

	named := ngInterface(little, 1, 0, ngOption(little, optionName, string(bytes.Repeat([]byte("x"), 1<<16-1))))
	_, _, err = readFile(append(ngSection(little), bytes.Repeat(named, 257)...))
	if want := "the names of 257 interfaces have more than 16777216 bytes"; err == nil || !bytes.HasSuffix([]byte(err.Error()), []byte(want)) {
		t.Errorf("error %v, want %s", err, want)
	}
}
