package filter

import "slices"

// shorten leads past tests whose answer is known from those made on the way,
// and makes one of tests that are the same and lead on the same. Neither leaves
// out the first look at a field, so packets that were cut are decided as before.
func (f *Filter) shorten() {
	for rounds := 3; rounds > 0 && f.start >= 0; rounds-- {
		f.leadPast()
		f.unite()
	}
}

// fact is an answer that a test gave: twice the number of the first test that
// asks the same, plus one if it holds.
type fact int32

// maxFacts bounds the work for a long expression. The first ones stay: they are
// on the lower headers.
const maxFacts = 64

// leadPast goes through the tests in the order in which they are made, with the
// facts that hold whichever way led there.
func (f *Filter) leadPast() {
	same := f.same()
	reached := make([]bool, len(f.tests))
	facts := make([][]fact, len(f.tests)) // sorted
	lead := func(to int32, known []fact) int32 {
		for to >= 0 {
			holds, settled := f.settled(to, known)
			if !settled {
				break
			}
			to = f.tests[to].follow(holds)
		}
		switch {
		case to < 0:
		case !reached[to]:
			reached[to], facts[to] = true, slices.Clone(known)
		default:
			facts[to] = slices.DeleteFunc(facts[to], func(k fact) bool {
				_, found := slices.BinarySearch(known, k)
				return !found
			})
		}
		return to
	}
	reached[f.start] = true
	for i := f.start; i >= 0; i-- {
		if !reached[i] {
			continue
		}
		t := &f.tests[i]
		yes, no := facts[i], facts[i]
		if t.relation == nil {
			yes, no = learn(yes, 2*same[i]+1), learn(no, 2*same[i])
		}
		t.yes, t.no = lead(t.yes, yes), lead(t.no, no)
	}
}

// same is, for each test, the number of the first one that asks the same.
func (f *Filter) same() []fact {
	first := make(map[test]fact)
	same := make([]fact, len(f.tests))
	for i, t := range f.tests {
		t.yes, t.no = 0, 0
		if _, known := first[t]; !known {
			first[t] = fact(i)
		}
		same[i] = first[t]
	}
	return same
}

// learn returns the facts with one more.
func learn(facts []fact, more fact) []fact {
	if len(facts) == maxFacts {
		return facts
	}
	at, _ := slices.BinarySearch(facts, more)
	return slices.Insert(slices.Clone(facts), at, more)
}

// settled tells whether the answer of a test follows from facts, and which it is.
func (f *Filter) settled(at int32, facts []fact) (holds, settled bool) {
	t := &f.tests[at]
	if t.relation != nil {
		return false, false
	}
	for _, k := range facts {
		known, held := &f.tests[k/2], k%2 == 1
		switch {
		case known.field != t.field:
		case known.mask == t.mask && known.compare == t.compare && known.value == t.value:
			return held, true
		case held && known.compare == equal && known.mask&t.mask == t.mask:
			return t.compare.holds(known.value&t.mask, t.value), true
		}
	}
	return false, false
}

func (t *test) follow(holds bool) int32 {
	if holds {
		return t.yes
	}
	return t.no
}

// unite goes through the tests backwards, so that those which a test leads to
// are one already.
func (f *Filter) unite() {
	first := make(map[test]int32)
	one := make([]int32, len(f.tests))
	lead := func(to int32) int32 {
		if to < 0 {
			return to
		}
		return one[to]
	}
	for i := range f.tests {
		t := &f.tests[i]
		t.yes, t.no = lead(t.yes), lead(t.no)
		if _, known := first[*t]; !known {
			first[*t] = int32(i)
		}
		one[i] = first[*t]
	}
	f.start = one[f.start]
}
