package live

import (
	"errors"

	"golang.org/x/net/bpf"

	"flowlab/capture"
	"flowlab/capture/filter"
)

// opReturn is the instruction that ends a program with a constant: the most bytes
// to keep (bpf(4), BPF_RET+BPF_K).
const opReturn = 0x06

// compile makes the program that the kernel filters with, and the filter that is
// to be applied afterwards, nil if none is.
func compile(o *Options, link capture.LinkType) ([]bpf.RawInstruction, *filter.Filter, error) {
	if o.Filter == "" {
		return all(o), nil, nil
	}
	f, err := filter.Compile(o.Filter, link)
	if err != nil {
		return nil, nil, err
	}
	program, err := f.Program(o.SnapLen)
	if errors.Is(err, filter.ErrNoProgram) {
		return all(o), f, nil
	}
	return program, nil, err
}

// all is a program that takes every packet.
func all(o *Options) []bpf.RawInstruction {
	return []bpf.RawInstruction{{Op: opReturn, K: uint32(o.SnapLen)}}
}
