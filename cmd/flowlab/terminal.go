package main

import (
	"os"

	"golang.org/x/term"
)

// onTerminal tells whether a screen can be drawn and its keys be read.
func onTerminal() bool { return isTerminal(os.Stdin) && isTerminal(os.Stdout) }

// colored tells whether to write colours to standard output: it is a terminal,
// and its user did not refuse them (https://no-color.org).
func colored() bool { return isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "" }

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
