package main

import "errors"

// The exit codes of all verbs.
const (
	exitFine   = 0
	exitFailed = 1 // a run was not as its scenario expects, --fail-on found its cause, or doctor misses something
	exitError  = 2 // wrong usage, or something went wrong
)

// failed is the error of what went well and did not find what was hoped for: a
// run whose expectations were not all met, a capture with stalls.
type failed string

func (f failed) Error() string { return string(f) }

func exitCode(err error) int {
	var child exited
	var unmet failed
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &child):
		return int(child)
	case errors.As(err, &unmet):
		return exitFailed
	}
	return exitError
}
