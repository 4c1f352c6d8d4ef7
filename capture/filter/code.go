package filter

import "golang.org/x/net/bpf"

// coder makes the instructions of one test. What it cannot look at ends a BPF
// program with 0, as it ends Match.
type coder struct {
	link  link
	steps []step
}

// code is the test as steps. It loads nothing that the registers hold already.
func (t *test) code(l link, r registers) []step {
	c := coder{link: l}
	if t.relation != nil {
		c.relation(t.relation, t.yes, t.no)
		return c.steps
	}
	c.field(t, r)
	return c.steps
}

func (c *coder) put(i bpf.Instruction) { c.steps = append(c.steps, step{Instruction: i}) }

func (c *coder) branch(compare bpf.JumpTest, value uint32, yes, no int32) {
	c.steps = append(c.steps, step{compare: compare, value: value, yes: yes, no: no})
}

var jumps = map[comparison]bpf.JumpTest{
	equal: bpf.JumpEqual, greater: bpf.JumpGreaterThan, atLeast: bpf.JumpGreaterOrEqual, anySet: bpf.JumpBitsSet,
}

func (c *coder) field(t *test, r registers) {
	if r.lacks(t) {
		c.load(t.field, r)
		r.a.mask = t.field.full()
	}
	if r.a.mask != t.mask && !t.byBits() {
		c.put(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: t.mask})
	}
	switch {
	case t.compare == anySet:
		c.branch(bpf.JumpBitsSet, t.value&t.mask, t.yes, t.no)
	case t.byBits():
		c.branch(bpf.JumpBitsSet, t.mask, t.no, t.yes)
	default:
		c.branch(jumps[t.compare], t.value, t.yes, t.no)
	}
}

// byBits is whether one jump does for the mask too.
func (t *test) byBits() bool {
	return t.compare == anySet || t.compare == equal && t.value == 0 && t.mask != t.field.full()
}

// load puts a field into register A.
func (c *coder) load(f field, r registers) {
	shift := c.link.shift()
	switch {
	case f.ipv4:
		if r.x != header(f.header) {
			c.put(bpf.LoadMemShift{Off: f.header - shift})
		}
		c.put(bpf.LoadIndirect{Off: f.offset - shift, Size: int(f.size)})
	case f.offset >= shift:
		c.put(bpf.LoadAbsolute{Off: f.offset - shift, Size: int(f.size)})
	default:
		c.ask(f)
	}
}

// ask puts a field of the cooked header into register A.
func (c *coder) ask(f field) {
	known, _ := c.link.asks(f)
	c.put(bpf.LoadExtension{Num: known.extension})
	if behind := known.offset + known.size - f.offset - uint32(f.size); behind > 0 {
		c.put(bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 8 * behind})
	}
	if uint32(f.size) < known.size {
		c.put(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: f.full()})
	}
}
