package tui

import (
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// frame is one picture: a grid of cells, blank until a view writes into it.
type frame struct {
	width, height int
	cells         []cell
	glyphs        *glyphs
}

// cell is one column of one row.
type cell struct {
	text string // one grapheme; empty in the second column of a wide one
	ink  ink
}

// reset makes the frame blank, and of that size.
func (f *frame) reset(width, height int) {
	f.width, f.height = width, height
	if n := width * height; cap(f.cells) < n {
		f.cells = make([]cell, n)
	} else {
		f.cells = f.cells[:n]
	}
	for i := range f.cells {
		f.cells[i] = cell{text: " "}
	}
}

// area returns the whole frame.
func (f *frame) area() area { return area{f: f, w: f.width, h: f.height} }

// area is a rectangle of a frame, and what a view draws into. What does not fit
// in it is cut.
type area struct {
	f          *frame
	x, y, w, h int
}

// take cuts the first n rows off and returns them, or as many as there are.
func (a *area) take(n int) area {
	n = max(0, min(n, a.h))
	top := *a
	top.h = n
	a.y += n
	a.h -= n
	return top
}

// columns returns n columns, beginning with column from.
func (a area) columns(from, n int) area {
	a.x += from
	a.w = max(0, min(n, a.w-from))
	return a
}

// put writes a text and returns the column after it. Control characters are
// left out: a text may come from anybody's file, and must not reach the
// terminal as a command.
func (a area) put(x, y int, k ink, text string) int {
	if y < 0 || y >= a.h {
		return x
	}
	for text != "" {
		cluster, rest, width := firstGrapheme(text)
		text = rest
		if width == 0 {
			continue
		}
		if x < 0 || x+width > a.w {
			break
		}
		at := (a.y+y)*a.f.width + a.x + x
		a.f.cells[at] = cell{cluster, k}
		if width == 2 {
			a.f.cells[at+1] = cell{"", k}
		}
		x += width
	}
	return x
}

// putRight writes a text that ends at the area's right edge, and returns the
// column where it begins.
func (a area) putRight(y int, k ink, text string) int {
	x := max(0, a.w-width(text))
	a.put(x, y, k, text)
	return x
}

// putCentered writes a text around a column, as far as the area lets it.
func (a area) putCentered(x, y int, k ink, text string) {
	w := width(text)
	a.put(max(0, min(x-w/2, a.w-w)), y, k, text)
}

// fit shortens a text to so many columns, and marks it where it does.
func (a area) fit(text string, columns int) string {
	if width(text) <= columns {
		return text
	}
	more := a.f.glyphs.more
	end, left := 0, columns-width(more)
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

// ifRoom puts a word before a text if the area has room for both.
func (a area) ifRoom(word, text string) string {
	if width(word)+width(text) <= a.w {
		return word + text
	}
	return text
}

// width is how many columns a text takes.
func width(text string) int {
	n := 0
	for text != "" {
		var w int
		_, text, w = firstGrapheme(text)
		n += w
	}
	return n
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
