// The table of all commands.

package command

import "slices"

// entry is a command.
type entry struct {
	name      string
	arguments string // how they are written, with an example after it; empty for none
	example   string
	views     []View // that know it; nil for all
	does      string
	kind      string // of its first argument, by which it is completed; empty if it is not
	read      func(text string) (Command, error)
}

// The kinds of words that are completed. Of the first three the screen knows which there
// are.
const (
	Knobs      = "knob"
	Interfaces = "interface"
	Streams    = "stream"
	filters    = "filter"
	columns    = "column"
	themes     = "theme"
	plots      = "plots"
	switches   = "on or off"
	moments    = "time"
)

var (
	connections = []View{Watch, Replay}
	past        = []View{Lab, Watch, Replay, Top}
	byHand      = []View{Lab}
)

// table is all commands, in the order in which they are offered.
var table = []entry{
	{"filter", "CONDITIONS", "port 443 held", connections, "show only these connections; all without conditions", filters, readFilter},
	{"filter", "WORDS", "stall", []View{Picker}, "show only the scenarios with these words", "", readFind},
	{"filter", "CONDITIONS", "port 443 held", []View{Top}, "show only these sockets; all without conditions", "", readFind},
	{"sort", "COLUMN", "bytes", connections, "sort the connections", columns, readSort},
	{"go", "TIME", "3.2s, +5s, -1s or end", past, "show that instant", moments, readGo},
	{"export", "[FILE]", "stall.pcapng", connections, "save the connection as pcapng, with what was found", "", readExport},
	{"copy", "", "", connections, "copy the finding", "", none(Copy{})},
	{"connection", "NUMBER", "12", connections, "open that connection", "", readConnection},
	{"stream", "NUMBER", "3", connections, "show that stream of the open connection", Streams, readStream},
	{"speed", "TIMES", "0.5", []View{Replay}, "how fast it is played, from 0.1 to 100", "", readSpeed},
	{"set", "KNOB VALUE", "network.rtt 20ms", byHand, "turn a knob", Knobs, readSet},
	{"save", "[FILE]", "mine.yaml", byHand, "save what was done as a scenario", "", readSave},
	{"next", "", "", byHand, "the script's next step", "", none(Next{})},
	{"theme", "NAME", "colour-blind", nil, "how the screen looks", themes, readTheme},
	{"plots", "NAME", "braille", nil, "what plots are made of", plots, readPlots},
	{"mask", "on|off", "on", []View{Watch, Replay, Top}, "show stand-ins for addresses", switches, readSwitch(func(on bool) Command { return Mask{on} })},
	{"mouse", "on|off", "off", nil, "the mouse is flowlab's, or the terminal's", switches, readSwitch(func(on bool) Command { return Mouse{on} })},
	{"help", "", "", nil, "what keys do", "", none(Help{})},
	{"quit", "", "", nil, "leave the screen", "", none(Quit{})},
}

// of are the commands that a view knows.
func of(v View) (known []*entry) {
	for i := range table {
		if e := &table[i]; e.views == nil || slices.Contains(e.views, v) {
			known = append(known, e)
		}
	}
	return known
}

// namesOf are their names.
func namesOf(known []*entry) (names []string) {
	for _, e := range known {
		names = append(names, e.name)
	}
	return names
}
