// The table of a host's sockets.

package tui

import (
	"fmt"
	"strconv"
	"time"

	"flowlab/flow"
	"flowlab/sockets/looks"
	"flowlab/tui/parts"
)

// socketTable is the table, and what keys chose in it.
type socketTable struct {
	rowTable[looks.Row, looks.By] // of what the filter lets through
	snapshot                      *looks.Snapshot

	idle    bool // idle sockets too
	filter  looks.Filter
	input   parts.Input // of the filter, while it is typed
	typing  bool
	mistake string // what is wrong with what was typed
}

// socketColumns are the table's columns, those that matter most first, each with the
// order that a click on its title asks for.
var socketColumns = []struct {
	column parts.Column
	by     looks.By
	value  func(r *looks.Row, at flow.Time) parts.Value
}{
	{parts.Column{Title: "process", Width: 10}, looks.ByProcess, func(r *looks.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: r.Name()}
	}},
	{parts.Column{Title: "other end", Width: 21, Grows: true}, looks.ByRemote, func(r *looks.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: r.Remote.String()}
	}},
	{parts.Column{Title: "held by", Width: 14}, looks.ByCause, func(r *looks.Row, _ flow.Time) parts.Value {
		return limitOf(r)
	}},
	{parts.Column{Title: "share", Width: 5, Right: true}, looks.ByHeld, func(r *looks.Row, _ flow.Time) parts.Value {
		if r.Idle || r.OwnReader() {
			return parts.Value{}
		}
		return parts.Value{Text: strconv.Itoa(int(r.Shares[r.Cause])) + " %"}
	}},
	{parts.Column{Title: "recv-q", Width: 8, Right: true}, looks.ByUnread, func(r *looks.Row, _ flow.Time) parts.Value {
		text := queueText(r.RecvQ)
		if r.Growing {
			text = "+" + text
		}
		return parts.Value{Text: text}
	}},
	{parts.Column{Title: "send-q", Width: 8, Right: true}, looks.ByUnacked, func(r *looks.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: queueText(r.SendQ)}
	}},
	{parts.Column{Title: "sends", Width: 9, Right: true}, looks.ByRate, func(r *looks.Row, _ flow.Time) parts.Value {
		return flowing(r.Acked)
	}},
	{parts.Column{Title: "rtt", Width: 7, Right: true}, looks.ByRTT, func(r *looks.Row, _ flow.Time) parts.Value {
		if r.RTT == 0 {
			return parts.Value{}
		}
		return parts.Value{Text: rttText(micros(r.RTT))}
	}},
	{parts.Column{Title: "port", Width: 5, Right: true}, looks.ByPort, func(r *looks.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: strconv.Itoa(int(r.Local.Port))}
	}},
	{parts.Column{Title: "for", Width: 7, Right: true}, looks.ByHeld, func(r *looks.Row, at flow.Time) parts.Value {
		return parts.Value{Text: secondsText(r.For(at), 0)}
	}},
	{parts.Column{Title: "receives", Width: 9, Right: true}, looks.ByCame, func(r *looks.Row, _ flow.Time) parts.Value {
		return flowing(r.Came)
	}},
	{parts.Column{Title: "container", Width: 12}, looks.ByContainer, func(r *looks.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: r.Group()}
	}},
	{parts.Column{Title: "pid", Width: 7, Right: true}, looks.ByProcess, func(r *looks.Row, _ flow.Time) parts.Value {
		if r.Process == nil {
			return parts.Value{}
		}
		return parts.Value{Text: strconv.Itoa(r.PID())}
	}},
	{parts.Column{Title: "state", Width: 11}, looks.ByCause, func(r *looks.Row, _ flow.Time) parts.Value {
		return parts.Value{Text: r.State.String()}
	}},
}

// limitOf says in words what limits a socket.
func limitOf(r *looks.Row) parts.Value {
	switch {
	case r.OwnReader(): // it is the other side that is held
		return parts.Value{Text: "OWN READER", Ink: parts.Alarm}
	case r.Idle:
		return parts.Value{Text: "idle", Ink: parts.Faint}
	}
	return parts.Value{Text: capitals(r.Cause), Ink: inkOf(r.Cause)}
}

// queueText writes what waits in a queue; nothing if it is empty.
func queueText(bytes uint32) string {
	if bytes == 0 {
		return ""
	}
	return bytesText(int64(bytes))
}

// flowing is a rate; nothing if it is none.
func flowing(rate int64) parts.Value {
	if rate == 0 {
		return parts.Value{}
	}
	return parts.Value{Text: rateText(float64(rate))}
}

func micros(n uint32) time.Duration { return time.Duration(n) * time.Microsecond }

func newSocketTable() *socketTable {
	t := &socketTable{}
	t.key = func(r *looks.Row) uint64 { return r.Cookie }
	for _, column := range socketColumns {
		t.table.Columns, t.orders = append(t.table.Columns, column.column), append(t.orders, column.by)
	}
	t.table.Value = func(row, column int) parts.Value {
		return socketColumns[column].value(t.rows[row], t.snapshot.At)
	}
	return t
}

// show takes a snapshot.
func (t *socketTable) show(s *looks.Snapshot) {
	t.snapshot = s
	t.arrange(looks.Sort(t.rows, s, &t.filter, t.idle, t.by, t.reverse))
}

// draw draws the table, and below it who holds the socket that is selected.
func (t *socketTable) draw(a parts.Area) {
	const said = 2
	sentence := a.TakeLast(said)
	a.Name(tableRegion)
	t.table.Draw(a)
	switch r := t.selected(); {
	case t.mistake != "":
		sentence.PutLines(parts.Alarm, t.mistake)
	case r != nil:
		socketSentence(r, t.snapshot.At).draw(sentence)
	case t.snapshot.At == 0:
		sentence.PutLines(parts.Plain, "what limits a socket is known after the first interval")
	case t.filter.String() != "":
		sentence.PutLines(parts.Plain, fmt.Sprintf("none of %d connections is one of: %s", len(t.snapshot.Rows), t.filter))
	default:
		sentence.PutLines(parts.Plain, fmt.Sprintf("of %d connections there is nothing to say: all are idle", len(t.snapshot.Rows)))
	}
}

// press does what a key is for in the table.
func (t *socketTable) press(key string) {
	if t.move(key) {
		return
	}
	switch key {
	case "s":
		t.sort(t.by.Next())
	case "r":
		t.sort(t.by)
	case "i":
		t.idle = !t.idle
		t.show(t.snapshot)
	case "/":
		t.typing, t.mistake = true, ""
		t.input.Set(t.filter.String())
	}
}

// sort sorts by something else, or the other way round by the same.
func (t *socketTable) sort(by looks.By) {
	t.sortBy(by)
	t.show(t.snapshot)
}

// enter takes in a key while a filter is typed.
func (t *socketTable) enter(key string) {
	switch t.input.Press(key) {
	case parts.Entered:
		t.sift(t.input.Text()) // what is wrong can be mended
	case parts.Abandoned:
		t.typing, t.mistake = false, ""
	}
}

// sift shows only the sockets that a filter lets through, or says what is wrong with it.
func (t *socketTable) sift(text string) {
	f, err := looks.ParseFilter(text)
	if t.mistake = ""; err != nil {
		t.mistake = err.Error()
		return
	}
	t.filter, t.typing = f, false
	t.show(t.snapshot)
}

// click does what the mouse is for at a place of the table. It is true if the row was
// selected already, and so is to be opened.
func (t *socketTable) click(x, y int) (open bool) {
	sort, open := t.rowTable.click(x, y)
	if sort {
		t.show(t.snapshot)
	}
	return open
}
