package parts

import (
	"strconv"
	"testing"
)

// connections is a table as watch has one, of so many rows.
func connections(rows int) *Table {
	causes := []string{"receive-window", "congestion", "application"}
	names := make([]string, min(rows, 100))
	for i := range names {
		names[i] = strconv.Itoa(100 * i)
	}
	return &Table{
		Columns: []Column{
			{Title: "connection", Width: 20, Grows: true},
			{Title: "held by", Width: 16},
			{Title: "stalled, ms", Right: true},
			{Title: "window", Width: 16},
		},
		Rows: rows,
		Value: func(row, column int) Value {
			switch column {
			case 0:
				return Value{Text: "10.0.0.1:40000 to 10.0.0.2:443"}
			case 1:
				return Value{Text: causes[row%3], Ink: Line(row % 3)}
			case 2:
				return Value{Text: names[row%len(names)]}
			}
			return Value{Text: names[row%len(names)], Ink: Flight, Part: int64(row), Whole: 16}
		},
		Sorted: 3, Descending: true,
	}
}

func TestTable(t *testing.T) {
	golden(t, "table", inEverySet(80, 10, func(a Area) {
		table := connections(30)
		table.Choose(11)
		table.Draw(a)
	}))
	golden(t, "table-narrow", inEverySet(50, 5, func(a Area) { connections(3).Draw(a) }))
	golden(t, "table-narrowest", inEverySet(12, 3, func(a Area) { connections(3).Draw(a) }))
}

// TestTableChoice: the selected row is one that there is, and is among those that
// are drawn.
func TestTableChoice(t *testing.T) {
	table := connections(30)
	c := blank(&Block, 80, 11)
	move := func(by int) {
		table.Move(by)
		c.Reset(80, 11)
		table.Draw(c.Area())
	}
	for _, c := range []struct{ by, chosen, first int }{
		{0, 0, 0}, {9, 9, 0}, {1, 10, 1}, {-5, 5, 1}, {-5, 0, 0}, {100, 29, 20}, {-9, 20, 20}, {-1, 19, 19}, {-100, 0, 0},
	} {
		move(c.by)
		if table.Chosen != c.chosen || table.first != c.first {
			t.Errorf("after %+d row %d is chosen and %d on top, want %d and %d", c.by, table.Chosen, table.first, c.chosen, c.first)
		}
	}
	if table.Page() != 10 {
		t.Errorf("a page has %d rows, want 10", table.Page())
	}
	table.Chosen, table.Rows = 29, 3 // the others have gone
	move(0)
	if table.Chosen != 2 || table.first != 0 {
		t.Errorf("of 3 rows %d is chosen and %d on top", table.Chosen, table.first)
	}
}

func TestTableAt(t *testing.T) {
	table := connections(30)
	table.Choose(29)
	c := blank(&Block, 80, 11)
	table.Draw(c.Area())
	for _, c := range []struct {
		x, y, row, column int
		ok                bool
	}{
		{1, 0, -1, 0, true}, {0, 0, -1, -1, false}, {79, 0, -1, -1, false},
		{1, 1, 20, 0, true}, {78, 10, 29, 3, true}, {0, 5, 24, -1, true}, {1, 11, 0, 0, false}, {1, -1, 0, 0, false},
	} {
		row, column, ok := table.At(c.x, c.y)
		if row != c.row || column != c.column || ok != c.ok {
			t.Errorf("at %d,%d: row %d, column %d, %t; want %d, %d, %t", c.x, c.y, row, column, ok, c.row, c.column, c.ok)
		}
	}
	short := connections(2)
	short.Draw(blank(&Block, 80, 11).Area())
	if _, _, ok := short.At(1, 3); ok {
		t.Error("there is something below the last row")
	}
}

// TestTableAsksForWhatIsShown: ten thousand rows cost a screenful.
func TestTableAsksForWhatIsShown(t *testing.T) {
	table := connections(10_000)
	value, asked := table.Value, 0
	table.Value = func(row, column int) Value {
		asked++
		return value(row, column)
	}
	table.Choose(7000)
	table.Draw(blank(&Block, 200, 60).Area())
	if want := 59 * 4; asked != want {
		t.Errorf("%d values were asked for, want %d", asked, want)
	}
}

func TestTablePress(t *testing.T) {
	table := connections(30)
	table.Draw(blank(&Block, 80, 11).Area())
	for _, c := range []struct {
		key  string
		row  int
		used bool
	}{
		{"down", 1, true}, {"j", 2, true}, {"up", 1, true}, {"pgdn", 11, true}, {"pgup", 1, true},
		{"G", 29, true}, {"down", 29, true}, {"g", 0, true}, {"up", 0, true}, {"s", 0, false}, {"enter", 0, false},
	} {
		if used := table.Press(c.key); used != c.used || table.Chosen != c.row {
			t.Errorf("%s: row %d, used %v; want %d, %v", c.key, table.Chosen, used, c.row, c.used)
		}
	}
}
