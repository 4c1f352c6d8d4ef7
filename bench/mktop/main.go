// Mktop opens many connections and prints what it costs flowlab top and ss -tin to
// look at all of them once a second.
//
//	mktop FLOWLAB SS SOCKETS
//
// Everything happens in a network namespace that it makes, which needs root and
// Linux.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mktop:", err)
		os.Exit(1)
	}
}
