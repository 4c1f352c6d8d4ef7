package peer

// crowded is how much may be pending before credit waits: a side whose writes are
// stuck would pile up updates without end.
const crowded = 256 << 10

// settle gives back the credit that is due: to a stream, if one is given, and to the
// connection.
func (c *Conn) settle(s *Stream) {
	if len(c.pending) > crowded {
		c.unsettled = true
		return
	}
	k := &c.knobs.Credit
	if s != nil && !s.remoteEnded && !s.gone {
		if n := c.due(s.debt.owed(k.Stream), c.offered().window); n > 0 {
			c.update(s, n)
		}
	}
	if n := c.due(c.debt.owed(k.Conn), c.connShare); n > 0 {
		c.update(nil, n)
	}
}

func (c *Conn) settleAll() {
	c.unsettled = false
	for _, id := range c.ids() {
		c.settle(c.streams[id])
	}
	c.settle(nil)
}

// offered are the limits that this side has sent last, in force or not yet.
func (c *Conn) offered() limits {
	last := c.mine
	for _, settings := range c.unacked {
		for _, s := range settings {
			last.set(s)
		}
	}
	return last
}

// due is how much of what is owed an update is to grant now.
func (c *Conn) due(owed, window int64) int64 {
	k := &c.knobs.Credit
	threshold := k.Bytes
	if threshold == 0 {
		threshold = int64(k.Share * float64(window))
	}
	if owed == 0 || owed < threshold {
		return 0
	}
	if k.MaxUpdate > 0 {
		owed = min(owed, k.MaxUpdate)
	}
	return owed
}

// update sends an update that is due, or breaks a rule with it.
func (c *Conn) update(s *Stream, n int64) {
	w, d, id := &c.recv, &c.debt, uint32(0)
	if s != nil {
		w, d, id = &s.recv, &s.debt, s.id
	}
	switch {
	case c.broken.has(WindowUpdateZero):
		c.framer.WriteWindowUpdate(id, 0)
		return
	case c.broken.has(WindowOverflow):
		d.returned += n
		n = maxWindow
	default:
		n = min(n, maxWindow-w.size)
		if n <= 0 {
			return
		}
		d.returned += n
	}
	w.deposit(n)
	c.framer.WriteWindowUpdate(id, uint32(n))
}

// grant sends an update by hand, of the connection's window where no stream is given.
func (c *Conn) grant(s *Stream, n int64) {
	w, d, id := &c.recv, &c.debt, uint32(0)
	if s != nil {
		w, d, id = &s.recv, &s.debt, s.id
	}
	d.repaid(n)
	w.deposit(n)
	c.framer.WriteWindowUpdate(id, uint32(n))
}

// discard credits bytes of DATA that no application will read to the connection.
func (c *Conn) discard(n int64) {
	if !c.knobs.Credit.LeakReset {
		c.debt.settled(n)
		c.settle(nil)
	}
}
