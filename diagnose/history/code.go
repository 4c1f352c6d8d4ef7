package history

import (
	"encoding/binary"
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
	runs  []bool
	data  []byte
	ahead int  // the step of the next record
	begun bool // one was read
	shown []int64
}

func newDecoder(n int, unit time.Duration, data []byte) *decoder {
	d := &decoder{unit: unit, value: make([]int64, n), runs: make([]bool, n), data: data}
	d.look()
	return d
}

// look finds the step of the next record, one beyond all steps if there is none.
func (d *decoder) look() {
	d.ahead = blockSteps
	if len(d.data) > 0 {
		d.ahead = d.at + int(d.number())
	}
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.data)
	d.data = d.data[size:]
	return n
}

// next reads a record.
func (d *decoder) next() {
	passed := int64(d.ahead-d.at) * int64(d.unit)
	d.at, d.begun = d.ahead, true
	var changed, runs [2]uint64
	for w := range words(len(d.value)) {
		if changed[w] = d.number(); changed[w] != 0 {
			runs[w] = d.number()
		}
	}
	for i := range d.value {
		if d.runs[i] {
			d.value[i] += passed
		}
		if bit := uint64(1) << (i % 64); changed[i/64]&bit != 0 {
			n, size := binary.Varint(d.data)
			d.data = d.data[size:]
			d.value[i] += n
			d.runs[i] = runs[i/64]&bit != 0
		}
	}
	d.look()
}

// seek reads all records up to a step, and returns what the values are there, until
// it is called again. It is false if none is that early.
func (d *decoder) seek(step int) ([]int64, bool) {
	for d.ahead <= step {
		d.next()
	}
	d.shown = append(d.shown[:0], d.value...)
	for i, runs := range d.runs {
		if runs {
			d.shown[i] += int64(step-d.at) * int64(d.unit)
		}
	}
	return d.shown, d.begun
}
