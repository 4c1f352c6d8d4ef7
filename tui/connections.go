// The table of all connections.

package tui

import (
	"fmt"
	"strconv"

	"flowlab/diagnose/board"
	"flowlab/flow"
	"flowlab/tui/command"
	"flowlab/tui/parts"
)

// connections is the table of all connections, and what keys chose in it.
type connections struct {
	rowTable[board.Row, board.By] // of what the filter lets through
	snapshot                      *board.Snapshot
	sorter                        board.Sorter

	glyphs  *parts.Glyphs // that it is drawn with
	filter  board.Filter
	input   parts.Input // of the filter, while it is typed
	typing  bool
	mistake string // what is wrong with what was typed
	words   func(kind string) []string
}

// connectionColumns are the table's columns, those that matter most first, each with the
// order that a click on its title asks for.
var connectionColumns = []struct {
	column parts.Column
	by     board.By
	value  func(r *board.Row, at flow.Time) parts.Value
}{
	{parts.Column{Width: 33, Grows: true}, board.ByClient, nil}, // by glyphs: see draw
	{parts.Column{Title: "held by", Width: 17}, board.ByHeld, func(r *board.Row, _ flow.Time) parts.Value {
		s := &r.Sides[r.Worse()]
		if s.Since == 0 || s.Cause == flow.Application {
			return parts.Value{Text: "nobody", Ink: parts.Faint}
		}
		return parts.Value{Text: s.Cause.String(), Ink: inkOf(s.Cause)}
	}},
	{parts.Column{Title: "for", Width: 8, Right: true}, board.ByHeld, func(r *board.Row, at flow.Time) parts.Value {
		s := &r.Sides[r.Worse()]
		if s.Since == 0 || s.Cause == flow.Application {
			return parts.Value{}
		}
		return parts.Value{Text: secondsText(s.For(at), 1)}
	}},
	{parts.Column{Title: "stalled", Width: 9, Right: true}, board.ByStalled, func(r *board.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: secondsText(r.Stalled(), 1)}
	}},
	{parts.Column{Title: "state", Width: 7}, board.ByState, func(r *board.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: r.State.String(), Ink: stateInks[r.State]}
	}},
	{parts.Column{Title: "bytes", Width: 9, Right: true}, board.ByBytes, func(r *board.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: bytesText(r.Bytes())}
	}},
	{parts.Column{Title: "stalls", Width: 6, Right: true}, board.ByStalled, func(r *board.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: strconv.Itoa(r.Stalls())}
	}},
	{parts.Column{Title: "longest", Width: 9, Right: true}, board.ByLongest, func(r *board.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: secondsText(r.Longest(), 1)}
	}},
	{parts.Column{Title: "is", Width: 4}, board.ByProtocol, func(r *board.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: r.Protocol.String()}
	}},
	{parts.Column{Title: "number", Width: 6, Right: true}, board.ByNumber, func(r *board.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: strconv.Itoa(r.Number)}
	}},
	{parts.Column{Title: "interface", Width: 9}, board.ByNumber, func(r *board.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: r.Interface}
	}},
}

var stateInks = [...]parts.Ink{board.Held: parts.Alarm, board.Flowing: parts.Plain, board.Idle: parts.Faint, board.Closed: parts.Faint}

// newConnections is an empty table. Which interfaces there are is asked of words.
func newConnections(words func(kind string) []string) *connections {
	c := &connections{words: words}
	c.forget()
	c.key = func(r *board.Row) uint64 { return uint64(r.Number) }
	for _, column := range connectionColumns {
		c.table.Columns, c.orders = append(c.table.Columns, column.column), append(c.orders, column.by)
	}
	c.table.Value = func(row, column int) parts.Value {
		r := c.rows[row]
		if column == 0 {
			return parts.Value{Text: connText(c.glyphs, r.ID)}
		}
		return connectionColumns[column].value(r, c.snapshot.At)
	}
	return c
}

// show takes a snapshot.
func (c *connections) show(s *board.Snapshot) {
	c.snapshot = s
	c.arrange(c.sorter.Sort(s, &c.filter, c.by, c.reverse))
}

// tableRegion is where a click selects a row, or sorts by a column.
const tableRegion = "table"

// draw draws the table, and below it who holds the connection that is selected.
func (c *connections) draw(a parts.Area) {
	const said = 2
	sentence := a.TakeLast(said)
	a.Name(tableRegion)
	c.table.Columns[0].Title = endsText(a.Glyphs(), "client", "server")
	c.glyphs = a.Glyphs()
	c.table.Draw(a)
	switch r := c.selected(); {
	case c.mistake != "":
		sentence.PutLines(parts.Alarm, c.mistake)
	case r != nil:
		rowSentence(r, c.snapshot.At).draw(sentence)
	case c.snapshot.Source.Connections == 0:
		sentence.PutLines(parts.Plain, "no connection was seen yet")
	default:
		sentence.PutLines(parts.Plain, fmt.Sprintf("none of %d connections is one of: %s", len(c.snapshot.Rows), c.filter))
	}
}

// press does what a key is for in the table.
func (c *connections) press(key string) bool {
	if c.move(key) {
		return true
	}
	switch key {
	case "s":
		c.sort(board.By((int(c.by) + 1) % len(board.ByNames())))
	case "r":
		c.sort(c.by)
	case "/":
		c.typing, c.mistake = true, ""
		c.input.Set(c.filter.String())
	default:
		return false
	}
	return true
}

// sift shows only what a filter lets through.
func (c *connections) sift(f board.Filter) {
	c.filter, c.mistake = f, ""
	c.show(c.snapshot)
}

// forget forgets all that was typed.
func (c *connections) forget() {
	c.filter, c.mistake, c.typing = board.Filter{}, "", false
	c.input = parts.Input{Prompt: "/", Complete: func(before string) (int, []string) {
		return command.CompleteFilter(before, 0, c.words)
	}}
}

// sort sorts by something else, or the other way round by the same.
func (c *connections) sort(by board.By) {
	c.sortBy(by)
	c.show(c.snapshot)
}

// enter takes in a key while a filter is typed.
func (c *connections) enter(key string) {
	switch c.input.Press(key) {
	case parts.Entered:
		f, err := board.ParseFilter(c.input.Text())
		if c.mistake = ""; err != nil {
			c.mistake = err.Error()
			return // it can be mended
		}
		c.input.Remember(c.input.Text())
		c.typing = false
		c.sift(f)
	case parts.Abandoned:
		c.typing, c.mistake = false, ""
	}
}

// click does what the mouse is for at a place of the table. It is true if the row was
// selected already, and so is to be opened.
func (c *connections) click(x, y int) (open bool) {
	sort, open := c.rowTable.click(x, y)
	if sort {
		c.show(c.snapshot)
	}
	return open
}
