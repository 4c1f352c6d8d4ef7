package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
)

// mostStallsEach is how many stalls of a direction the text about capture files
// has.
const mostStallsEach = 5

// Analysis writes what was found in capture files, as text for people: the
// answer, the chains, the worst connections, all of them summed up, and what was read. A
// stall is what took at least so long. The error is that of w.
func Analysis(w io.Writer, src *survey.Source, d *Digest, least time.Duration, style Style) error {
	p := &page{style: style}
	chains := d.chains.Found()
	answer := d.answer(src, least) + waitsItself(&d.first, chains)
	p.line("%s %s", style.bold("verdict:"), wrap(answer, len("verdict: "), 2))
	p.chains(chains, src.First)
	for _, r := range d.worst {
		p.connection(src, r.view, least)
	}
	if d.all > 0 {
		p.sums(d)
	}
	p.source(src)
	_, err := io.WriteString(w, p.String())
	return err
}

// connection tells of one connection: each direction that something was sent in.
func (p *page) connection(src *survey.Source, v *diagnose.View, least time.Duration) {
	p.heading("%s", ends(v))
	p.line("  %s", wrap(strings.Join(facts(src, v), ", "), 2, 2))
	p.layer(v, sides)
	found := diagnose.Findings(v)
	for i := range v.Directions {
		d := &v.Directions[i]
		if !spoke(d) {
			continue
		}
		switch _, held := mainCause(d); {
		case held:
			p.line("  %s", wrap(amount(v, d), 2, 4))
			p.shares(&d.Limits, "    ")
		case d.Count > 0: // by the handshake
			p.line("  %s", wrap(amount(v, d)+"; "+shareList(&d.Limits), 2, 4))
		default:
			p.line("  %s", wrap(amount(v, d)+"; nothing held it: "+shareList(&d.Limits), 2, 4))
		}
		if d.Count > 0 {
			p.line("    %s", stallCount(least, d.Count))
			p.stalls(d, mostStallsEach, src.First, "    ")
		}
		for _, f := range found {
			if f.From == d.From {
				p.line("    %s: %s", f.Severity, wrap(f.Text+proof(f.Frames), len("    : ")+len(f.Severity), 6))
			}
		}
	}
}

// ends names a connection, in two lines where one is too short.
func ends(v *diagnose.View) string {
	head := fmt.Sprintf("connection %d: %v", v.Number, v.ID.Client)
	between := " "
	if len(head)+len(" → ")+len(v.ID.Server.String()) > width {
		between = "\n    "
	}
	return head + between + "→ " + v.ID.Server.String()
}

// facts are what there is to know of a connection as a whole.
func facts(src *survey.Source, v *diagnose.View) []string {
	facts := []string{
		fmt.Sprintf("from %s to %s", seconds(v.Start.Sub(src.First)), seconds(v.End.Sub(src.First))),
		"handshake " + handshake(v),
	}
	if scale(v) == "unknown" {
		facts = append(facts, "scale of the windows unknown")
	}
	facts = append(facts, layerFacts(&v.Layer)...)
	if v.RTT > 0 {
		facts = append(facts, "RTT "+milliseconds(v.RTT))
	}
	if len(src.Interfaces) > 1 {
		facts = append(facts, "seen at "+interfaceName(src, v.Interface))
	}
	switch v.Vantage {
	case diagnose.NearClient, diagnose.NearServer:
		facts = append(facts, fmt.Sprintf("captured near the %v", v.Vantage))
	case diagnose.Between:
		facts = append(facts, "captured between the two")
	}
	return facts
}

// interfaceName tells the interfaces of a source apart.
func interfaceName(src *survey.Source, n int) string {
	i := &src.Interfaces[n]
	file := ""
	if len(src.Files) > 1 {
		file = src.Files[i.File].Name
	}
	switch {
	case i.Name == "" && file == "":
		return fmt.Sprintf("interface %d", n)
	case i.Name == "":
		return file
	case file == "":
		return i.Name
	}
	return i.Name + " in " + file
}

// amount says what was sent in a direction, and how fast over the connection's
// whole time.
func amount(v *diagnose.View, d *diagnose.DirectionView) string {
	text := fmt.Sprintf("%v → %v: ", d.From, d.From.Peer())
	if d.Bytes == 0 {
		return text + "no payload"
	}
	text += fmt.Sprintf("%s in %s", size(d.Bytes), segments(d.Segments))
	if whole := v.End.Sub(v.Start); whole > 0 && d.Acked > 0 {
		text += ", " + byteRate(float64(d.Acked)/whole.Seconds())
	}
	if d.Unseen > 0 {
		text += fmt.Sprintf(", of which %s or more were not captured", size(d.Unseen))
	}
	if d.Resent > 0 {
		text += fmt.Sprintf(", %s sent again", size(d.Resent))
	}
	return text
}

// proof lists the frames of a finding.
func proof(numbers []int) string {
	if len(numbers) == 0 {
		return ""
	}
	return fmt.Sprintf(" (frames %s)", enumerate(numbers))
}

// enumerate lists frames in a sentence.
func enumerate(numbers []int) string {
	return strings.ReplaceAll(frames(numbers, 40), " ", ", ")
}

// sums adds all connections up.
func (p *page) sums(d *Digest) {
	p.heading("all connections")
	text := fmt.Sprintf("%s with %s of payload", connections(d.all), size(d.bytes))
	if d.all == 1 {
		text = size(d.bytes) + " of payload in one connection"
	}
	if more := d.all - len(d.worst); more > 0 {
		text += fmt.Sprintf(", of which the worst %d are above and %s are not listed", len(d.worst), flow.Grouped(more))
	}
	text += fmt.Sprintf("; %s stalled.", atMost(d.stalled, d.all))
	if d.missed > 0 {
		text += fmt.Sprintf(" The handshake of %s was missed.", flow.Grouped(d.missed))
	}
	p.line("  %s", wrap(text, 2, 2))
	var total time.Duration
	limits := flow.Limits{}
	for c := range d.causes {
		limits[c] = d.causes[c].held
		total += d.causes[c].held
	}
	if total == 0 {
		return
	}
	p.line("")
	p.line("  %-17s %12s %8s %9s %11s %12s", "cause", "time", "share", "stalls", "longest", "connections")
	for _, c := range causesOf(&limits) {
		t := &d.causes[c]
		longest, in := "", ""
		if t.stalls > 0 {
			longest, in = seconds(t.longest), flow.Grouped(t.connections)
		}
		stalls := flow.Grouped(t.stalls)
		if c == flow.Application {
			stalls = ""
		}
		p.line("  %-17v %12s %8s %9s %11s %12s", c, seconds(t.held), percent(limits.Share(c)), stalls, longest, in)
	}
}

// atMost says how many of all.
func atMost(n, all int) string {
	switch {
	case n == 0:
		return "none"
	case n == all && all == 1:
		return "it"
	case n == all:
		return "all"
	}
	return fmt.Sprintf("%s of them", flow.Grouped(n))
}

func connections(n int) string {
	if n == 1 {
		return "one connection"
	}
	return flow.Grouped(n) + " connections"
}

func segments(n int64) string {
	if n == 1 {
		return "one segment"
	}
	return flow.Grouped(n) + " segments"
}

func packets(n int64) string {
	if n == 1 {
		return "one packet"
	}
	return flow.Grouped(n) + " packets"
}
