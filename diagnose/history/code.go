package history

import (
	"encoding/binary"
	"math"
	"math/bits"
	"time"
)

// encoder writes the values of one thing step by step. Each value either stands, or
// counts time; only what is otherwise is written.
type encoder struct {
	unit  time.Duration // of a step
	begun bool
	at    int // the step of the latest record
	last  int // the latest step
	value []int64
	runs  []bool // it counts time
	data  []byte
}

// begin makes e one of n values that has written nothing.
func (e *encoder) begin(n int, unit time.Duration) {
	if cap(e.value) < n {
		e.value, e.runs = make([]int64, n), make([]bool, n)
	}
	*e = encoder{unit: unit, value: e.value[:n], runs: e.runs[:n]}
	clear(e.value)
	clear(e.runs)
}

// after is by how much time passes from step a to step b.
func (e *encoder) after(a, b int) int64 { return int64(b-a) * int64(e.unit) }

// expected is what a value is at a step unless it is written.
func (e *encoder) expected(i, step int) int64 {
	if e.runs[i] {
		return e.value[i] + e.after(e.at, step)
	}
	return e.value[i]
}

// put enters what the values are at a step.
func (e *encoder) put(step int, values []int64) {
	var changed, runs [2]uint64
	any, since := !e.begun, e.after(e.last, step)
	for i, v := range values {
		if v == e.expected(i, step) {
			continue
		}
		any = true
		changed[i/64] |= 1 << (i % 64)
		if e.begun && since > 0 && v-e.expected(i, e.last) == since {
			runs[i/64] |= 1 << (i % 64)
		}
	}
	defer func() { e.last, e.begun = step, true }()
	if !any {
		return
	}
	e.data = binary.AppendUvarint(e.data, uint64(step-e.at))
	for w := range words(len(values)) {
		e.data = binary.AppendUvarint(e.data, changed[w])
		if changed[w] != 0 {
			e.data = binary.AppendUvarint(e.data, runs[w])
		}
	}
	for i, v := range values {
		expected := e.expected(i, step)
		if v != expected {
			e.data = binary.AppendVarint(e.data, v-expected)
			e.runs[i] = runs[i/64]&(1<<(i%64)) != 0
		}
	}
	copy(e.value, values)
	e.at = step
}

// words is how many words of 64 bits it takes to name n values.
func words(n int) int { return (n + 63) / 64 }

// decoder reads what an encoder wrote.
type decoder struct {
	unit  time.Duration
	at    int // the step of the latest record that was read
	value []int64
	runs  [2]uint64 // those that count time, a bit each
	data  []byte
	ahead int  // the step of the next record; never if there is none
	begun bool // one was read
	shown []int64
}

func newDecoder(n int, unit time.Duration, data []byte) *decoder {
	d := &decoder{unit: unit, value: make([]int64, n), data: data}
	d.look()
	return d
}

// never is beyond all steps.
const never = math.MaxInt

// look finds the step of the next record.
func (d *decoder) look() {
	d.ahead = never
	if len(d.data) > 0 {
		d.ahead = d.at + int(d.number())
	}
}

func (d *decoder) number() uint64 {
	if n := d.data[0]; n < 0x80 {
		d.data = d.data[1:]
		return uint64(n)
	}
	n, size := binary.Uvarint(d.data)
	d.data = d.data[size:]
	return n
}

// next reads a record.
func (d *decoder) next() {
	d.pass(d.value, d.ahead)
	d.at, d.begun = d.ahead, true
	var changed, runs [2]uint64
	for w := range words(len(d.value)) {
		if changed[w] = d.number(); changed[w] != 0 {
			runs[w] = d.number()
		}
	}
	for w, left := range changed {
		d.runs[w] = d.runs[w]&^left | runs[w]
		for ; left != 0; left &= left - 1 {
			n := d.number()
			d.value[64*w+bits.TrailingZeros64(left)] += int64(n>>1) ^ -int64(n&1)
		}
	}
	d.look()
}

// pass lets time pass up to a step for values that are those of the latest record.
func (d *decoder) pass(values []int64, step int) {
	passed := int64(step-d.at) * int64(d.unit)
	for w, left := range d.runs {
		for ; left != 0; left &= left - 1 {
			values[64*w+bits.TrailingZeros64(left)] += passed
		}
	}
}

// seek reads all records up to a step, and returns what the values are there, until
// it is called again. It is false if none is that early.
func (d *decoder) seek(step int) ([]int64, bool) {
	for d.ahead <= step {
		d.next()
	}
	d.shown = append(d.shown[:0], d.value...)
	d.pass(d.shown, step)
	return d.shown, d.begun
}
