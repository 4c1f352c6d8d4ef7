// Mksoak keeps flowlab watch busy for a while, and says whether it saw what
// there was: many short connections, a few long ones, and memory that does not
// grow.
//
//	mksoak FLOWLAB SECONDS SHORT LONG
//
// Everything happens on the loopback interface of a network namespace that it
// makes, which needs root and Linux. The exit code is 1 if the counts differ or
// memory grew.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mksoak:", err)
		os.Exit(1)
	}
}
