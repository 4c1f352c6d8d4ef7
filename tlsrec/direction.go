package tlsrec

import "flowlab/flow"

// epoch is which keys protect a direction (RFC 8446 B.1).
type epoch uint8

const (
	plaintext epoch = iota
	early           // 0-RTT data, of the client only
	handshake       // in TLS 1.2: after ChangeCipherSpec, up to the Finished
	application
)

// gap is a run of bytes that the capture lost.
type gap struct{ at, n int64 }

// maxGaps bounds the gaps that wait behind bytes that cannot be read yet.
const maxGaps = 1024

// maxOffset bounds the offsets, so that no sum of gaps overflows.
const maxOffset = 1 << 62

// direction is what one side sends: bytes that are not read yet, and where in the
// protocol their reading stands.
//
// Bytes and records are counted by their offset in the direction, from 0, with the
// gaps.
type direction struct {
	from flow.Side

	buf  []byte
	read int   // of buf, how much has been used
	pos  int64 // the offset of the first byte not used
	gaps []gap // behind it, in order

	epoch    epoch
	keys     *protection // nil until a record needs them
	seeking  bool        // records that do not open are another epoch's: pass over
	rejected bool        // 0-RTT data were refused: they are to be passed over
	passed   int         // records passed over
	messages messages
	blind    bool // records of the handshake are missing: where messages begin is not known

	opened   bool  // some record did open
	failures int   // records that did not, in a row
	failedAt int64 // where the first of them begins
	skipTo   int64 // bytes up to here are of a record that is lost
	search   search
	lost     bool // plaintext is missing before the next that comes

	opaque     bool
	waiting    bool   // for a secret
	generation uint64 // of the key log, when it was asked last
	problem    Problem
	alert      Alert
	alerted    bool
}

// keep copies bytes behind those that are not used yet.
func (d *direction) keep(b []byte) {
	if d.read > 0 && len(d.buf)+len(b) > cap(d.buf) && d.read >= len(d.buf)-d.read {
		d.buf = d.buf[:copy(d.buf, d.buf[d.read:])]
		d.read = 0
	}
	d.buf = append(d.buf, b...)
}

// largeBuffer is more than is kept for an idle direction.
const largeBuffer = 128 << 10

// use moves on by n bytes of the buffer. They stay readable until more are kept.
func (d *direction) use(n int) {
	d.read += n
	d.pos += int64(n)
	if d.read < len(d.buf) {
		return
	}
	d.buf, d.read = d.buf[:0], 0
	if cap(d.buf) > largeBuffer {
		d.buf = nil
	}
}

// held is how many bytes are kept.
func (d *direction) held() int { return len(d.buf) - d.read }

// ready returns the bytes that are there up to the next gap.
func (d *direction) ready() []byte {
	b := d.buf[d.read:]
	if len(d.gaps) > 0 {
		b = b[:d.gaps[0].at-d.pos]
	}
	return b
}

// end is the offset behind all that came.
func (d *direction) end() int64 {
	end := d.pos + int64(d.held())
	for _, g := range d.gaps {
		end += g.n
	}
	return end
}

// miss notes that n bytes are missing behind all that came.
func (d *direction) miss(n int64) {
	at := d.end()
	n = min(n, maxOffset-at)
	if n <= 0 {
		return
	}
	if last := len(d.gaps) - 1; last >= 0 && d.gaps[last].at+d.gaps[last].n == at {
		d.gaps[last].n += n
		return
	}
	d.gaps = append(d.gaps, gap{at, n})
}

// cross moves over the bytes before the next gap and the gap.
func (d *direction) cross() {
	d.use(len(d.ready()))
	d.pos += d.gaps[0].n
	d.gaps = d.gaps[1:]
	if len(d.gaps) == 0 {
		d.gaps = nil
	}
}

// install gives a direction the keys of an epoch.
func (d *direction) install(e epoch, p *protection) {
	d.epoch, d.keys = e, p
	d.waiting = false
}

// leave ends an epoch: the next record wants the keys of another.
func (d *direction) leave(next epoch) {
	d.install(next, nil)
	d.messages, d.blind, d.failures = messages{}, false, 0
}

// missRecord counts a record that is lost, between others that are not.
func (d *direction) missRecord() {
	if d.failures == 0 {
		d.failedAt = d.pos
	}
	d.failures++
	if d.keys != nil && !d.seeking {
		d.keys.seq++
	}
	d.lost = true
	d.messages, d.blind = messages{}, d.epoch != application
}

// drop forgets what is held.
func (d *direction) drop() {
	d.pos = d.end()
	d.buf, d.read, d.gaps = nil, 0, nil
	d.keys, d.messages = nil, messages{}
}
