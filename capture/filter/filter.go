package filter

import (
	"fmt"

	"flowlab/capture"
)

// Filter is a compiled expression. It never changes, so any number of
// goroutines may use it.
type Filter struct {
	tests []test
	start int32

	link     link
	inTheWay error // of a program for the kernel
}

const (
	maxExpression = 8192 // bytes
	maxNesting    = 64   // parentheses, nots and indexes within each other
)

// Compile makes the filter of an expression for packets that begin as the link
// type says. The empty expression selects all. An error names the column, in
// bytes from 1, and what would be right; expressions longer than 8192 bytes or
// nested deeper than 64 levels are refused.
func Compile(expression string, linkType capture.LinkType) (*Filter, error) {
	link, ok := links[linkType]
	if !ok {
		return nil, fmt.Errorf("filter expression: packets of link type %d cannot be filtered, only those of %s", linkType, linkNames())
	}
	if len(expression) > maxExpression {
		return nil, fmt.Errorf("filter expression: it has %d bytes, and at most %d are allowed", len(expression), maxExpression)
	}
	p := &parser{link: link}
	root, err := p.parse(expression)
	if err != nil {
		return nil, fmt.Errorf("filter expression, %w", err)
	}
	f := &Filter{link: link, inTheWay: p.inTheWay}
	f.start = f.place(root, accept, reject)
	f.shorten()
	return f, nil
}

// Match tells whether the filter selects a packet: data is what was kept of it,
// wireLen how long it was on the wire, in bytes. It does not allocate.
func (f *Filter) Match(data []byte, wireLen int) bool {
	match, _ := f.run(data, uint32(wireLen))
	return match
}

// run also tells whether the packet was whole as far as the filter looked at it.
func (f *Filter) run(data []byte, wireLen uint32) (match, whole bool) {
	at := f.start
	for at >= 0 {
		t := &f.tests[at]
		holds, ok := t.holds(data, wireLen)
		switch {
		case !ok:
			return false, false
		case holds:
			at = t.yes
		default:
			at = t.no
		}
	}
	return at == accept, true
}
