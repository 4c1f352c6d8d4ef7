package filter

import (
	"testing"

	"golang.org/x/net/bpf"
)

// TestBranch puts targets of a jump just within and just beyond its reach.
func TestBranch(t *testing.T) {
	for yesFar := 252; yesFar <= 258; yesFar++ {
		for noFar := 252; noFar <= 258; noFar++ {
			const yes, no, end = 1, 2, 3
			a := assembler{reversed: make([]bpf.Instruction, 300)}
			for i := range a.reversed {
				a.reversed[i] = bpf.RetConstant{Val: end}
			}
			yesAt, noAt := 300-1-yesFar, 300-1-noFar
			if yesAt == noAt {
				continue
			}
			a.reversed[yesAt], a.reversed[noAt] = bpf.RetConstant{Val: yes}, bpf.RetConstant{Val: no}
			targets := []int{yesAt, noAt}
			a.add([]step{
				{Instruction: bpf.LoadAbsolute{Size: 1}},
				{compare: bpf.JumpEqual, value: 7, yes: 0, no: 1},
			}, func(target int32) int { return targets[target] })
			program := make([]bpf.Instruction, 0, len(a.reversed))
			for i := len(a.reversed) - 1; i >= 0; i-- {
				program = append(program, a.reversed[i])
			}
			vm, err := bpf.NewVM(program)
			if err != nil {
				t.Fatal(err)
			}
			for _, test := range []struct {
				data byte
				want int
			}{{7, yes}, {8, no}} {
				if got, err := vm.Run([]byte{test.data}); got != test.want || err != nil {
					t.Errorf("%d and %d instructions far: %d, want %d (%v)", yesFar, noFar, got, test.want, err)
				}
			}
		}
	}
}
