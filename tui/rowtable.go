package tui

import "flowlab/tui/parts"

// order is what rows may be sorted by.
type order interface {
	comparable
	// Ascending tells whether the least comes first unless it is reversed.
	Ascending() bool
}

// rowTable is a table whose rows are sorted by what by says, and of which one is selected:
// it stays so wherever it is when the rows are others.
type rowTable[Row any, By order] struct {
	table   parts.Table
	rows    []*Row // in order
	by      By
	reverse bool
	orders  []By              // of the columns: what a click on a title sorts by
	key     func(*Row) uint64 // names a row, not 0
	chosen  uint64            // the key of the selected one; 0 for none
}

// arrange takes other rows, in order.
func (t *rowTable[Row, By]) arrange(rows []*Row) {
	t.rows, t.table.Rows = rows, len(rows)
	t.table.Sorted = 0
	for i, by := range t.orders {
		if by == t.by && t.table.Sorted == 0 {
			t.table.Sorted, t.table.Descending = i+1, by.Ascending() == t.reverse
		}
	}
	for i, r := range rows {
		if t.key(r) == t.chosen {
			t.table.Choose(i)
			return
		}
	}
	t.table.Choose(t.table.Chosen) // it is not there at this instant, and may be again
	if t.chosen == 0 {
		t.choose(0)
	}
}

// choose selects a row.
func (t *rowTable[Row, By]) choose(row int) {
	t.table.Choose(row)
	t.chosen = 0
	if r := t.selected(); r != nil {
		t.chosen = t.key(r)
	}
}

// selected is the row that is selected, nil if there is none.
func (t *rowTable[Row, By]) selected() *Row {
	if len(t.rows) == 0 {
		return nil
	}
	return t.rows[t.table.Chosen]
}

// move does what a key is for, if it selects a row.
func (t *rowTable[Row, By]) move(key string) bool {
	if !t.table.Press(key) {
		return false
	}
	t.choose(t.table.Chosen)
	return true
}

// sortBy notes that rows are to be sorted by something else, or the other way round by the
// same.
func (t *rowTable[Row, By]) sortBy(by By) {
	t.reverse = t.by == by && !t.reverse
	t.by = by
}

// click does what the mouse is for at a place of the table: sort is true if it chose an
// order, and open if it was on the row that is selected already.
func (t *rowTable[Row, By]) click(x, y int) (sort, open bool) {
	row, column, ok := t.table.At(x, y)
	switch {
	case !ok:
	case row < 0:
		t.sortBy(t.orders[column])
		return true, false
	case row == t.table.Chosen:
		return false, true
	default:
		t.choose(row)
	}
	return false, false
}
