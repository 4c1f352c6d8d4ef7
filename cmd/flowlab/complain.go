package main

import (
	"errors"
	"fmt"
	"io"

	"flowlab/scenarios"
)

// complain writes an error, each of several on its own, with its hint.
func complain(w io.Writer, err error) {
	var child exited
	if err == nil || errors.As(err, &child) {
		return
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range several.Unwrap() {
			complain(w, err)
		}
		return
	}
	fmt.Fprintf(w, "flowlab: %v\n", err)
	var mistake *scenarios.Mistake
	if errors.As(err, &mistake) {
		fmt.Fprintf(w, "hint: %s\n", mistake.Hint)
	}
}

// mistake is wrong usage; args belong to the problem.
func mistake(hint, problem string, args ...any) error {
	return &scenarios.Mistake{Problem: fmt.Sprintf(problem, args...), Hint: hint}
}
