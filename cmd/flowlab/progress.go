package main

import (
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"flowlab/report"
)

const (
	patience = 500 * time.Millisecond // work that takes less shows no progress
	redraw   = 100 * time.Millisecond
)

// status is a line on standard error that is written over, if that is a terminal.
type status struct {
	shown bool // it may be shown at all
	drawn int  // columns
}

// newStatus returns a status. Where data is written to the terminal while the
// work goes on, none is shown between.
func newStatus(streaming bool) status {
	return status{shown: isTerminal(os.Stderr) && !(streaming && isTerminal(os.Stdout))}
}

// show replaces the line by what text says in at most so many columns.
func (s *status) show(text func(columns int) string) {
	if !s.shown {
		return
	}
	columns, _, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil || columns == 0 { // a terminal that does not say
		columns = 80
	}
	line := text(columns - 1)
	length := utf8.RuneCountInString(line)
	_, _ = os.Stderr.WriteString("\r" + line + strings.Repeat(" ", max(0, s.drawn-length)))
	s.drawn = length
}

// erase removes what is shown.
func (s *status) erase() {
	if s.drawn > 0 {
		_, _ = os.Stderr.WriteString("\r" + strings.Repeat(" ", s.drawn) + "\r")
		s.drawn = 0
	}
}

// progress shows how much of the work is done.
type progress struct {
	status
	next time.Time
}

// newProgress begins to count the time.
func newProgress(streaming bool) *progress {
	return &progress{status: newStatus(streaming), next: time.Now().Add(patience)}
}

// report says that so many bytes of a total are done; the total is 0 if it is not
// known.
func (p *progress) report(done, total int64) {
	if !p.shown || time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(redraw)
	p.show(func(columns int) string { return report.Progress(done, total, columns) })
}
