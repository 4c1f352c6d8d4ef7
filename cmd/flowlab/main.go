// Flowlab shows who is holding the sender of a TCP transfer, and what would let
// it go.
//
// This package is its command line: a file a verb, which only wires together
// what other packages do. See flowlab --help.
//
// Data goes to standard output and everything else to standard error. The exit
// code is one of those in exit.go. An error is one line that begins with
// "flowlab:", and a line that begins with "hint:" says what would be right.
package main

import (
	"context"
	"os"
)

func main() {
	root := newRoot()
	err := root.ExecuteContext(context.Background())
	complain(os.Stderr, err)
	os.Exit(exitCode(err))
}
