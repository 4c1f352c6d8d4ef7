// The picker's list.

package tui

import (
	"strings"

	"flowlab/scenarios"
	"flowlab/tui/parts"
)

const (
	nameColumn = 44 // of the list: what flowlab run calls a scenario
	namesFrom  = 60 // columns from which a list has names
)

// pickRow is an entry, or the name of the group that follows.
type pickRow struct {
	group string
	entry *scenarios.Entry // nil for the name
}

// sift lists what has all words of the filter. What was chosen stays so, if it is there.
func (p *picker) sift() {
	was := p.entry()
	words := strings.Fields(strings.ToLower(p.filter.Text()))
	p.rows, p.chosen = nil, -1
	for i := range p.groups {
		g := &p.groups[i]
		named := false
		for k := range g.Entries {
			e := &g.Entries[k]
			if !hasAll(entryText(g.Name, e), words) {
				continue
			}
			if !named {
				p.rows, named = append(p.rows, pickRow{group: g.Name}), true
			}
			if e == was || p.chosen < 0 {
				p.chosen = len(p.rows)
			}
			p.rows = append(p.rows, pickRow{g.Name, e})
		}
	}
}

// entryText is what the filter's words are looked for in.
func entryText(group string, e *scenarios.Entry) string {
	title, teaches := e.About()
	return strings.ToLower(group + "\n" + e.Name() + "\n" + title + "\n" + teaches)
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// entry is the chosen one; nil if there is none.
func (p *picker) entry() *scenarios.Entry {
	if p.chosen < 0 || p.chosen >= len(p.rows) {
		return nil
	}
	return p.rows[p.chosen].entry
}

// choose chooses the scenario of that name, if it is listed.
func (p *picker) choose(name string) {
	for i := range p.rows {
		if e := p.rows[i].entry; e != nil && e.Name() == name {
			p.chosen = i
			return
		}
	}
}

// move moves the choice from entry to entry; it stops at either end.
func (p *picker) move(key string) {
	switch key {
	case "up", "k":
		p.step(-1)
	case "down", "j":
		p.step(1)
	case "pgup":
		p.step(-p.page)
	case "pgdn":
		p.step(p.page)
	case "home":
		p.step(-len(p.rows))
	case "end":
		p.step(len(p.rows))
	}
}

// step chooses the entry so many rows further, or the nearest one: names of groups are
// passed over.
func (p *picker) step(by int) {
	if p.entry() == nil {
		return
	}
	at := max(1, min(p.chosen+by, len(p.rows)-1)) // the first row is a name, the last an entry
	if p.rows[at].entry == nil {
		if at--; by > 0 {
			at += 2
		}
	}
	p.chosen = at
}

// drawList draws the rows around the chosen one.
func (p *picker) drawList(a parts.Area) {
	p.page = max(1, a.H-1)
	top := p.chosen
	if top > 0 && p.rows[top-1].entry == nil {
		top-- // with the name of its group
	}
	p.first = max(0, min(p.first, top, len(p.rows)-a.H), p.chosen-a.H+1)
	for y := range min(a.H, len(p.rows)-p.first) {
		p.rows[p.first+y].draw(a.Rows(y, 1), p.first+y == p.chosen)
	}
}

// draw draws a row.
func (r *pickRow) draw(a parts.Area, chosen bool) {
	switch e := r.entry; {
	case e == nil:
		a.Put(1, 0, parts.Title, r.group)
	case e.Mistake != nil:
		x := a.PutFit(3, 0, a.W-4, parts.Alarm, e.File)
		a.PutFit(x+2, 0, a.W-x-3, parts.Faint, "has a mistake")
	default:
		title, _ := e.About()
		room := a.W - 4
		if a.W >= namesFrom { // where the preview stands beside the list, the name is there
			room = nameColumn - 2 - 3
			a.PutFit(nameColumn, 0, a.W-nameColumn-1, parts.Faint, e.Name())
		}
		a.PutFit(3, 0, room, parts.Plain, title)
	}
	if chosen {
		a.Tint(0, 0, a.W, parts.Chosen)
		a.Put(1, 0, parts.Chosen, a.Glyphs().Chosen)
	}
}
