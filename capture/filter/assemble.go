package filter

import (
	"math"
	"slices"

	"golang.org/x/net/bpf"
)

// step is an instruction, or a jump on what is in register A.
type step struct {
	bpf.Instruction

	compare bpf.JumpTest
	value   uint32
	withX   bool  // compare with register X instead of the value
	yes, no int32 // a test, accept, reject, or onward
}

// onward is to the step that follows.
const onward int32 = -3

// assembler writes a program from its end to its beginning: so what a jump leads
// to stands already, and how far it is is known.
type assembler struct {
	reversed []bpf.Instruction
}

// add writes steps before all that stands; at tells where targets are.
func (a *assembler) add(steps []step, at func(int32) int) {
	for _, s := range slices.Backward(steps) {
		if s.Instruction != nil {
			a.reversed = append(a.reversed, s.Instruction)
			continue
		}
		place := func(target int32) int {
			if target == onward {
				return len(a.reversed) - 1
			}
			return at(target)
		}
		a.branch(s, place(s.yes), place(s.no))
	}
}

// branch writes a conditional jump. It reaches 255 instructions far; beyond, it
// leads to an unconditional one that stands just behind it.
func (a *assembler) branch(s step, yes, no int) {
	if a.skip(yes) > math.MaxUint8-1 {
		yes = a.jump(yes)
	}
	if a.skip(no) > math.MaxUint8 {
		no = a.jump(no)
	}
	skipTrue, skipFalse := uint8(a.skip(yes)), uint8(a.skip(no))
	if s.withX {
		a.reversed = append(a.reversed, bpf.JumpIfX{Cond: s.compare, SkipTrue: skipTrue, SkipFalse: skipFalse})
	} else {
		a.reversed = append(a.reversed, bpf.JumpIf{Cond: s.compare, Val: s.value, SkipTrue: skipTrue, SkipFalse: skipFalse})
	}
}

// jump writes an unconditional jump, and returns its own place.
func (a *assembler) jump(to int) int {
	a.reversed = append(a.reversed, bpf.Jump{Skip: uint32(a.skip(to))})
	return len(a.reversed) - 1
}

// skip is how many instructions lie between the one written next and a place.
func (a *assembler) skip(place int) int { return len(a.reversed) - 1 - place }
