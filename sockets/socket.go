package sockets

import (
	"encoding/binary"

	"flowlab/flow"
)

// Socket is a TCP socket as the kernel describes it in a dump (sock_diag(7)). It
// holds no pointer.
type Socket struct {
	At            flow.Time // when the kernel described it, to within a few milliseconds
	Cookie        uint64    // names it for as long as the host runs
	Local, Remote flow.Endpoint
	State         State
	UID           uint32
	Inode         uint32 // of its file, 0 if no process holds it any more
	RecvQ         int64  // bytes that came and that its application has not read
	SendQ         int64  // bytes written and not acknowledged
	CGroup        uint64 // the inode of its group's folder in cgroup2, 0 if not known
	RecvBuffer    int64  // bytes, with the kernel's overhead (SO_RCVBUF)
	SendBuffer    int64
	Queued        int64 // bytes of SendBuffer that are taken
	HasInfo       bool  // Info was given
	Info          Info

	congestion [16]byte
}

// Congestion is the name of the congestion control.
func (s *Socket) Congestion() string {
	for i, c := range s.congestion {
		if c == 0 {
			return string(s.congestion[:i])
		}
	}
	return string(s.congestion[:])
}

// The attributes of a message (linux/inet_diag.h).
const (
	attrInfo       = 2
	attrCongestion = 4
	attrMemory     = 7
	attrCGroup     = 21
)

// The lengths of struct inet_diag_msg and of an attribute's header.
const (
	messageLength = 72
	attrHeader    = 4
)

// The families of addresses on Linux, which are the same on all of its machines.
const (
	familyIPv4 = 2
	familyIPv6 = 10
)

// parse reads a struct inet_diag_msg and its attributes. IPv4 addresses in IPv6
// sockets are written as IPv4.
func (s *Socket) parse(b []byte) bool {
	if len(b) < messageLength || b[0] != familyIPv4 && b[0] != familyIPv6 {
		return false
	}
	native := binary.NativeEndian
	s.Local = endpoint(b[0], b[4:], b[8:])
	s.Remote = endpoint(b[0], b[6:], b[24:])
	s.State = State(b[1])
	s.Cookie = uint64(native.Uint32(b[44:])) | uint64(native.Uint32(b[48:]))<<32
	s.RecvQ, s.SendQ = int64(native.Uint32(b[56:])), int64(native.Uint32(b[60:]))
	s.UID, s.Inode = native.Uint32(b[64:]), native.Uint32(b[68:])
	s.CGroup, s.RecvBuffer, s.SendBuffer, s.Queued, s.HasInfo = 0, 0, 0, 0, false
	s.congestion = [16]byte{}
	for b = b[messageLength:]; len(b) >= attrHeader; {
		length := int(native.Uint16(b))
		if length < attrHeader || length > len(b) {
			return false
		}
		s.attribute(native.Uint16(b[2:]), b[attrHeader:length])
		b = b[min(len(b), (length+3)&^3):]
	}
	return true
}

func (s *Socket) attribute(kind uint16, value []byte) {
	native := binary.NativeEndian
	switch {
	case kind == attrInfo:
		s.HasInfo = s.Info.parse(value)
	case kind == attrCongestion:
		copy(s.congestion[:], value)
	case kind == attrMemory && len(value) >= 24: // sock_diag(7): SK_MEMINFO_*
		s.RecvBuffer, s.SendBuffer = int64(native.Uint32(value[4:])), int64(native.Uint32(value[12:]))
		s.Queued = int64(native.Uint32(value[20:]))
	case kind == attrCGroup && len(value) >= 8:
		s.CGroup = native.Uint64(value)
	}
}

// endpoint reads an address of a family and a port.
func endpoint(family byte, port, address []byte) flow.Endpoint {
	e := flow.Endpoint{Port: binary.BigEndian.Uint16(port)}
	const mapped = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff" // RFC 4291 2.5.5.2
	switch {
	case family == familyIPv4:
		e.IPv4 = true
		copy(e.IP[:4], address)
	case string(address[:12]) == mapped:
		e.IPv4 = true
		copy(e.IP[:4], address[12:16])
	default:
		copy(e.IP[:], address[:16])
	}
	return e
}
