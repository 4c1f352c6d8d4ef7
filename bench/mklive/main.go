// Mklive has flowlab and tcpdump capture the same packets at the same time, at
// increasing rates, and prints how many each lost and how much processor time a
// packet cost it.
//
//	mklive FLOWLAB TCPDUMP
//
// Everything happens in a network namespace that it makes, which needs root and
// Linux. Packets are TCP segments of a hundred connections.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mklive:", err)
		os.Exit(1)
	}
}
