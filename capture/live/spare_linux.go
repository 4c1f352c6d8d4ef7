package live

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"golang.org/x/net/bpf"

	"flowlab/capture"
	"flowlab/flow"
)

// sparing makes the end of a program that the kernel filters with: it takes packets
// whole, but for those of connections that are spared, and of UDP, of which it takes
// the headers.
//
// A connection is known by a hash of 32 bits, the same in both directions, with factors
// that are random for each socket. That another connection has the hash of one of 512
// happens once in eight million; of that one the headers come, too.
type sparing struct {
	link    capture.LinkType
	whole   uint32               // bytes to take of a packet
	headers uint32               // bytes to take where no more is asked for
	factors [3]uint32            // odd
	program []bpf.RawInstruction // which chooses packets
}

func newSparing(o *Options, link capture.LinkType, program []bpf.RawInstruction) *sparing {
	return &sparing{
		link: link, whole: uint32(o.SnapLen), headers: uint32(o.Headers),
		factors: [3]uint32{rand.Uint32() | 1, rand.Uint32() | 1, rand.Uint32() | 1}, program: program,
	}
}

// hash is by what a connection is known: the sum of its ends' hashes.
func (s *sparing) hash(t *flow.Tuple) uint32 { return s.endpoint(&t.Src) + s.endpoint(&t.Dst) }

func (s *sparing) endpoint(e *flow.Endpoint) (h uint32) {
	words := 4
	if e.IPv4 {
		words = 1
	}
	for i := range words {
		h = (h + binary.BigEndian.Uint32(e.IP[4*i:])) * s.factors[0]
	}
	h += uint32(e.Port) * s.factors[1]
	return (h ^ h>>15) * s.factors[2]
}

// compile makes the whole program, with the connections that are spared.
func (s *sparing) compile(spared []flow.Tuple) ([]bpf.RawInstruction, error) {
	hashes := make([]uint32, len(spared))
	for i := range spared {
		hashes[i] = s.hash(&spared[i])
	}
	slices.Sort(hashes)
	end, err := bpf.Assemble(s.end(slices.Compact(hashes)))
	if err != nil {
		return nil, err
	}
	program := slices.Clone(s.program)
	for i := range program {
		if p := &program[i]; p.Op == opReturn && p.K != 0 {
			*p = bpf.RawInstruction{Op: opJump, K: uint32(len(program) - i - 1)}
		}
	}
	return append(program, end...), nil
}

// opJump is the instruction that passes over K others (bpf(4), BPF_JMP+BPF_JA).
const opJump = 0x05

// Where things stand in the headers of RFC 791, 8200, 9293 and 768.
const (
	protocolTCP = 6
	protocolUDP = 17
	portVXLAN   = 4789 // RFC 7348
	portGeneve  = 6081 // RFC 8926
)

// end tells versions of IP apart.
func (s *sparing) end(hashes []uint32) []bpf.Instruction {
	search := s.search(hashes)
	four, six := append(s.four(), search...), append(s.six(), search...)
	var begin []bpf.Instruction
	var version4, version6 uint32
	var ip uint32
	if s.link == capture.Ethernet {
		ip, version4, version6 = 14, 0x0800, 0x86dd
		begin = append(begin, bpf.LoadAbsolute{Off: 12, Size: 2})
	} else { // what the kernel shows begins with the IP header
		version4, version6 = 4, 6
		begin = append(begin, bpf.LoadAbsolute{Off: 0, Size: 1}, bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 4})
	}
	begin = append(begin,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: version4, SkipTrue: 3},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: version6, SkipTrue: 1},
		bpf.RetConstant{Val: s.whole},
		bpf.Jump{Skip: uint32(len(four))},
	)
	return shift(slices.Concat(begin, four, six), ip, len(begin))
}

// shift adds the length of what is before the IP header to where things are read.
func shift(program []bpf.Instruction, ip uint32, from int) []bpf.Instruction {
	for i := from; i < len(program); i++ {
		switch load := program[i].(type) {
		case bpf.LoadAbsolute:
			load.Off += ip
			program[i] = load
		case bpf.LoadIndirect:
			load.Off += ip
			program[i] = load
		case bpf.LoadMemShift:
			load.Off += ip
			program[i] = load
		}
	}
	return program
}

// four leaves the hash of a TCP packet of IPv4 in the accumulator.
func (s *sparing) four() []bpf.Instruction {
	udp := s.udp(bpf.LoadIndirect{Off: 0, Size: 2}, bpf.LoadIndirect{Off: 2, Size: 2})
	return slices.Concat([]bpf.Instruction{
		bpf.LoadAbsolute{Off: 6, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: 0x3fff, SkipTrue: 1},
		bpf.RetConstant{Val: s.whole}, // a fragment
		bpf.LoadMemShift{Off: 0},
		bpf.LoadAbsolute{Off: 9, Size: 1},
	}, s.protocol(udp), s.mix(bpf.LoadIndirect{Off: 0, Size: 2}, bpf.LoadIndirect{Off: 2, Size: 2}, 12, 16, 1))
}

// six does the same for IPv6.
func (s *sparing) six() []bpf.Instruction {
	udp := s.udp(bpf.LoadAbsolute{Off: 40, Size: 2}, bpf.LoadAbsolute{Off: 42, Size: 2})
	return slices.Concat([]bpf.Instruction{bpf.LoadAbsolute{Off: 6, Size: 1}}, s.protocol(udp),
		s.mix(bpf.LoadAbsolute{Off: 40, Size: 2}, bpf.LoadAbsolute{Off: 42, Size: 2}, 8, 24, 4))
}

// protocol goes on for TCP, and takes all else whole, as it may be a tunnel, but UDP.
func (s *sparing) protocol(udp []bpf.Instruction) []bpf.Instruction {
	return append([]bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: protocolTCP, SkipTrue: uint8(len(udp)) + 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: protocolUDP, SkipTrue: 1},
		bpf.RetConstant{Val: s.whole},
	}, udp...)
}

// udp takes the headers of UDP that is no tunnel.
func (s *sparing) udp(source, destination bpf.Instruction) []bpf.Instruction {
	return []bpf.Instruction{
		source,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: portVXLAN, SkipTrue: 5},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: portGeneve, SkipTrue: 4},
		destination,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: portVXLAN, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: portGeneve, SkipTrue: 1},
		bpf.RetConstant{Val: s.headers},
		bpf.RetConstant{Val: s.whole},
	}
}

// mix makes the hash of a packet from its ports and its addresses, of so many words.
// X, in which IPv4 has where the ports are, is used for other things only after these.
func (s *sparing) mix(source, destination bpf.Instruction, from, to, words uint32) []bpf.Instruction {
	const port, sum = 0, 1 // where it is kept
	return slices.Concat(
		[]bpf.Instruction{destination, bpf.StoreScratch{Src: bpf.RegA, N: sum}, source, bpf.StoreScratch{Src: bpf.RegA, N: port}},
		s.mixEnd(from, words, port),
		[]bpf.Instruction{bpf.LoadScratch{Dst: bpf.RegX, N: sum}, bpf.StoreScratch{Src: bpf.RegA, N: sum}, bpf.TXA{}, bpf.StoreScratch{Src: bpf.RegA, N: port}},
		s.mixEnd(to, words, port),
		[]bpf.Instruction{bpf.LoadScratch{Dst: bpf.RegX, N: sum}, bpf.ALUOpX{Op: bpf.ALUOpAdd}},
	)
}

// mixEnd does what endpoint does, with a port that is kept.
func (s *sparing) mixEnd(address, words uint32, port int) (program []bpf.Instruction) {
	for i := range words {
		if i > 0 {
			program = append(program, bpf.TAX{})
		}
		program = append(program, bpf.LoadAbsolute{Off: address + 4*i, Size: 4})
		if i > 0 {
			program = append(program, bpf.ALUOpX{Op: bpf.ALUOpAdd})
		}
		program = append(program, bpf.ALUOpConstant{Op: bpf.ALUOpMul, Val: s.factors[0]})
	}
	return append(program,
		bpf.TAX{},
		bpf.LoadScratch{Dst: bpf.RegA, N: port},
		bpf.ALUOpConstant{Op: bpf.ALUOpMul, Val: s.factors[1]},
		bpf.ALUOpX{Op: bpf.ALUOpAdd},
		bpf.TAX{},
		bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 15},
		bpf.ALUOpX{Op: bpf.ALUOpXor},
		bpf.ALUOpConstant{Op: bpf.ALUOpMul, Val: s.factors[2]},
	)
}

// search looks for the accumulator in a sorted list.
func (s *sparing) search(hashes []uint32) []bpf.Instruction {
	const few = 2
	if len(hashes) <= few {
		var program []bpf.Instruction
		for _, h := range hashes {
			program = append(program, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: h, SkipTrue: 1}, bpf.RetConstant{Val: s.headers})
		}
		return append(program, bpf.RetConstant{Val: s.whole})
	}
	middle := len(hashes) / 2
	below, above := s.search(hashes[:middle]), s.search(hashes[middle:])
	return slices.Concat([]bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: hashes[middle], SkipTrue: 1},
		bpf.Jump{Skip: uint32(len(below))},
	}, below, above)
}
