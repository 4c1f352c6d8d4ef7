package report

import (
	"fmt"
	"strings"
)

// width is how many columns a line has at most.
const width = 80

// page is a text under construction.
type page struct {
	strings.Builder
	style Style
}

// line writes a line, without the spaces that it ends in.
func (p *page) line(format string, args ...any) {
	p.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	p.WriteByte('\n')
}

// heading begins a section.
func (p *page) heading(format string, args ...any) {
	p.line("\n%s", p.style.bold(fmt.Sprintf(format, args...)))
}
