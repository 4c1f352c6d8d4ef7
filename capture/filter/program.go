package filter

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"golang.org/x/net/bpf"
)

// ErrNoProgram says that a filter cannot be handed to the kernel. What is in the
// way wraps it; [Filter.Match] then decides in user space.
var ErrNoProgram = errors.New("no BPF program")

// maxInstructions is the longest program that Linux takes (BPF_MAXINSNS in
// linux/bpf_common.h). The BSDs take 512.
const maxInstructions = 4096

// Program returns the filter as a classic BPF program, for the kernel to run on
// each packet: it returns snapLen, the bytes to be kept, 1 to 2^31-1, of a
// packet that Match selects, and 0 of any other.
//
// The program is for packets that begin as the filter's link type says. Those of
// Linux cooked v1 and v2 are made by the program that captures: for them the
// BPF program is for a packet socket of type SOCK_DGRAM (packet(7)), whose
// packets begin with the network header, where snapLen counts from; what the
// cooked header would say is asked of the kernel.
//
// An error that is [ErrNoProgram] says why there is none: the filter looks at a
// VLAN tag, which the kernel takes out of the packet, or at what it does not
// tell a program of a cooked header, or would need more than 4096 instructions.
// A kernel may refuse a program all the same: Linux one that needs more memory
// than net.core.optmem_max (ENOMEM), the BSDs one of more than 512 instructions
// (EINVAL).
func (f *Filter) Program(snapLen int) ([]bpf.RawInstruction, error) {
	switch {
	case snapLen < 1 || snapLen > math.MaxInt32:
		return nil, fmt.Errorf("filter program: a snap length of %d bytes, which can be 1 to %d", snapLen, math.MaxInt32)
	case f.inTheWay != nil:
		return nil, fmt.Errorf("filter expression, %w: %w", f.inTheWay, ErrNoProgram)
	}
	selected := bpf.RetConstant{Val: uint32(snapLen)}
	switch f.start {
	case accept:
		return bpf.Assemble([]bpf.Instruction{selected})
	case reject:
		return bpf.Assemble([]bpf.Instruction{bpf.RetConstant{}})
	}
	const rejectAt, acceptAt = 0, 1
	a := assembler{reversed: []bpf.Instruction{rejectAt: bpf.RetConstant{}, acceptAt: selected}}
	places := make([]int, len(f.tests))
	at := func(target int32) int {
		switch target {
		case reject:
			return rejectAt
		case accept:
			return acceptAt
		}
		return places[target]
	}
	for i, r := range f.registers() {
		if !r.reached {
			continue
		}
		a.add(f.tests[i].code(f.link, r), at)
		places[i] = len(a.reversed) - 1
		if len(a.reversed) > maxInstructions {
			return nil, fmt.Errorf("filter program: more than %d instructions: %w", maxInstructions, ErrNoProgram)
		}
	}
	slices.Reverse(a.reversed)
	return bpf.Assemble(a.reversed)
}
