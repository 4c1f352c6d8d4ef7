package capture

import (
	"fmt"

	"flowlab/flow"
)

// snoopMagic begins a file of Solaris' snoop (RFC 1761).
const snoopMagic = "snoop\x00\x00\x00"

// snoopLinkTypes has the link types of the datalink types in
// https://www.iana.org/assignments/snoop-datalink-types whose packets begin in
// the same way. In FDDI, addresses have their bits the other way round.
var snoopLinkTypes = map[uint32]LinkType{
	0:  Ethernet, // IEEE 802.3
	2:  6,        // IEEE 802.5
	4:  Ethernet,
	8:  10,  // FDDI
	16: 122, // IP over Fibre Channel
	18: 123, // ATM classical IP, as SunATM
}

type snoopFile struct {
	in    *input
	found *contents
}

func newSnoopFile(in *input, found *contents) (*snoopFile, error) {
	const header = 16
	head, err := in.peek(header)
	if err != nil {
		return nil, err
	}
	if string(head[:8]) != snoopMagic {
		return nil, foreign(head)
	}
	version, datalink := bigEndian.u32(head[8:]), bigEndian.u32(head[12:])
	link, known := snoopLinkTypes[datalink]
	switch {
	case version != 2:
		return nil, fmt.Errorf("snoop version %d is not known", version)
	case !known:
		return nil, fmt.Errorf("snoop datalink type %d is not known", datalink)
	}
	found.ifaces = []Interface{{LinkType: link}}
	in.pos += header
	return &snoopFile{in, found}, nil
}

func (f *snoopFile) next() (at flow.Time, iface int, data []byte, wire int, err error) {
	const header = 24
	in := f.in
	in.begin()
	head, err := in.peek(header)
	if err != nil {
		return 0, 0, nil, 0, err
	}
	original, kept := bigEndian.u32(head), bigEndian.u32(head[4:])
	length, drops := bigEndian.u32(head[8:]), bigEndian.u32(head[12:])
	seconds, micros := bigEndian.u32(head[16:]), bigEndian.u32(head[20:])
	switch {
	case kept > maxPacket: // the format has no snap length
		return 0, 0, nil, 0, tooLong(kept, maxPacket)
	case length < header+kept || length > maxRecord:
		return 0, 0, nil, 0, fmt.Errorf("the record claims %d bytes, must be %d to %d for a packet of %d",
			length, header+kept, maxRecord, kept)
	}
	record, err := in.peek(int(length)) // with the padding after the packet
	if err != nil {
		return 0, 0, nil, 0, err
	}
	in.pos += len(record)
	f.found.drops = uint64(drops) // all since the capture began
	at = flow.Time(uint64(seconds)*second + uint64(micros)*1000)
	return at, 0, record[header : header+kept : header+kept], int(original), nil
}
