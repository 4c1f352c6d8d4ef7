package filter

import (
	"math"
	"math/bits"

	"golang.org/x/net/bpf"
)

func (c *coder) relation(r *relation, yes, no int32) {
	if r.negated {
		yes, no = no, yes
	}
	if r.right.kind == constant {
		c.number(r.left, 0)
		c.branch(jumps[r.compare], r.right.constant, yes, no)
		return
	}
	c.both(r.left, r.right, 0)
	c.steps = append(c.steps, step{compare: jumps[r.compare], withX: true, yes: yes, no: no})
}

// number works a number out in register A. The scratch cells from cell on are
// free; register X is too.
func (c *coder) number(n *number, cell int) {
	switch n.kind {
	case constant:
		c.put(bpf.LoadConstant{Dst: bpf.RegA, Val: n.constant})
	case length:
		c.put(bpf.LoadExtension{Num: bpf.ExtLen})
		if shift := c.link.shift(); shift > 0 {
			c.put(bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: shift})
		}
	case indexed:
		if n.left == nil {
			c.load(n.field, registers{})
			return
		}
		c.number(n.left, cell)
		c.index(n)
	case calculated:
		c.calculate(n, cell)
	}
}

// index loads the bytes of a number that are as far on as register A says.
// Linux adds addresses in 32 bits and reads elsewhere by those that are negative
// (bpf_skb_load_helper_convert_offset in net/core/filter.c), so an index that
// could be as large is tried first.
func (c *coder) index(n *number) {
	const beyond = 1 << 30 // any packet, and far from where an offset is added
	shift, most := c.link.shift(), n.left.most()
	if n.field.ipv4 {
		c.put(bpf.LoadMemShift{Off: n.field.header - shift})
		c.put(bpf.ALUOpX{Op: bpf.ALUOpAdd})
		most += 15 * 4
	}
	if most > beyond {
		c.branch(bpf.JumpGreaterThan, beyond, reject, onward)
	}
	c.put(bpf.TAX{})
	c.put(bpf.LoadIndirect{Off: n.field.offset - shift, Size: int(n.field.size)})
}

var operations = map[string]bpf.ALUOp{
	"+": bpf.ALUOpAdd, "-": bpf.ALUOpSub, "*": bpf.ALUOpMul, "/": bpf.ALUOpDiv, "%": bpf.ALUOpMod,
	"&": bpf.ALUOpAnd, "|": bpf.ALUOpOr, "^": bpf.ALUOpXor, "<<": bpf.ALUOpShiftLeft, ">>": bpf.ALUOpShiftRight,
}

func (c *coder) calculate(n *number, cell int) {
	operation := operations[n.operator]
	left, right := n.operands()
	if right.kind == constant {
		c.number(left, cell)
		c.put(bpf.ALUOpConstant{Op: operation, Val: right.constant})
		return
	}
	c.both(left, right, cell)
	if n.shiftsOut() {
		c.shift(operation, cell)
		return
	}
	c.put(bpf.ALUOpX{Op: operation})
}

// both works two numbers out, the left one in register A and the right one in
// register X. That which needs more scratch cells goes first.
func (c *coder) both(left, right *number, cell int) {
	switch {
	case !left.needsX():
		c.number(right, cell)
		c.put(bpf.TAX{})
		c.number(left, cell)
	case left.cells() > right.cells():
		c.number(left, cell)
		c.put(bpf.StoreScratch{Src: bpf.RegA, N: cell})
		c.number(right, cell+1)
		c.put(bpf.TAX{})
		c.put(bpf.LoadScratch{Dst: bpf.RegA, N: cell})
	default:
		c.number(right, cell)
		c.put(bpf.StoreScratch{Src: bpf.RegA, N: cell})
		c.number(left, cell+1)
		c.put(bpf.LoadScratch{Dst: bpf.RegX, N: cell})
	}
}

// shift shifts register A by register X, which may be above 31. BPF says nothing
// of that, and Linux takes five bits of it.
func (c *coder) shift(operation bpf.ALUOp, cell int) {
	c.put(bpf.StoreScratch{Src: bpf.RegA, N: cell})
	c.put(bpf.TXA{})
	c.put(bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: 31, SkipTrue: 3})
	c.put(bpf.LoadScratch{Dst: bpf.RegA, N: cell})
	c.put(bpf.ALUOpX{Op: operation})
	c.put(bpf.Jump{Skip: 1})
	c.put(bpf.LoadConstant{Dst: bpf.RegA})
}

// operands has a constant on the right if the operator lets it.
func (n *number) operands() (left, right *number) {
	switch n.operator {
	case "+", "*", "&", "|", "^":
		if n.left.kind == constant {
			return n.right, n.left
		}
	}
	return n.left, n.right
}

// shiftsOut is whether the number may be shifted by more than 31 bits.
func (n *number) shiftsOut() bool {
	return (n.operator == "<<" || n.operator == ">>") && n.right.most() > 31
}

// needsX is whether working the number out takes register X.
func (n *number) needsX() bool {
	switch n.kind {
	case indexed:
		return n.left != nil || n.field.ipv4
	case calculated:
		left, right := n.operands()
		return right.kind != constant || left.needsX()
	}
	return false
}

// cells is how many scratch cells working the number out takes. Since the more
// costly of two numbers is worked out first, n cells are enough for 2^n numbers,
// and the 16 that there are for more than an expression has room for.
func (n *number) cells() int {
	switch n.kind {
	case indexed:
		if n.left != nil {
			return n.left.cells()
		}
	case calculated:
		left, right := n.operands()
		cells := max(left.cells(), right.cells())
		switch {
		case right.kind != constant && left.needsX() && left.cells() == right.cells():
			return cells + 1
		case n.shiftsOut():
			return max(cells, 1)
		}
		return cells
	}
	return 0
}

// most is an upper bound of the number.
func (n *number) most() uint64 {
	switch n.kind {
	case constant:
		return uint64(n.constant)
	case indexed:
		return uint64(n.field.full())
	case calculated:
		return min(most(n.operator, n.left.most(), n.right), math.MaxUint32)
	}
	return math.MaxUint32
}

// most is an upper bound of an operator's result, MaxUint32 or above where it
// may have wrapped.
func most(operator string, left uint64, n *number) uint64 {
	right := n.most()
	switch operator {
	case "+":
		return left + right
	case "*":
		return left * right
	case "&":
		return min(left, right)
	case "|", "^":
		return 1<<bits.Len64(left|right) - 1
	case "%":
		return min(left, right-1)
	case "/":
		if n.kind == constant {
			return left / right
		}
		return left
	case "<<":
		if n.kind == constant {
			return left << right
		}
	case ">>":
		if n.kind == constant {
			return left >> right
		}
		return left
	}
	return math.MaxUint32
}
