package filter

import "slices"

// operators are by how tightly they bind, as libpcap's grammar has them. It
// gives % and ^ no place: they bind what is just before them with the whole
// rest of the arithmetic after them.
var operators = [][]string{{"|"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/"}}

func isRelation(t token) bool {
	return t.kind == symbol && slices.Contains([]string{"=", "!=", ">", ">=", "<", "<="}, t.text)
}

// arithmetic parses a number.
func (p *parser) arithmetic() (*number, error) {
	t := p.peek()
	o, err := p.atom(qualifiers{})
	if err != nil {
		return nil, err
	}
	if o.number == nil {
		return nil, failAt(t, "a condition where a number is expected")
	}
	o, err = p.calculation(o)
	return o.number, err
}

// calculation parses the operators and numbers that follow a number.
func (p *parser) calculation(o operand) (operand, error) {
	n, err := p.calculate(o.number, 0)
	if err != nil {
		return o, err
	}
	if n != o.number {
		o = operand{number: n, first: o.first}
	}
	return o, nil
}

// calculate parses operators that bind at least as tightly as level.
func (p *parser) calculate(left *number, level int) (*number, error) {
	for {
		t := p.peek()
		binds := binding(t)
		if binds < level {
			return left, nil
		}
		p.next()
		right, err := p.operandOf(t)
		if err != nil {
			return nil, err
		}
		within := binds + 1
		if binds == len(operators) {
			within = 0
		}
		if right, err = p.calculate(right, within); err != nil {
			return nil, err
		}
		if left, err = calculate(t.text, left, right); err != nil {
			return nil, failAt(t, "%v", err)
		}
	}
}

// binding is how tightly the operator binds, -1 if it is none.
func binding(t token) int {
	if t.kind != symbol {
		return -1
	}
	if t.text == "%" || t.text == "^" {
		return len(operators)
	}
	return slices.IndexFunc(operators, func(level []string) bool { return slices.Contains(level, t.text) })
}

func (p *parser) operandOf(operator token) (*number, error) {
	t := p.peek()
	o, err := p.atom(qualifiers{})
	switch {
	case err != nil:
		return nil, err
	case o.number == nil:
		return nil, failAt(t, "a condition where %v needs a number", operator)
	}
	return o.number, nil
}
