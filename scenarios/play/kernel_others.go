//go:build !linux

package play

import (
	"flowlab/lab"
	"flowlab/scenarios"
)

// newKernelHost says that there is none.
func newKernelHost(*lab.Wire, hostOptions) (host, error) {
	return nil, &scenarios.Mistake{
		Problem: "the kernel network is there on Linux only",
		Hint:    "use --network userspace, which runs everywhere",
	}
}
