package report

import (
	"fmt"
	"strings"

	"flowlab/diagnose/survey"
	"flowlab/flow"
)

// mostFiles is how many files, and interfaces, are named in the text.
const mostFiles = 8

// source says what was read, or captured where there are no files.
func (p *page) source(src *survey.Source) {
	captured := len(src.Files) == 0
	if captured {
		p.heading("what was captured")
	} else {
		p.heading("what was read")
	}
	row := func(name, text string) { p.line("  %-11s %s", name, wrap(text, 14, 14)) }
	for i, f := range src.Files {
		if i == mostFiles {
			row("", fmt.Sprintf("and %d more", len(src.Files)-i))
			break
		}
		name := ""
		if i == 0 {
			name = "files"
		}
		text := f.Name
		if f.Name == "-" {
			text = "standard input"
		}
		if len(src.Files) > 1 {
			text += fmt.Sprintf(": frames %d to %d", f.FirstFrame, f.FirstFrame+f.Packets-1)
		}
		row(name, text)
	}
	if src.Packets == 0 {
		row("packets", "none")
		return
	}
	row("packets", fmt.Sprintf("%s, %s on the wire, in %s", flow.Grouped(src.Packets), size(src.Bytes), seconds(src.Last.Sub(src.First))))
	row("time 0", instant(src.First).Format("2006-01-02 15:04:05.000000000 MST"))
	if n := len(src.Interfaces); n > 1 || captured {
		var names []string
		for i := range min(n, mostFiles) {
			names = append(names, interfaceName(src, i))
		}
		if n > mostFiles {
			names = append(names, fmt.Sprintf("and %d more", n-mostFiles))
		}
		row("interfaces", strings.Join(names, ", "))
	}
	var links []string
	for _, l := range linkTypes(interfacesOf(src)) {
		links = append(links, l.String())
	}
	row("link types", strings.Join(links, ", "))
	if text := leftOut(src); text != "" {
		row("left out", text)
	}
	switch {
	case src.Dropped == 0 && captured:
		row("dropped", "none by the kernel")
	case src.Dropped > 0:
		row("dropped", fmt.Sprintf("%s by who captured: what they showed is missing in the verdict", packets(src.Dropped)))
	}
	if src.Truncated {
		row("cut short", "a file ends within a packet; what comes before was read")
	}
}

// leftOut counts the packets that say nothing, by why.
func leftOut(src *survey.Source) string {
	var parts []string
	for _, why := range []struct {
		n    int64
		text string
	}{
		{src.Skipped.Unmatched, "not chosen by the filters"},
		{src.Skipped.NotTCP, "without TCP"},
		{src.Skipped.Fragments, "in IP fragments"},
		{src.Skipped.Cut, "cut within the TCP header"},
		{src.Skipped.Malformed, "with contradicting headers"},
		{src.Skipped.Doubles, "captured twice"},
		{src.Late, "long after the connection's end"},
	} {
		if why.n > 0 {
			parts = append(parts, flow.Grouped(why.n)+" "+why.text)
		}
	}
	return strings.Join(parts, ", ")
}
