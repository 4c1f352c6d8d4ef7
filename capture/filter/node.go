package filter

// node is an expression as it was written: a test, or nodes joined. Its order
// counts, because the first look beyond a cut packet ends the evaluation.
type node struct {
	join        join
	left, right *node // of and, or; not has only left
	test        test
}

type join uint8

const (
	leaf join = iota
	both
	either
	neither
	always
	never
)

func and(left, right *node) *node { return &node{join: both, left: left, right: right} }
func or(left, right *node) *node  { return &node{join: either, left: left, right: right} }
func not(n *node) *node           { return &node{join: neither, left: n} }

// andMaybe is and, where there may be nothing to check first.
func andMaybe(left, right *node) *node {
	switch {
	case left == nil:
		return right
	case right == nil:
		return left
	}
	return and(left, right)
}

func equals(f field, value uint32) *node { return masked(f, f.full(), value) }

func masked(f field, mask, value uint32) *node {
	return &node{test: test{field: f, mask: mask, compare: equal, value: value}}
}

func compared(f field, how comparison, value uint32) *node {
	return &node{test: test{field: f, mask: f.full(), compare: how, value: value}}
}

// test is one step of a filter: what to look at, what to compare it with, and
// which step comes next.
type test struct {
	field    field
	mask     uint32
	value    uint32
	compare  comparison
	relation *relation // instead of the above
	yes, no  int32
}

type comparison uint8

const (
	equal comparison = iota
	greater
	atLeast
	anySet // of the value's bits
)

const (
	accept int32 = -1
	reject int32 = -2
)

// place appends the steps of a node, which go on to yes or no, and returns
// where they begin.
func (f *Filter) place(n *node, yes, no int32) int32 {
	switch n.join {
	case both:
		return f.place(n.left, f.place(n.right, yes, no), no)
	case either:
		return f.place(n.left, yes, f.place(n.right, yes, no))
	case neither:
		return f.place(n.left, no, yes)
	case always:
		return yes
	case never:
		return no
	}
	t := n.test
	t.yes, t.no = yes, no
	f.tests = append(f.tests, t)
	return int32(len(f.tests) - 1)
}

// holds makes the test; ok is false where the packet was cut before what it
// looks at.
func (t *test) holds(data []byte, wireLen uint32) (holds, ok bool) {
	if t.relation != nil {
		return t.relation.holds(data, wireLen)
	}
	value, ok := t.field.load(data, 0)
	return t.compare.holds(value&t.mask, t.value), ok
}

func (c comparison) holds(left, right uint32) bool {
	switch c {
	case equal:
		return left == right
	case greater:
		return left > right
	case atLeast:
		return left >= right
	}
	return left&right != 0
}
