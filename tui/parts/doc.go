// Package parts is what screens are made of: a canvas of cells, inks and themes,
// glyphs, plots, gauges, tables, an input line and help. It knows no terminal,
// no clock and nothing of TCP: it writes texts and inks into cells, and says what
// is at a place that the mouse points to.
//
// # How to write a view
//
// A view is a function that draws an immutable snapshot on a [Canvas]. It cuts
// the canvas into areas from the top down, and gives each to a part:
//
//	func (v *view) draw(c *parts.Canvas) {
//		rest := c.Area()
//		head, foot := rest.Take(1), rest.TakeLast(1)
//		head.Put(1, 0, parts.Title, v.snapshot.Name)
//		v.table.Rows = len(v.snapshot.Rows)
//		rest.Name("rows") // so that the mouse can say where it is
//		v.table.Draw(rest)
//		parts.Footer(foot, v.keys)
//	}
//
// An [Area] cuts what does not fit, in every size from nothing up; a view need
// not check. What it shows comes from the snapshot alone, and what a key chose
// stands in the view and in its parts ([Table], [Input]). Whoever shows the
// canvas sends only the cells that differ from the picture before, so a view
// draws all of it every time.
//
// # Inks
//
// A view chooses an [Ink] by what a cell means; a [Theme] says how that looks.
// Colour is never all that says it: write a letter, a word or a glyph as well.
// The inks Strong, Faint, Title, Notice, Chosen, Cursor and Match differ from
// Plain without colour, in every theme.
//
// # Plots
//
// A [Plot] has so many samples for each column as [Glyphs.Samples] says; a caller
// merges a history into that many. In the steady state nothing allocates if the
// caller keeps the slices:
//
//	n := area.Glyphs().Samples(area.W - parts.Gutter)
//	p := parts.Plot{Top: 128 << 10, Label: "128 KiB", Curves: []parts.Curve{
//		{Filled: true, Ink: parts.Flight, Samples: inFlight(n)},
//		{Ink: parts.Window, Over: parts.WindowOnFlight, Samples: window(n)},
//	}}
//	p.Draw(area)
//	p.Axis(axis, letters, marks)
//	p.Seconds(times, 0, end)
//
// A frame costs what changes in it. Where a chart moves, let it move by whole
// columns, and not in every frame: a column of it is a fixed part of the time.
//
// # Keys and mouse
//
// Keys have names: a character stands for itself, others are spelled left,
// pgdn, enter, space, ctrl-c, shift-tab. What a key does is the view's to decide;
// an [Input] takes names as they come. A mouse is asked of the canvas that is
// shown:
//
//	if h, ok := canvas.Hit(x, y); ok && h.Name == "rows" {
//		if row, _, ok := v.table.At(h.X, h.Y); ok && row >= 0 {
//			v.table.Choose(row)
//		}
//	}
package parts
