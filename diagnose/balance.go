package diagnose

import (
	"cmp"
	"slices"
	"time"

	"flowlab/flow"
	"flowlab/h2flow"
)

// Balance is how all accounts between two applications stood in a stall: from who
// writes, through the windows of the stream, of the connection and of TCP, to who reads.
type Balance struct {
	From   flow.Side
	Stream uint32        // 0 for the connection, where its window or TCP held all streams
	Path   string        // of the stream
	At     flow.Time     // when this was so: once the stall had lasted as long as one must
	For    time.Duration // how long it lasted, up to now if it does
	Cause  flow.Cause
	HeldBy flow.HeldBy

	Own        Account // of the stream
	Messages   h2flow.Messages
	Promised   int64   // bytes of content, by content-length; 0 if it is not known
	Connection Account // of all streams
	Holders    Holdings

	InFlight    int  // bytes of TCP
	Room        int  // bytes that TCP's receive window still has
	WindowKnown bool // its scale is

	since flow.Time
	lasts bool
}

// Account is one window of HTTP/2 and what has passed through it, in bytes.
type Account struct {
	Window     h2flow.Window
	Sent       int64 // with padding
	Padding    int64
	Unreturned int64 // of these, bytes that were not given back
}

const (
	// keepBalances is how many are kept of a connection, those of the longest stalls.
	keepBalances = 20
	// mostHeld is how many streams wait at most to be looked at once they stall.
	mostHeld = 1000
)

// hold is a stream, or the connection, that something has held since then.
type hold struct {
	since  flow.Time
	from   flow.Side
	stream uint32
	cause  flow.Cause
}

// balances keeps them.
type balances struct {
	queue []hold // in the order of time
	kept  []Balance
}

// holds enters that something holds a sender from now on.
func (b *balances) holds(h hold) {
	if len(b.queue) < mostHeld {
		b.queue = append(b.queue, h)
	}
}

// frees enters that it holds the sender no longer.
func (b *balances) frees(from flow.Side, stream uint32, cause flow.Cause, t flow.Time, rtt time.Duration) {
	for i := range b.kept {
		k := &b.kept[i]
		if k.lasts && k.From == from && k.Stream == stream && k.Cause == cause {
			k.lasts, k.For = false, t.Sub(k.since)
			if tooSmall(k.For, rtt) {
				k.HeldBy = flow.WindowSize
			}
		}
	}
}

// watch looks at what has held for as long as a stall must by now.
func (x *http) watch(c *Connection, now flow.Time) {
	b := &x.balances
	n := 0
	for ; n < len(b.queue); n++ {
		h := b.queue[n]
		if now.Sub(h.since) < c.Directions[h.from].Stalls.least {
			break
		}
		if x.stillHeld(&h) {
			b.keep(x.balance(c, &h, now))
		}
	}
	if n > 0 {
		b.queue = append(b.queue[:0], b.queue[n:]...)
	}
	for i := range c.Directions {
		x.watchTCP(c, flow.Side(i), now)
	}
}

// stillHeld tells whether what held since then does.
func (x *http) stillHeld(h *hold) bool {
	cr := &x.credits[h.from]
	if h.stream == 0 {
		return cr.latest.shut && x.holders[h.from].since == h.since && cr.latest.held+cr.latest.ready > 0
	}
	own := x.streams[h.stream]
	if own == nil {
		return false
	}
	half := &own.halves[h.from]
	if h.cause == flow.Application {
		return half.asleep && half.began == h.since
	}
	return half.held && half.began == h.since
}

// watchTCP looks whether TCP's window has stalled a sender that HTTP/2 would let go.
func (x *http) watchTCP(c *Connection, from flow.Side, now flow.Time) {
	d := &c.Directions[from]
	var open verdict
	if now.Sub(d.holder.settled) >= d.Stalls.least { // else there is no need to look
		open = d.open(now)
	}
	h := hold{from: from, cause: flow.ReceiveWindow, since: open.Start}
	if open.cause != flow.ReceiveWindow || open.Length() < d.Stalls.least {
		x.balances.frees(from, 0, flow.ReceiveWindow, now, 0)
		return
	}
	if !slices.ContainsFunc(x.balances.kept, func(k Balance) bool {
		return k.lasts && k.From == from && k.Cause == flow.ReceiveWindow
	}) {
		b := x.balance(c, &h, now)
		b.HeldBy = open.heldBy
		x.balances.keep(b)
	}
}

// balance looks at all accounts.
func (x *http) balance(c *Connection, h *hold, now flow.Time) Balance {
	l, d := c.application.h2.Ledger, &c.Directions[h.from]
	all := l.Direction(h.from)
	b := Balance{
		From: h.from, Stream: h.stream, At: now.Add(-d.shift), For: now.Sub(h.since), Cause: h.cause,
		Connection: Account{Window: all.Window(), Sent: all.Sent, Unreturned: all.Unreturned()},
		Holders:    x.holders[h.from].worst(now),
		InFlight:   d.Account.InFlight(), Room: max(0, d.Account.Window-d.Account.InFlight()), WindowKnown: d.Account.WindowKnown,
		since: h.since, lasts: true,
	}
	b.HeldBy = x.credits[h.from].heldBy(h.cause, b.For, d.holder.rtt)
	if s := l.Stream(h.stream); s != nil {
		half := &s.Halves[h.from]
		b.Path, b.Messages, b.Promised = s.Path, half.Messages, half.Promised
		b.Own = Account{Window: l.Window(s, h.from), Sent: half.Sent, Padding: half.Padding, Unreturned: half.Unreturned()}
		if own := x.streams[h.stream]; own != nil && h.cause == flow.StreamWindow && b.HeldBy != flow.WindowSize {
			b.HeldBy = own.halves[h.from].holder()
		}
	}
	if h.cause == flow.Application {
		b.HeldBy = flow.SenderLibrary
	}
	return b
}

// alone is for how long a stream's own window held it, and not that of the connection,
// which is asked first (type [flow.Cause]). Of what is no stream's it is all.
func (k *Balance) alone(all []Balance) time.Duration {
	length := k.For
	if k.Cause != flow.StreamWindow {
		return length
	}
	own := flow.Interval{Start: k.since, End: k.since.Add(k.For)}
	for _, c := range all {
		if c.Cause == flow.ConnectionWindow && c.From == k.From {
			both := own.Clip(flow.Interval{Start: c.since, End: c.since.Add(c.For)})
			length -= max(0, both.Length())
		}
	}
	return length
}

// keep keeps a balance, unless there are enough of longer stalls.
func (b *balances) keep(n Balance) {
	b.kept = slices.DeleteFunc(b.kept, func(k Balance) bool {
		return k.From == n.From && k.Stream == n.Stream && k.Cause == n.Cause && k.For <= n.For
	})
	if len(b.kept) == keepBalances {
		least := 0
		for i := range b.kept {
			if b.kept[i].For < b.kept[least].For {
				least = i
			}
		}
		b.kept = slices.Delete(b.kept, least, least+1)
	}
	b.kept = append(b.kept, n)
}

// view returns them, those of the longest stalls first.
func (b *balances) view(now flow.Time, least time.Duration) []Balance {
	list := slices.Clone(b.kept)
	for i := range list {
		if list[i].lasts {
			list[i].For = now.Sub(list[i].since)
		}
	}
	all := slices.Clone(list)
	list = slices.DeleteFunc(list, func(k Balance) bool { return k.alone(all) < least })
	slices.SortStableFunc(list, func(x, y Balance) int {
		return cmp.Or(-cmp.Compare(x.For, y.For), cmp.Compare(x.Stream, y.Stream), cmp.Compare(x.From, y.From))
	})
	return list
}
