// What the picker shows besides its list: the head, what the chosen scenario is about,
// and the keys.

package tui

import (
	"errors"
	"fmt"
	"strings"

	"flowlab/peers/story"
	"flowlab/scenarios"
	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

const (
	beside       = 100 // columns from which the preview stands beside the list
	listWidth    = 48  // that it has then, at most
	previewBelow = 9   // rows of the preview below the list
)

// draw makes a picture.
func (p *picker) draw(c *parts.Canvas) {
	rest := c.Area()
	p.drawHead(rest.Take(1))
	p.drawFoot(rest.TakeLast(1))
	rest.Take(1)
	if rest.W >= beside {
		list := min(listWidth, rest.W*2/5)
		right := rest.Columns(list+2, rest.W)
		p.drawPreview(right, true)
		rest = rest.Columns(0, list)
	} else {
		below := rest.TakeLast(min(previewBelow, rest.H/2))
		below.Take(1)
		p.drawPreview(below, false)
	}
	rest.Name(pickRegion)
	p.drawList(rest)
	if len(p.rows) == 0 {
		rest.PutLines(parts.Plain, "no scenario has all of: "+p.filter.Text())
	}
	if p.line.open {
		p.line.draw(c.Area())
	}
	if p.help {
		parts.Help(c.Area(), "keys", p.keys.Help(c.Glyphs, settings.Picker))
	}
}

// pickRegion is where a click chooses a scenario.
const pickRegion = "scenarios"

func (p *picker) drawHead(a parts.Area) {
	shown, all := 0, 0
	for _, r := range p.rows {
		if r.entry != nil {
			shown++
		}
	}
	for i := range p.groups {
		all += len(p.groups[i].Entries)
	}
	count := fmt.Sprintf("%d scenarios", all)
	if shown < all {
		count = fmt.Sprintf("%d of %s: %s", shown, count, p.filter.Text())
	}
	x := a.PutRight(0, parts.Faint, count+" ")
	a.PutFit(1, 0, x-2, parts.Strong, "flowlab: choose a scenario, and see who holds the sender")
}

func (p *picker) drawFoot(a parts.Area) {
	switch {
	case p.typing:
		p.filter.Draw(a)
	case p.notice != "":
		a.PutFit(1, 0, a.W-2, parts.Alarm, p.notice)
	default:
		key := func(does string, actions ...string) parts.KeyHelp {
			return parts.KeyHelp{Keys: p.keys.Shown(a.Glyphs(), settings.Picker, actions...), Does: does}
		}
		parts.Footer(a, []parts.KeyHelp{key("choose", "up", "down"), key("run", "run"), key("find", "filter"), key("help", "help"), key("quit", "quit")})
	}
}

// drawPreview says what the chosen scenario is about; with its explanation, if that is
// asked for.
func (p *picker) drawPreview(a parts.Area, explained bool) {
	e := p.entry()
	switch {
	case e == nil:
		return
	case e.Mistake != nil:
		drawMistake(a, e)
		return
	}
	title, teaches := e.About()
	a = a.Columns(1, a.W-2)
	drawHeading(&a, title, "flowlab run "+e.Name())
	drawParagraph(&a, parts.Plain, teaches, a.W)
	if e.Story != nil {
		drawStory(a, e.Story)
		return
	}
	a.Take(min(1, a.H-4))
	drawDiagram(a.Take(3), e.Scenario)
	if explained {
		a.Take(1)
		drawExplanation(a, e.Scenario)
	}
}

// drawHeading writes the title, whole, and how to run it without choosing: at the right of
// the title's last row, or below it, but for a preview that has hardly a row for the rest.
func drawHeading(a *parts.Area, title, run string) {
	var row parts.Area
	end := 0
	for _, line := range parts.Wrap(title, a.W) {
		row = a.Take(1)
		end = row.Put(0, 0, parts.Title, line)
	}
	if end+3+parts.Width(run) > a.W {
		if a.H < 3 {
			return
		}
		row = a.Take(1)
	}
	row.PutRight(0, parts.Faint, run)
}

// drawStory says what a scenario on real systems needs, and then what is seen of it, as far
// as there is room.
func drawStory(a parts.Area, s *story.Story) {
	width := min(a.W, textWidth)
	needs, wire := needed(s), "On the wire: "+s.Wire
	a.Take(min(1, a.H-len(parts.Wrap(needs, width))-len(parts.Wrap(wire, width))))
	drawParagraph(&a, parts.Faint, needs, width)
	drawParagraph(&a, parts.Faint, wire, width)
}

// needed names the programs that a story needs, and how they are installed.
func needed(s *story.Story) string {
	var needs []string
	for _, p := range s.Needs {
		needs = append(needs, p.Name+": "+p.Install)
	}
	if len(needs) == 0 {
		return "Needs no other program."
	}
	return "Needs " + strings.Join(needs, "; ")
}

// drawMistake says why a file is no scenario.
func drawMistake(a parts.Area, e *scenarios.Entry) {
	a = a.Columns(1, a.W-2)
	for line := range strings.Lines(e.Mistake.Error()) {
		drawParagraph(&a, parts.Alarm, strings.TrimSpace(line), a.W)
	}
	if m, ok := errors.AsType[*scenarios.Mistake](e.Mistake); ok {
		drawParagraph(&a, parts.Plain, "hint: "+m.Hint, a.W)
	}
}

// drawParagraph writes a text from the area's first row on, and cuts its rows off. The
// area's last row says if there is more.
func drawParagraph(a *parts.Area, ink parts.Ink, text string, width int) {
	lines := parts.Wrap(text, width)
	if len(lines) > a.H && a.H > 0 {
		lines = append(lines[:a.H-1], a.Fit(lines[a.H-1]+" "+lines[a.H], width))
	}
	for _, line := range lines {
		row := a.Take(1)
		row.Put(0, 0, ink, line)
	}
}

// drawDiagram draws what the scenario's lab is made of.
func drawDiagram(a parts.Area, s *scenarios.Scenario) {
	g := a.Glyphs()
	inks := [...]parts.Ink{parts.Faint, parts.Strong, parts.Faint}
	for y, line := range scenarios.Diagram(s, a.W) {
		a.Put(0, y, inks[y], strings.ReplaceAll(line, " -> ", " "+g.Axis+g.Data+" "))
	}
}
