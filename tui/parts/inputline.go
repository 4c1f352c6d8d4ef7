package parts

// Draw draws the line on the area's last row, so that the cursor is seen, and
// above it the words that may stand here, if there is a row for them.
func (in *Input) Draw(a Area) {
	line := a.TakeLast(1)
	in.drawWords(a.TakeLast(1))
	x := line.Put(0, 0, Strong, in.Prompt)
	field := line.Columns(x, line.W)
	from := in.visible(field.W)
	at := field.Put(0, 0, Plain, in.text[from:in.cursor])
	field.Put(at, 0, Plain, " ")
	if in.cursor < len(in.text) {
		field.Put(at, 0, Plain, in.text[in.cursor:])
	}
	field.Tint(at, 0, 1, Cursor)
}

// visible is from which byte on the text is shown, so that the cursor is within
// so many columns.
func (in *Input) visible(columns int) int {
	before := in.text[:in.cursor]
	from := 0
	for w := Width(before); before != "" && w >= columns; {
		cluster, rest, width := firstGrapheme(before)
		from += len(cluster)
		before, w = rest, w-width
	}
	return from
}

// drawWords draws as many candidates as fit, beginning so that the chosen one is
// among them.
func (in *Input) drawWords(a Area) {
	if len(in.words) == 0 {
		return
	}
	a.Clear()
	more := Width(a.Glyphs().More)
	x := Width(in.Prompt)
	first := 0
	for i := range in.chosen {
		if x+Width(in.words[i])+1+more > a.W {
			first, x = i, Width(in.Prompt)
		}
		x += Width(in.words[i]) + 1
	}
	x = Width(in.Prompt)
	for i := first; i < len(in.words); i++ {
		if x+Width(in.words[i])+1+more > a.W && i > first {
			a.Put(x, 0, Faint, a.Glyphs().More)
			return
		}
		ink := Faint
		if i+1 == in.chosen {
			ink = Chosen
		}
		x = a.PutFit(x, 0, a.W-x, ink, in.words[i]) + 1
	}
}
