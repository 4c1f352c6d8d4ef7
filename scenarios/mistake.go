package scenarios

import (
	"fmt"
	"strconv"
	"strings"
)

// Mistake is an error that its author can put right. Every error about what
// somebody wrote, in a file or on the command line, is or wraps a Mistake.
type Mistake struct {
	Problem string // what is wrong, with the value; one line
	Hint    string // what would be right; one line, never empty
}

func (m *Mistake) Error() string { return m.Problem }

// FileError is a Mistake with its place in a scenario file.
type FileError struct {
	File         string
	Line, Column int // from 1, the column in characters; both 0 if the whole file is meant
	*Mistake
}

// Error returns "file:line:column: problem", without the hint.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Problem)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// Unwrap returns the Mistake.
func (e *FileError) Unwrap() error { return e.Mistake }

// mistake returns a Mistake; args belong to the problem.
func mistake(hint, problem string, args ...any) *Mistake {
	return &Mistake{Problem: fmt.Sprintf(problem, args...), Hint: hint}
}

// unknown is the Mistake of a name that is not among names, which are all of
// one kind ("knob", in the plural "knobs").
func unknown(kind, name string, names []string) error {
	kinds := kind + "s"
	if stem, is := strings.CutSuffix(kind, "y"); is {
		kinds = stem + "ies"
	}
	return mistake(hintName(kinds, name, names), "unknown %s %s", kind, quote(name))
}

// listed are the kinds of which there are too many for a hint, and where they stand.
var listed = map[string]string{
	"scenarios": "flowlab list has the scenarios",
	"knobs":     "flowlab run --help has the knobs",
}

// hintName points from a wrong name to the nearest right ones, or to all.
func hintName(kinds, name string, names []string) string {
	if hint := DidYouMean(name, names); hint != "" {
		return hint
	}
	if where := listed[kinds]; where != "" {
		return where
	}
	return "the " + kinds + " are: " + strings.Join(names, ", ")
}

// DidYouMean is the hint from a wrong name to the nearest right ones, "" if none is near.
func DidYouMean(name string, names []string) string {
	const most = 4 // of a long list nobody picks
	near := nearest(name, names)
	if len(near) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(near[:min(len(near), most)], " or ") + "?"
}

// quote shows what somebody wrote. It cuts what is long and escapes what a
// terminal would obey.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}
