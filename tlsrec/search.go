package tlsrec

// After missing bytes neither the next record's beginning nor its number is
// known. A header is five bytes with few values, so there are few places that
// look like one, and only a true record with its true number authenticates: the
// search tries the numbers that the missing bytes leave room for.
const (
	maxTries   = 1 << 14
	maxTried   = 160 << 20 // bytes
	maxScanned = 1 << 20   // bytes; a record begins in any 16 KiB
	maxNumbers = 4096      // of records, for one place and one set of keys
)

// search is one for where the records of a direction go on.
type search struct {
	on bool
	// boundary is the offset of a record's beginning, the last that is known;
	// the direction's keys have the number of that record.
	boundary int64
	tries    int
	tried    int64 // bytes of them
	scanned  int64 // bytes passed over
}

// lookFrom begins a search. Records were whole up to boundary.
func (c *Conn) lookFrom(d *direction, boundary int64) {
	d.search = search{on: true, boundary: boundary}
	d.skipTo = 0
	d.lost = true
	d.messages, d.blind = messages{}, d.epoch != application
}

// searchOn goes on with a search.
func (c *Conn) searchOn(d *direction) outcome {
	if c.suite == nil {
		return stuck
	}
	for {
		b := d.ready()
		i := 0
		for len(b)-i >= headerLen && !c.plausible(d, b[i:]) {
			i++
		}
		c.passed(d, i)
		if d.opaque {
			return moved
		}
		b = b[i:]
		whole := len(b) >= headerLen && len(b) >= headerLen+readHeader(b).length
		switch {
		case !whole && len(d.gaps) == 0:
			return stuck
		case !whole && len(b) < headerLen:
			d.cross()
			continue
		case !whole:
			c.passed(d, 1) // it may be none
			continue
		}
		n := headerLen + readHeader(b).length
		if len(b) >= n+headerLen && !c.plausible(d, b[n:]) {
			c.passed(d, 1) // a record is followed by another
			continue
		}
		if b[0] == typeChangeCipherSpec {
			d.search.on = false // as good as a record: see plausible
			return moved
		}
		switch c.try(d, b[:n]) {
		case ready:
			d.search.on = false
			return moved
		case notYet:
			return stuck
		case again:
			return moved
		}
		c.passed(d, 1)
		if d.opaque {
			return moved
		}
	}
}

// passed passes over bytes in which no record begins.
func (c *Conn) passed(d *direction, n int) {
	d.use(n)
	if d.search.scanned += int64(n); d.search.scanned > maxScanned {
		c.lostTrace(d)
	}
}

// plausible tells whether a sealed record may begin there. In TLS 1.2 so may a
// ChangeCipherSpec, if the Finished follows it.
func (c *Conn) plausible(d *direction, b []byte) bool {
	if b[1] != 3 || b[2] != 3 {
		return false
	}
	h := readHeader(b)
	if c.suite.tls13 {
		return h.typ == typeApplicationData && h.length > tagLen && h.length <= maxBody13
	}
	if h.typ == typeChangeCipherSpec {
		const finished = headerLen + 1
		return d.epoch == plaintext && h.length == 1 && len(b) > finished && b[headerLen] == 1 && b[finished] == typeHandshake
	}
	return h.typ > typeChangeCipherSpec && h.typ <= typeApplicationData && h.length >= tagLen && h.length <= maxBody12
}

// try tries which record it is, by its number, under the keys of the direction
// and those that may have followed.
func (c *Conn) try(d *direction, record []byte) readiness {
	var all []keyed
	if d.epoch != plaintext {
		if d.keys == nil && !c.enter(d) {
			if d.opaque {
				return again
			}
			return notYet
		}
		all = append(all, keyed{d.epoch, d.keys})
	}
	follow, complete := c.later(d)
	if d.opaque {
		return again
	}
	missing := d.pos - d.search.boundary
	for i, k := range append(all, follow...) {
		own := i < len(all)
		over := int64(headerLen + k.keys.overhead())
		least, most := uint64(0), uint64(missing/over)
		if own && d.epoch == application && !d.seeking {
			least = uint64((missing + over + maxPlain - 1) / (over + maxPlain))
		}
		base := uint64(0)
		if own {
			base = k.keys.seq
		}
		if own && k.keys.explicit && k.keys.opened > 0 {
			// The sender most likely counts the nonces that it sends.
			seq := k.keys.carriedSeq + carriedNonce(record) - k.keys.carried
			if seq-base <= most && c.attempt(d, k, seq, record) {
				return ready
			}
		}
		for n := least; n <= most && n-least < maxNumbers; n++ {
			if c.attempt(d, k, base+n, record) {
				return ready
			}
			if d.opaque {
				return again
			}
		}
	}
	if !complete {
		return notYet
	}
	return passOver
}

// attempt tries one number, and if it is right goes on from there.
func (c *Conn) attempt(d *direction, k keyed, seq uint64, record []byte) bool {
	s := &d.search
	if s.tries, s.tried = s.tries+1, s.tried+int64(len(record)); s.tries > maxTries || s.tried > maxTried {
		c.lostTrace(d)
		return false
	}
	if _, _, ok := c.opener.open(k.keys, seq, record); !ok {
		return false
	}
	c.arrived(d)
	c.goOn(d, k, seq)
	return true
}

// lostTrace ends a search that found nothing.
func (c *Conn) lostTrace(d *direction) {
	c.fail(d, Problem{Reason: Bridgeless, Offset: d.search.boundary, What: "where the records go on after them was not found"})
}
