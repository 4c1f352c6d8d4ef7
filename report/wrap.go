package report

import (
	"strings"
	"unicode/utf8"
)

// wrap breaks a text into lines of at most [width] columns. So many columns of
// the first line are taken already; the lines after it are indented.
func wrap(text string, taken, indent int) string {
	var b strings.Builder
	column := taken
	for i, part := range parts(text) {
		n := utf8.RuneCountInString(part)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(part)
		column += n
	}
	return b.String()
}

// parts cuts a text where a line may break: between words, but not between a
// number and its unit.
func parts(text string) (parts []string) {
	number := false
	for _, word := range strings.Fields(text) {
		if number {
			parts[len(parts)-1] += " " + word
		} else {
			parts = append(parts, word)
		}
		last := word[len(word)-1]
		number = last >= '0' && last <= '9'
	}
	return parts
}
