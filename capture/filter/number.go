package filter

import "errors"

// number is arithmetic in 32 bits without sign: a constant, the packet's
// length, bytes of it, or two numbers and an operator.
type number struct {
	kind        numberKind
	constant    uint32
	field       field
	operator    string
	left, right *number // of calculated; left is the index of indexed, or nil

	// implies is what must hold before the number is worked out: tcp[13] is
	// there only in a TCP segment.
	implies *node
}

type numberKind uint8

const (
	constant numberKind = iota
	length
	indexed
	calculated
)

// calculate joins two numbers. As in libpcap, what the right one implies is
// lost: "1 + tcp[13] = 3" also looks into what is not TCP.
func calculate(operator string, left, right *number) (*number, error) {
	if right.kind == constant {
		switch {
		case right.constant == 0 && (operator == "/" || operator == "%"):
			return nil, errors.New("division by zero")
		case right.constant > 31 && (operator == "<<" || operator == ">>"):
			return nil, errors.New("shift by more than 31 bits")
		}
	}
	n := &number{kind: calculated, operator: operator, left: left, right: right, implies: left.implies}
	if left.kind == constant && right.kind == constant {
		value, _ := n.eval(nil, 0)
		return &number{constant: value}, nil
	}
	return n, nil
}

// eval works the number out; ok is false where a byte is not there, and where
// something is divided by zero.
func (n *number) eval(data []byte, wireLen uint32) (value uint32, ok bool) {
	switch n.kind {
	case constant:
		return n.constant, true
	case length:
		return wireLen, true
	case indexed:
		if n.left == nil {
			return n.field.load(data, 0)
		}
		index, ok := n.left.eval(data, wireLen)
		if !ok {
			return 0, false
		}
		return n.field.load(data, index)
	}
	a, ok := n.left.eval(data, wireLen)
	if !ok {
		return 0, false
	}
	b, ok := n.right.eval(data, wireLen)
	if !ok {
		return 0, false
	}
	return operate(n.operator, a, b)
}

func operate(operator string, a, b uint32) (value uint32, ok bool) {
	switch operator {
	case "+":
		return a + b, true
	case "-":
		return a - b, true
	case "*":
		return a * b, true
	case "&":
		return a & b, true
	case "|":
		return a | b, true
	case "^":
		return a ^ b, true
	case "<<":
		return a << b, true // 0 from 32 bits on, in BPF too
	case ">>":
		return a >> b, true
	}
	if b == 0 {
		return 0, false
	}
	if operator == "/" {
		return a / b, true
	}
	return a % b, true
}

// relation compares two numbers, of which not the left one only is a constant.
type relation struct {
	left, right *number
	compare     comparison
	negated     bool
}

// relate is the node of a comparison: first what both sides imply, then the
// comparison itself. Only the latter is negated by !=, <= and <.
func relate(left *number, operator string, right *number) *node {
	r := relation{left: left, right: right}
	switch operator {
	case "!=":
		r.negated = true
	case ">":
		r.compare = greater
	case "<=":
		r.compare, r.negated = greater, true
	case ">=":
		r.compare = atLeast
	case "<":
		r.compare, r.negated = atLeast, true
	}
	implied := andMaybe(left.implies, right.implies)
	if left.kind == constant {
		r = r.mirrored()
	}
	return andMaybe(implied, r.node())
}

// mirrored has left and right exchanged: a > b is not b >= a.
func (r relation) mirrored() relation {
	r.left, r.right = r.right, r.left
	switch r.compare {
	case greater:
		r.compare, r.negated = atLeast, !r.negated
	case atLeast:
		r.compare, r.negated = greater, !r.negated
	}
	return r
}

// node is the relation, as a plain test where it compares one field with a
// constant.
func (r relation) node() *node {
	f, mask, plain := r.left.plain()
	switch {
	case r.left.kind == constant && r.right.kind == constant:
		if holds, _ := r.holds(nil, 0); holds {
			return &node{join: always}
		}
		return &node{join: never}
	case !plain || r.right.kind != constant:
		return &node{test: test{relation: &r}}
	}
	n := &node{test: test{field: f, mask: mask, compare: r.compare, value: r.right.constant}}
	if r.negated {
		return not(n)
	}
	return n
}

// plain is the field and the mask that the number is made of, if it is.
func (n *number) plain() (f field, mask uint32, ok bool) {
	switch {
	case n.kind == indexed && n.left == nil:
		return n.field, n.field.full(), true
	case n.kind == calculated && n.operator == "&" && n.right.kind == constant:
		f, mask, ok = n.left.plain()
		return f, mask & n.right.constant, ok
	}
	return field{}, 0, false
}

func (r *relation) holds(data []byte, wireLen uint32) (holds, ok bool) {
	a, ok := r.left.eval(data, wireLen)
	if !ok {
		return false, false
	}
	b, ok := r.right.eval(data, wireLen)
	if !ok {
		return false, false
	}
	return r.compare.holds(a, b) != r.negated, true
}
