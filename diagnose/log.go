package diagnose

import (
	"encoding/binary"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// A capture of a busy server, or of a scan, may have a million connections open
// at a time, most of which say little. So the first segments of a connection are
// only written down, and ledgers, which take ten times as much, are made when
// that is full.

const (
	cellSize = 116 // bytes of a log that are allocated at a time
	maxCells = 4   // of one log
	maxBrief = 64  // no segment takes more bytes
)

// cell is a piece of a log.
type cell struct {
	next uint32 // the next cell's number plus one
	text [cellSize]byte
}

// segmentLog is what was written down of one connection: a list of cells.
type segmentLog struct {
	first, last uint32 // cells' numbers plus one
	used        uint16 // bytes, in all cells
	count       uint16 // segments
}

// paper is what logs are written on.
type paper struct {
	pages [][]cell
	cells int
	free  uint32 // the first of a list of free cells, its number plus one
	text  []byte // of one log, when it is read
}

func (p *paper) at(n uint32) *cell { return &p.pages[(n-1)/pageSize][(n-1)%pageSize] }

func (p *paper) take() uint32 {
	if n := p.free; n != 0 {
		p.free = p.at(n).next
		p.at(n).next = 0
		return n
	}
	if p.cells%pageSize == 0 {
		p.pages = append(p.pages, make([]cell, pageSize))
	}
	p.cells++
	return uint32(p.cells)
}

// write writes a segment down; it is false if it does not fit.
func (p *paper) write(l *segmentLog, e *entry, s *tcpwin.Segment, frame int) bool {
	if s.NumSACK > 0 || int(l.used)+maxBrief > maxCells*cellSize {
		return false
	}
	var brief [maxBrief]byte
	last := before{time: e.last, frame: e.frame, end: e.next[s.From], ack: e.next[s.From.Peer()]}
	text := appendBrief(brief[:0], &last, s, frame)
	for len(text) > 0 {
		at := int(l.used) % cellSize
		if at == 0 {
			n := p.take()
			if l.first == 0 {
				l.first = n
			} else {
				p.at(l.last).next = n
			}
			l.last = n
		}
		n := copy(p.at(l.last).text[at:], text)
		text = text[n:]
		l.used += uint16(n)
	}
	l.count++
	return true
}

// read enters what was written of a connection in enter, and gives the paper
// back. It leaves e as it was when the first segment was written.
func (p *paper) read(e *entry, enter func(s *tcpwin.Segment, frame int)) {
	l := e.log
	if l.count == 0 {
		return
	}
	p.text = p.text[:0]
	for n := l.first; n != 0; n = p.at(n).next {
		p.text = append(p.text, p.at(n).text[:]...)
	}
	p.at(l.last).next = p.free
	p.free = l.first
	e.log = segmentLog{}

	again := entry{hash: e.hash, tuple: e.tuple}
	text := p.text
	var s tcpwin.Segment
	var frame int
	for range l.count {
		s, frame, text = readBrief(text, &again)
		again.follow(&s)
		again.frame = frame
		enter(&s, frame)
	}
}

// before is what a segment is written down relative to: most of its fields are
// those of the ones before, or a little more.
type before struct {
	time     flow.Time
	frame    int
	end, ack flow.Seq
}

// Bits of a brief's second byte; the first is the segment's flags.
const (
	briefServer = 1 << iota
	briefStamp
	briefMSS
	briefScale
)

// appendBrief writes a segment without SACK blocks in few bytes.
func appendBrief(b []byte, last *before, s *tcpwin.Segment, frame int) []byte {
	var has byte
	if s.From == flow.Server {
		has |= briefServer
	}
	if s.HasTS {
		has |= briefStamp
	}
	if s.MSS != 0 {
		has |= briefMSS
	}
	if s.Scale != -1 {
		has |= briefScale
	}
	b = append(b, byte(s.Flags), has)
	b = binary.AppendVarint(b, int64(s.Time-last.time))
	b = binary.AppendUvarint(b, uint64(frame-last.frame))
	b = binary.AppendVarint(b, int64(s.Seq.Sub(last.end)))
	b = binary.AppendVarint(b, int64(s.Ack.Sub(last.ack)))
	b = binary.AppendUvarint(b, uint64(s.Len))
	b = binary.LittleEndian.AppendUint16(b, s.Window)
	if s.HasTS {
		b = binary.LittleEndian.AppendUint32(b, s.TSVal)
		b = binary.AppendVarint(b, int64(int32(s.TSVal-s.TSEcr)))
	}
	if s.MSS != 0 {
		b = binary.LittleEndian.AppendUint16(b, s.MSS)
	}
	if s.Scale != -1 {
		b = append(b, byte(s.Scale))
	}
	return b
}

// readBrief reads what appendBrief wrote when the connection stood as e does.
func readBrief(b []byte, e *entry) (s tcpwin.Segment, frame int, rest []byte) {
	signed := func() int64 {
		v, n := binary.Varint(b)
		b = b[n:]
		return v
	}
	unsigned := func() int {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return int(v)
	}
	flags, has := tcpwin.Flags(b[0]), b[1]
	b = b[2:]
	s = tcpwin.Segment{Flags: flags, Scale: -1, HasTS: has&briefStamp != 0}
	if has&briefServer != 0 {
		s.From = flow.Server
	}
	s.Time = e.last + flow.Time(signed())
	frame = e.frame + unsigned()
	s.Seq = e.next[s.From].Add(int(signed()))
	s.Ack = e.next[s.From.Peer()].Add(int(signed()))
	s.Len = unsigned()
	s.Window = binary.LittleEndian.Uint16(b)
	b = b[2:]
	if s.HasTS {
		s.TSVal = binary.LittleEndian.Uint32(b)
		b = b[4:]
		s.TSEcr = s.TSVal - uint32(signed())
	}
	if has&briefMSS != 0 {
		s.MSS = binary.LittleEndian.Uint16(b)
		b = b[2:]
	}
	if has&briefScale != 0 {
		s.Scale = int8(b[0])
		b = b[1:]
	}
	return s, frame, b
}
