package filter

// parser turns tokens into a node. The link changes on the way: what comes
// after vlan is 4 bytes further on.
type parser struct {
	tokens []token
	at     int
	link   link
	depth  int

	inTheWay error // what the kernel could not do, the first of it
}

// operand is what stands between and, or and not: a condition, or a number
// until it is known what it is for. A bare number may become an address or a
// port, by the qualifiers of the identifier before it.
type operand struct {
	condition  *node
	number     *number
	bare       bool
	first      token
	qualifiers qualifiers // for identifiers that follow
}

func (p *parser) parse(expression string) (root *node, err error) {
	if p.tokens, err = scan(expression); err != nil {
		return nil, err
	}
	if p.peek().kind == end {
		return &node{join: always}, nil
	}
	o, err := p.operands(qualifiers{})
	if err != nil {
		return nil, err
	}
	switch t := p.peek(); {
	case t.kind == word && unsupported[t.text]:
		return nil, failUnsupported(t)
	case t.kind != end:
		return nil, failAt(t, "%v after a complete condition: join conditions by and, or", t)
	}
	return p.condition(o, qualifiers{})
}

// operands parses operands joined by and, or. A single one may still be a
// number.
func (p *parser) operands(q qualifiers) (operand, error) {
	left, err := p.operand(q)
	if err != nil {
		return operand{}, err
	}
	for p.peek().is("and") || p.peek().is("or") {
		join := p.next().text
		if left.condition, err = p.condition(left, q); err != nil {
			return operand{}, err
		}
		right, err := p.operand(left.qualifiers)
		if err != nil {
			return operand{}, err
		}
		condition, err := p.condition(right, left.qualifiers)
		if err != nil {
			return operand{}, err
		}
		if join == "and" {
			condition = and(left.condition, condition)
		} else {
			condition = or(left.condition, condition)
		}
		left = operand{condition: condition, first: left.first, qualifiers: right.qualifiers}
	}
	return left, nil
}

// condition returns what the operand demands of a packet.
func (p *parser) condition(o operand, q qualifiers) (*node, error) {
	switch {
	case o.condition != nil:
		return o.condition, nil
	case o.bare:
		return p.identify(o.first, o.number.constant, q)
	}
	return nil, failAt(o.first, "the number that begins here must be compared, with =, !=, >, >=, < or <=")
}

// operand parses one condition or number. q is for an identifier without a
// keyword.
func (p *parser) operand(q qualifiers) (operand, error) {
	if t := p.peek(); t.is("!") {
		p.next()
		return p.negation(t, q)
	}
	o, err := p.atom(q)
	if err != nil || o.condition != nil {
		return o, err
	}
	if o, err = p.calculation(o); err != nil {
		return o, err
	}
	if t := p.peek(); isRelation(t) {
		p.next()
		right, err := p.arithmetic()
		if err != nil {
			return o, err
		}
		return operand{condition: relate(o.number, t.text, right), first: o.first}, nil
	}
	return o, nil
}

func (p *parser) negation(t token, q qualifiers) (operand, error) {
	if err := p.enter(t); err != nil {
		return operand{}, err
	}
	defer p.leave()
	o, err := p.operand(q)
	if err != nil {
		return o, err
	}
	condition, err := p.condition(o, q)
	if err != nil {
		return o, err
	}
	return operand{condition: not(condition), first: t, qualifiers: o.qualifiers}, nil
}

// atom parses what no operator stands in.
func (p *parser) atom(q qualifiers) (operand, error) {
	t := p.peek()
	switch {
	case t.kind == end:
		return operand{}, failAt(t, "the expression ends where a condition is expected")
	case t.is("("):
		return p.group(q)
	case t.kind == numeral:
		p.next()
		return operand{number: &number{constant: t.value}, bare: true, first: t, qualifiers: q}, nil
	case t.is("len"), t.is("length"):
		p.next()
		return operand{number: &number{kind: length}, first: t}, nil
	case t.is("-"):
		return operand{}, failAt(t, "a number cannot be negative: arithmetic is in 32 bits without sign")
	case t.kind == symbol:
		return operand{}, failAt(t, "%v where a condition is expected", t)
	case t.kind == word && p.tokens[p.at+1].is("["):
		n, err := p.accessor()
		return operand{number: n, first: t}, err
	case t.kind == word && keywords[t.text]:
		return p.primitive()
	}
	p.next()
	condition, err := p.identify(t, 0, q)
	return operand{condition: condition, first: t, qualifiers: q}, err
}

// group parses what stands in parentheses. Identifiers that follow it take the
// qualifiers from before it, not those from within.
func (p *parser) group(q qualifiers) (operand, error) {
	t := p.next()
	if err := p.enter(t); err != nil {
		return operand{}, err
	}
	defer p.leave()
	o, err := p.operands(q)
	if err != nil {
		return o, err
	}
	if err := p.expect(")"); err != nil {
		return o, err
	}
	if o.bare {
		return o, nil // its own token tells more than the parenthesis
	}
	o.first, o.qualifiers = t, q
	return o, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

// next takes a token. The end is never taken.
func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

func (p *parser) expect(text string) error {
	if t := p.peek(); !t.is(text) {
		return failAt(t, "%v where %q is expected", t, text)
	}
	p.next()
	return nil
}

func (p *parser) enter(t token) error {
	p.depth++
	if p.depth > maxNesting {
		return failAt(t, "nested deeper than %d levels", maxNesting)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// onlyHere notes that the kernel could not make a test, and why.
func (p *parser) onlyHere(t token, why string) {
	if p.inTheWay == nil {
		p.inTheWay = failAt(t, "%v %s", t, why)
	}
}
