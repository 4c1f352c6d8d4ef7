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

// progress shows on standard error how much of the work is done, if that is a
// terminal.
type progress struct {
	shown bool // it may be shown at all
	next  time.Time
	drawn int // columns
}

// newProgress begins to count the time. Where data is written to the terminal
// while the work goes on, no progress is shown between.
func newProgress(streaming bool) *progress {
	return &progress{
		shown: isTerminal(os.Stderr) && !(streaming && isTerminal(os.Stdout)),
		next:  time.Now().Add(patience),
	}
}

// show says that so many bytes of a total are done; the total is 0 if it is not
// known.
func (p *progress) show(done, total int64) {
	if !p.shown || time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(redraw)
	columns, _, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil || columns == 0 { // a terminal that does not say
		columns = 80
	}
	text := report.Progress(done, total, columns-1)
	length := utf8.RuneCountInString(text)
	_, _ = os.Stderr.WriteString("\r" + text + strings.Repeat(" ", max(0, p.drawn-length)))
	p.drawn = length
}

// erase removes what is shown.
func (p *progress) erase() {
	if p.drawn > 0 {
		_, _ = os.Stderr.WriteString("\r" + strings.Repeat(" ", p.drawn) + "\r")
		p.drawn = 0
	}
}
