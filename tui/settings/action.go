// What keys can do: the table that the screens' help, the template and the file's reader
// are made from.

package settings

// View is a screen that has keys of its own.
type View uint8

// The views. What stands in Everywhere holds in all of them, what stands in Time in all
// that have a past.
const (
	Everywhere View = iota
	Time
	Picker
	Lab
	Watch // and replay
	Top

	numViews = int(Top) + 1
)

// viewNames are what the file calls the views.
var viewNames = [numViews]string{"everywhere", "time", "picker", "lab", "watch", "top"}

// String returns what the file calls the view.
func (v View) String() string { return viewNames[v] }

// line is a line of a view's help: what some keys do.
type line struct {
	view    View
	does    string // or a heading, if there are no actions
	actions []action
}

// action is what a key does, by the name that the file has for it.
type action struct {
	name string
	keys []string // that somebody presses for it, if the file does not say; the first is what the screens know
}

func act(name string, keys ...string) action { return action{name, keys} }

// lines are all actions. Within a view, and together with those of everywhere, no two
// have a key in common.
var lines = []line{
	{Picker, "Choosing", nil},
	{Picker, "another scenario", []action{act("up", "up", "k"), act("down", "down", "j")}},
	{Picker, "a page further", []action{act("page-up", "pgup"), act("page-down", "pgdn")}},
	{Picker, "the first, the last", []action{act("first", "home"), act("last", "end")}},
	{Picker, "run it", []action{act("run", "enter")}},
	{Picker, "find by words", []action{act("filter", "/")}},
	{Picker, "take the words back; quit", []action{act("back", "esc")}},

	{Lab, "Run", nil},
	{Lab, "the next step now; the script waits", []action{act("next-step", "n"), act("hold", "h")}},
	{Lab, "in a quiz: answer; go on", []action{act("answer-1", "1"), act("answer-2", "2"), act("answer-3", "3"), act("answer-4", "4"), act("answer-5", "5"), act("go-on", "enter")}},
	{Lab, "all knobs, or none", []action{act("knobs", "k", "tab")}},
	{Lab, "choose one of them", []action{act("up", "up"), act("down", "down"), act("page-up", "pgup"), act("page-down", "pgdn")}},
	{Lab, "turn it down or up a step", []action{act("less", "-"), act("more", "+", "=")}},
	{Lab, "the consumer stops; reads all it can", []action{act("stop-reading", "0"), act("read-all", "u")}},
	{Lab, "save what was done so far", []action{act("save", "S")}},
	{Lab, "the other chart: window, or rates", []action{act("chart", "c")}},

	{Watch, "Connections", nil},
	{Watch, "select", []action{act("up", "up"), act("down", "down", "j"), act("page-up", "pgup"), act("page-down", "pgdn")}},
	{Watch, "the first, the last", []action{act("first", "g"), act("last", "G")}},
	{Watch, "open it, and there a stream", []action{act("open", "enter")}},
	{Watch, "back", []action{act("back", "esc", "backspace")}},
	{Watch, "filter: 10.0.0.0/8, port 443, held", []action{act("filter", "/")}},
	{Watch, "sort by another; the other way", []action{act("sort", "s"), act("reverse", "r")}},
	{Watch, "the other direction", []action{act("direction", "d")}},
	{Watch, "save as pcapng; copy; mask addresses", []action{act("export", "e"), act("copy", "y"), act("mask", "M")}},

	{Top, "Sockets", nil},
	{Top, "select", []action{act("up", "up"), act("down", "down", "j"), act("page-up", "pgup"), act("page-down", "pgdn")}},
	{Top, "the first, the last", []action{act("first", "g"), act("last", "G")}},
	{Top, "open it", []action{act("open", "enter")}},
	{Top, "back", []action{act("back", "esc", "backspace")}},
	{Top, "filter: port 443, process nginx", []action{act("filter", "/")}},
	{Top, "sort by another; the other way", []action{act("sort", "s"), act("reverse", "r")}},
	{Top, "idle ones too, or not", []action{act("idle", "i")}},
	{Top, "mask addresses, or not", []action{act("mask", "M")}},

	{Time, "Time", nil},
	{Time, "another instant; shift: ten steps", []action{act("earlier", "left"), act("later", "right"), act("much-earlier", "shift-left"), act("much-later", "shift-right")}},
	{Time, "where a stall began or ended", []action{act("previous-mark", "["), act("next-mark", "]")}},
	{Time, "the beginning; the present", []action{act("beginning", "home"), act("present", "end")}},
	{Time, "freeze the picture, or go on", []action{act("freeze", "space")}},
	{Watch, "play what was captured, or stop", []action{act("play", "p")}},
	{Watch, "play slower, faster: 0.1x to 100x", []action{act("slower", "<", ","), act("faster", ">", ".")}},

	{Everywhere, "Screen", nil},
	{Everywhere, "a command; tab completes it", []action{act("command", ":")}},
	{Everywhere, "another theme", []action{act("theme", "t")}},
	{Everywhere, "the mouse: flowlab's or the terminal's", []action{act("mouse", "m")}},
	{Everywhere, "this help", []action{act("help", "?")}},
	{Everywhere, "quit; suspend", []action{act("quit", "q", "ctrl-c"), act("suspend", "ctrl-z")}},
}

// has tells whether what stands in a line of one view holds in another.
func (v View) has(of View) bool {
	return of == v || of == Everywhere || of == Time && v != Picker
}
