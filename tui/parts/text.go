package parts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Width is how many columns a text takes.
func Width(text string) int {
	n := 0
	for text != "" {
		var w int
		_, text, w = firstGrapheme(text)
		n += w
	}
	return n
}

// Fit shortens a text to so many columns, and marks it where it does.
func (a Area) Fit(text string, columns int) string {
	if Width(text) <= columns {
		return text
	}
	more := a.Glyphs().More
	end, left := 0, columns-Width(more)
	for rest := text; rest != ""; {
		var w int
		_, rest, w = firstGrapheme(rest)
		if left -= w; left < 0 {
			break
		}
		end = len(text) - len(rest)
	}
	return text[:end] + more
}

// IfRoom puts a word before a text if the area has room for both.
func (a Area) IfRoom(word, text string) string {
	if Width(word)+Width(text) <= a.W {
		return word + text
	}
	return text
}

// PutLines writes a text on as many rows as there are, broken between words,
// with one blank column on either side. The last row says if there is more.
func (a Area) PutLines(ink Ink, text string) {
	lines := Wrap(text, a.W-2)
	if len(lines) > a.H && a.H > 0 {
		lines[a.H-1] = a.Fit(lines[a.H-1]+" "+lines[a.H], a.W-2)
	}
	for y, line := range lines {
		a.PutFit(1, y, a.W-2, ink, line)
	}
}

// Wrap breaks a text into lines of at most so many columns, between words. A
// word that is longer than a line has a line of its own.
func Wrap(text string, columns int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case Width(line)+1+Width(word) <= columns:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// firstGrapheme cuts off what is shown as one character, and tells how many
// columns it takes: 0, 1 or 2. It is 0 for what must not be shown.
func firstGrapheme(text string) (cluster, rest string, width int) {
	if text[0] < utf8.RuneSelf && (len(text) == 1 || text[1] < utf8.RuneSelf) {
		if unicode.IsControl(rune(text[0])) {
			return text[:1], text[1:], 0
		}
		return text[:1], text[1:], 1
	}
	cluster, rest, width, _ = uniseg.FirstGraphemeClusterInString(text, -1)
	for _, r := range cluster {
		if unicode.IsControl(r) {
			return cluster, rest, 0
		}
	}
	return cluster, rest, min(width, 2)
}
