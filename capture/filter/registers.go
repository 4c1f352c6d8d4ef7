package filter

// registers is what is known of BPF's registers where a test begins, whichever
// way led there.
type registers struct {
	reached bool
	a       contents
	x       contents // of a whole byte: the IPv4 header's length in it, times four
}

// contents is a field that was loaded, without the bits that its mask took; the
// zero value is anything else.
type contents struct {
	field field
	mask  uint32
}

// header is the IPv4 header's length, of the header that begins there.
func header(at uint32) contents { return contents{field: field{offset: at, size: 1}, mask: 0xF} }

// registers are those before each test. A test stands after those that lead to
// it, counted from the end.
func (f *Filter) registers() []registers {
	before := make([]registers, len(f.tests))
	arrive := func(at int32, r registers) {
		if at < 0 {
			return
		}
		b := &before[at]
		if !b.reached {
			*b = r
			return
		}
		if b.a != r.a {
			b.a = contents{}
		}
		if b.x != r.x {
			b.x = contents{}
		}
	}
	arrive(f.start, registers{reached: true})
	for i := len(f.tests) - 1; i >= 0; i-- {
		if t := &f.tests[i]; before[i].reached {
			after := before[i].after(t)
			arrive(t.yes, after)
			arrive(t.no, after)
		}
	}
	return before
}

// lacks is whether register A does not hold the test's field yet.
func (r registers) lacks(t *test) bool {
	return r.a != (contents{t.field, t.mask}) && r.a != (contents{t.field, t.field.full()})
}

// after is what a test leaves behind.
func (r registers) after(t *test) registers {
	if t.relation != nil {
		return registers{reached: true}
	}
	if r.lacks(t) {
		r.a = contents{t.field, t.field.full()}
		if t.field.ipv4 {
			r.x = header(t.field.header)
		}
	}
	if !t.byBits() {
		r.a.mask = t.mask
	}
	return r
}
