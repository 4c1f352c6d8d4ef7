package diagnose

import (
	"cmp"
	"slices"

	"flowlab/flow"
)

// route is the legs of one transfer, from the client to the server.
type route []*leg

// mostBranches is to how many legs one may lead; of more it cannot be told anyway which
// belong together.
const mostBranches = 16

// node is a leg among those that it may lead to, and that may lead to it.
type node struct {
	*leg
	next, before []*node
	seen         bool
	doubt        bool // there are more of next or before than are noted
}

// routes joins legs to transfers: only where it is beyond doubt which leg leads to which.
// Legs that may belong together, directly or by others, are one transfer if they stand in
// one line; if any of them might go with two, nothing is said of them.
func routes(legs []*leg) (found []route) {
	nodes := linked(legs)
	for i := range nodes {
		group := nodes[i].together(nil)
		if len(group) < 2 {
			continue
		}
		if line := inLine(group); line != nil {
			found = append(found, line)
		}
	}
	return found
}

// linked finds out which legs may lead to which.
func linked(legs []*leg) []node {
	nodes := make([]node, len(legs))
	from := make(map[[16]byte][]*node) // by the address that opened them, in order of time
	for i, l := range legs {
		nodes[i].leg = l
	}
	slices.SortFunc(nodes, func(a, b node) int { return cmp.Compare(a.opened, b.opened) })
	for i := range nodes {
		ip := nodes[i].id.Client.IP
		from[ip] = append(from[ip], &nodes[i])
	}
	for i := range nodes {
		down := &nodes[i]
		ups := from[down.id.Server.IP]
		first, _ := slices.BinarySearchFunc(ups, down.opened, func(n *node, t flow.Time) int { return cmp.Compare(n.opened, t) })
		for _, up := range ups[first:] {
			if up.opened.Sub(down.opened) > forwarding {
				break
			}
			switch {
			case !leadsTo(down.leg, up.leg):
			case len(down.next) == mostBranches:
				down.doubt, up.doubt = true, true
			default:
				down.next = append(down.next, up)
				up.before = append(up.before, down)
			}
		}
	}
	return nodes
}

// together collects the legs that may belong to one transfer with n, once.
func (n *node) together(group []*node) []*node {
	group = append(group, n)
	n.seen = true
	for i := len(group) - 1; i < len(group); i++ {
		for _, list := range [][]*node{group[i].next, group[i].before} {
			for _, other := range list {
				if !other.seen {
					other.seen = true
					group = append(group, other)
				}
			}
		}
	}
	return group
}

// inLine returns the legs of a group if they stand in one line, each of them leading to
// the next and, where proxies share an address, to those after it. Else it returns nil.
func inLine(group []*node) route {
	// In a line each leg leads to fewer than the one before.
	slices.SortFunc(group, func(a, b *node) int {
		return cmp.Or(-cmp.Compare(len(a.next)-len(a.before), len(b.next)-len(b.before)), cmp.Compare(a.opened, b.opened))
	})
	line := make(route, len(group))
	for i, n := range group {
		line[i] = n.leg
		if n.doubt {
			return nil
		}
		if i+1 < len(group) && !slices.Contains(n.next, group[i+1]) {
			return nil
		}
		for _, other := range n.next {
			if slices.Index(group, other) <= i {
				return nil
			}
		}
	}
	return line
}

// waitsAlong finds the waits that were passed on along a route, from the readers on.
func waitsAlong(r route, from flow.Side) (found []Chain) {
	path := slices.Clone(r) // from the sender to the reader
	if from == flow.Server {
		slices.Reverse(path)
	}
	for last := len(path) - 1; last > 0; last-- {
		longest := slices.Clone(path[last].waits[from])
		slices.SortStableFunc(longest, func(a, b Stall) int { return -cmp.Compare(a.Length(), b.Length()) })
		for _, w := range longest {
			waits := follow(path[:last+1], from, w)
			if len(waits) < 2 {
				continue
			}
			first := last + 1 - len(waits)
			found = append(found, newChain(path, first, waits, from))
			last = first
			break
		}
	}
	return found
}

// follow returns the waits, in the order of path, that a reader's wait on its last leg was
// passed on as.
func follow(path route, from flow.Side, w Stall) []Stall {
	waits := []Stall{w}
	for i := len(path) - 1; i > 0; i-- {
		near, far := path[i-1], path[i]
		at := slices.IndexFunc(near.waits[from], func(n Stall) bool { return passedOn(near, far, from, &n, &waits[0]) })
		if at < 0 {
			break
		}
		waits = slices.Insert(waits, 0, near.waits[from][at])
	}
	return waits
}

// newChain makes a chain of the legs of path, which is from the sender to the reader, that
// have these waits, from the first one on.
func newChain(path route, first int, waits []Stall, from flow.Side) Chain {
	c := Chain{Interval: waits[0].Interval, From: from, Exact: true}
	end := first + len(waits)
	for i, w := range waits {
		l := path[first+i]
		out := Leg{Connection: l.number, ID: l.id, Stream: l.stream, Path: l.path, Wait: w}
		if w.Cause == flow.ConnectionWindow {
			out.Holders = l.holders[from]
		}
		c.Legs = append(c.Legs, out)
		if i > 0 {
			near := path[first+i-1]
			c.Held = append(c.Held, held(near, l, from, &waits[i-1], &waits[i]))
			c.Exact = c.Exact && exact(near, l)
		}
	}
	c.Proxy[from], c.Proxy[from.Peer()] = first > 0, end < len(path)
	if from == flow.Server {
		slices.Reverse(c.Legs)
		slices.Reverse(c.Held)
	}
	return c
}
