package history

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// holdChunk is some holds, one after the other.
type holdChunk struct {
	from, to flow.Time
	before   flow.Limits // of all holds before
	since    flow.Time   // when the run of one cause began that the first hold goes on with
	level    int         // how often it was coarsened
	count    int
	data     []byte // of each: from the end of the one before, length, cause and who can end it
}

const chunkHolds = 128

// holds are the holds of one direction. The latest one may become longer.
type holds struct {
	chunks []*holdChunk // none of them changes
	open   holdChunk
	latest diagnose.Hold
	since  flow.Time   // when the run of its cause began
	sum    flow.Limits // of all but the latest
	bytes  [levels]int
}

// add enters a hold.
func (h *holds) add(n diagnose.Hold) {
	l := &h.latest
	if l.Length() > 0 && n.Start == l.End && n.Cause == l.Cause && n.HeldBy == l.HeldBy {
		l.End = n.End
		return
	}
	if l.Length() > 0 {
		h.write()
	}
	if n.Cause != l.Cause || n.Start != l.End {
		h.since = n.Start
	}
	*l = n
}

// write puts the latest hold where it does not change any more.
func (h *holds) write() {
	c := &h.open
	if c.count == 0 {
		*c = holdChunk{from: h.latest.Start, to: h.latest.Start, before: h.sum, since: h.since}
	}
	c.put(h.latest)
	h.sum[h.latest.Cause] += h.latest.Length()
	if c.count == chunkHolds {
		h.close(*c)
		*c = holdChunk{}
	}
}

func (h *holds) close(c holdChunk) {
	c.data = slices.Clip(c.data)
	h.chunks = append(h.chunks, &c)
	h.bytes[c.level] += c.size()
}

// size is what a chunk takes, in bytes.
func (c *holdChunk) size() int { return 160 + len(c.data) }

func (c *holdChunk) put(n diagnose.Hold) {
	c.data = binary.AppendVarint(c.data, int64(n.Start-c.to))
	c.data = binary.AppendUvarint(c.data, uint64(n.Length()))
	c.data = append(c.data, byte(n.Cause)<<4|byte(n.HeldBy))
	c.to = n.End
	c.count++
}

// each calls f for the holds of a chunk, until it says that it is enough.
func (c *holdChunk) each(f func(diagnose.Hold) bool) {
	at, data := c.from, c.data
	for len(data) > 0 {
		gap, n := binary.Varint(data)
		length, m := binary.Uvarint(data[n:])
		v := data[n+m]
		data = data[n+m+1:]
		h := diagnose.Hold{Interval: flow.Interval{Start: at + flow.Time(gap)}, Cause: flow.Cause(v >> 4), HeldBy: flow.HeldBy(v & 15)}
		h.End = h.Start.Add(time.Duration(length))
		at = h.End
		if !f(h) {
			return
		}
	}
}

// thin makes room: chunks of a level that has more than its share are coarsened.
func (h *holds) thin(budget int) {
	for level := range levels {
		for h.bytes[level] > budget>>(level+1) {
			i := slices.IndexFunc(h.chunks, func(c *holdChunk) bool { return c.level == level })
			if i < 0 {
				break
			}
			h.coarsen(i)
		}
	}
}

// coarsen joins a chunk with those of its level that follow, up to four, or gives one up that
// was coarsened as often as may be. Holds that are shorter than a step of the next
// level are put together by cause, within each such step; sums are as before.
func (h *holds) coarsen(i int) {
	level := h.chunks[i].level
	n := 1
	for n < merge && i+n < len(h.chunks) && h.chunks[i+n].level == level {
		n++
	}
	for _, c := range h.chunks[i : i+n] {
		h.bytes[level] -= c.size()
	}
	var coarse []*holdChunk
	if level+1 < levels {
		c := *h.chunks[i]
		c.level, c.data, c.count, c.to = level+1, nil, 0, c.from
		g := gather{chunk: &c, step: Grid << (2 * (level + 1))}
		for _, fine := range h.chunks[i : i+n] {
			fine.each(g.add)
		}
		g.flush()
		h.bytes[level+1] += c.size()
		coarse = []*holdChunk{&c}
	}
	h.chunks = slices.Concat(h.chunks[:i], coarse, h.chunks[i+n:]) // readers have the old one
}

// gather puts short holds together.
type gather struct {
	chunk *holdChunk
	step  time.Duration
	short []diagnose.Hold // of one step, one after the other
}

func (g *gather) add(n diagnose.Hold) bool {
	long := n.Length() >= g.step
	if k := len(g.short); k > 0 && (long || n.Start != g.short[k-1].End || n.End.Sub(g.short[0].Start) > g.step) {
		g.flush()
	}
	if long {
		g.chunk.put(n)
		return true
	}
	g.short = append(g.short, n)
	return true
}

// flush writes the short ones by cause.
func (g *gather) flush() {
	if len(g.short) == 0 {
		return
	}
	at := g.short[0].Start
	slices.SortStableFunc(g.short, func(a, b diagnose.Hold) int {
		return cmp.Or(cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.HeldBy, b.HeldBy))
	})
	var joined diagnose.Hold
	for i, n := range g.short {
		if i > 0 && n.Cause == joined.Cause && n.HeldBy == joined.HeldBy {
			joined.End = joined.End.Add(n.Length())
			at = joined.End
			continue
		}
		if i > 0 {
			g.chunk.put(joined)
		}
		joined = diagnose.Hold{Interval: flow.Interval{Start: at, End: at.Add(n.Length())}, Cause: n.Cause, HeldBy: n.HeldBy}
		at = joined.End
	}
	g.chunk.put(joined)
	g.short = g.short[:0]
}

// heldView is the holds of a direction as they are for a reader, with those that are
// likely since the latest verdict.
type heldView struct {
	base   flow.Limits // from before the past began
	chunks []*holdChunk
	open   holdChunk
	latest diagnose.Hold
	since  flow.Time
	sum    flow.Limits
	likely []diagnose.Hold
}

func (h *holds) view(base flow.Limits, likely []diagnose.Hold) heldView {
	return heldView{base: base, chunks: h.chunks, open: h.open, latest: h.latest, since: h.since, sum: h.sum, likely: likely}
}

// settled is up to when there are verdicts.
func (v *heldView) settled() flow.Time { return v.latest.End }

// until is for how long each cause held the sender up to t.
func (v *heldView) until(t flow.Time) flow.Limits {
	limits := v.base
	add := func(h diagnose.Hold) bool {
		if h.Start >= t {
			return false
		}
		limits[h.Cause] += min(h.End, t).Sub(h.Start)
		return true
	}
	if v.latest.Length() > 0 && t > v.latest.Start {
		for c, d := range v.sum {
			limits[c] += d
		}
		add(v.latest)
	} else if c := v.chunk(t); c != nil {
		for k, d := range c.before {
			limits[k] += d
		}
		c.each(add)
	}
	for _, h := range v.likely {
		add(h)
	}
	return limits
}

// chunk is the one that t lies in, or the latest before; nil if there is none.
func (v *heldView) chunk(t flow.Time) *holdChunk {
	if v.open.count > 0 && v.open.from < t {
		return &v.open
	}
	i := sort.Search(len(v.chunks), func(i int) bool { return v.chunks[i].from >= t })
	if i == 0 {
		return nil
	}
	return v.chunks[i-1]
}

// at is what held the sender just before t, since when its cause did without a break, and
// whether what is known of that is coarse. It is false if nothing is known.
func (v *heldView) at(t flow.Time) (hold diagnose.Hold, since flow.Time, coarse, ok bool) {
	find := func(h diagnose.Hold) bool {
		if h.Start >= t {
			return false
		}
		if !ok || h.Cause != hold.Cause || h.Start != hold.End {
			since = h.Start
		}
		hold, ok = h, true
		return true
	}
	if v.latest.Length() > 0 && t > v.latest.Start {
		find(v.latest)
		since = v.since
	} else if c := v.chunk(t); c != nil {
		coarse = c.level > 0
		c.each(func(h diagnose.Hold) bool {
			first := !ok
			if !find(h) {
				return false
			}
			if first {
				since = c.since
			}
			return true
		})
	}
	for _, h := range v.likely {
		find(h)
	}
	return hold, since, coarse, ok && hold.End >= t
}
