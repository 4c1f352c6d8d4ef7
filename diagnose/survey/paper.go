package survey

import "sync/atomic"

// paper is the memory that captures are read into, in sheets. A payload that is read stays
// where it is: its sheet is written on again when the hands that need it were played.
type paper struct {
	top   *sheet // what is being written on
	blank chan *sheet
}

// sheet is a buffer of the reader, with how many need it: the reader and the hands.
type sheet struct {
	bytes []byte
	users atomic.Int32
}

// mostBlank is how many sheets are kept to be used again.
const mostBlank = 32

// next returns memory for the reader to go on in; see [capture.Reader.ReadInto].
func (p *paper) next(_ []byte, size int) []byte {
	if p.top != nil {
		if p.top.users.Load() == 1 && len(p.top.bytes) >= size {
			return p.top.bytes
		}
		p.release(p.top)
	}
	select {
	case p.top = <-p.blank:
	default:
		p.top = new(sheet)
	}
	if len(p.top.bytes) < size {
		p.top.bytes = make([]byte, size)
	}
	p.top.users.Store(1)
	return p.top.bytes
}

// keep adds the top sheet to those that a hand needs.
func (p *paper) keep(of []*sheet) []*sheet {
	if n := len(of); n > 0 && of[n-1] == p.top {
		return of
	}
	p.top.users.Add(1)
	return append(of, p.top)
}

// drop gives back the sheets of a hand that was played.
func (p *paper) drop(of []*sheet) []*sheet {
	for _, s := range of {
		p.release(s)
	}
	return of[:0]
}

func (p *paper) release(s *sheet) {
	if s.users.Add(-1) > 0 {
		return
	}
	select {
	case p.blank <- s:
	default:
	}
}
