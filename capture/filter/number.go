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

// relation compares two numbers.
type relation struct {
	left, right *number
	compare     comparison
	negated     bool
}

// relate is the node of a comparison: first what both sides imply, then the
// comparison itself. Only the latter is negated by !=, <= and <.
func relate(left *number, operator string, right *number) *node {
	r := &relation{left: left, right: right}
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
	return andMaybe(andMaybe(left.implies, right.implies), &node{test: test{relation: r}})
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
