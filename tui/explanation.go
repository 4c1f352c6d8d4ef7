// A scenario's explanation, beside the picker's list.

package tui

import (
	"strings"

	"flowlab/scenarios"
	"flowlab/tui/parts"
)

// textWidth is how many columns a line of text has at most: longer ones are hard to read.
const textWidth = 78

// drawExplanation writes as much of a scenario's Markdown as there is room for, without
// its title.
func drawExplanation(a parts.Area, s *scenarios.Scenario) {
	_, text, _ := strings.Cut(s.Explain, "\n")
	var paragraph []string
	end := func() {
		drawFlowed(&a, paragraph)
		paragraph = nil
	}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "":
			end()
			a.Take(1)
		case strings.HasPrefix(line, "#"):
			row := a.Take(1)
			row.Put(0, 0, parts.Title, strings.TrimLeft(line, "# "))
		case strings.HasPrefix(line, "    "): // as it is
			end()
			row := a.Take(1)
			row.PutFit(0, 0, a.W, parts.Plain, line)
		case strings.HasPrefix(line, "- "):
			end()
			paragraph = append(paragraph, line)
		default:
			paragraph = append(paragraph, strings.TrimSpace(line))
		}
	}
	end()
}

// drawFlowed writes a paragraph, or one item of a list, in the area's width.
func drawFlowed(a *parts.Area, lines []string) {
	text := strings.ReplaceAll(strings.Join(lines, " "), "`", "")
	indent := 0
	if strings.HasPrefix(text, "- ") {
		indent = 2
	}
	for i, line := range parts.Wrap(strings.TrimPrefix(text, "- "), min(a.W, textWidth)-indent) {
		row := a.Take(1)
		if i == 0 && indent > 0 {
			row.Put(0, 0, parts.Faint, "-")
		}
		row.Put(indent, 0, parts.Plain, line)
	}
}
