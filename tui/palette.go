package tui

import (
	"github.com/gdamore/tcell/v2"

	"flowlab/flow"
)

// ink is what a cell is drawn with, named for what it means.
type ink uint8

const (
	plain  ink = iota
	strong     // what to look at first
	faint      // labels
	alarm      // something is held or has failed
	good
	notice // what must not be missed, whatever the colours
	windowInk
	flightInk
	windowOnFlight // the window's line where data in flight reaches it
	causes         // the first of one ink for each cause

	numInks = int(causes) + flow.NumCauses
)

// inkOf is the ink of a cause.
func inkOf(c flow.Cause) ink { return causes + ink(c) }

// palette returns the style of each ink. Colours are the terminal's own
// sixteen, which its user has made readable on its background; where they fill
// a cell, the letter's colour is set as well.
func palette(colours bool) [numInks]tcell.Style {
	base := tcell.StyleDefault
	styles := [numInks]tcell.Style{
		plain:          base,
		strong:         base.Bold(true),
		faint:          base.Dim(true),
		alarm:          base.Bold(true),
		good:           base,
		notice:         base.Reverse(true),
		windowInk:      base.Bold(true),
		flightInk:      base,
		windowOnFlight: base.Reverse(true),
	}
	if !colours {
		return styles
	}
	styles[alarm] = base.Foreground(tcell.ColorMaroon).Bold(true)
	styles[good] = base.Foreground(tcell.ColorGreen)
	styles[windowInk] = base.Foreground(tcell.ColorPurple).Bold(true)
	styles[flightInk] = base.Foreground(tcell.ColorTeal)
	styles[windowOnFlight] = base.Foreground(tcell.ColorPurple).Background(tcell.ColorTeal).Bold(true)
	for c := range flow.NumCauses {
		styles[inkOf(flow.Cause(c))] = base.Foreground(tcell.ColorWhite).Background(causeColours[c])
	}
	for _, c := range []flow.Cause{flow.LossRecovery, flow.Application} { // white is hard to read on these
		styles[inkOf(c)] = styles[inkOf(c)].Foreground(tcell.ColorBlack)
	}
	return styles
}

// causeColours says red for windows, blue for the path, and is silent for the
// application.
var causeColours = [flow.NumCauses]tcell.Color{
	flow.Unknown:          tcell.ColorGray,
	flow.Handshake:        tcell.ColorTeal,
	flow.LossRecovery:     tcell.ColorOlive,
	flow.ConnectionWindow: tcell.ColorMaroon,
	flow.StreamWindow:     tcell.ColorMaroon,
	flow.StreamLimit:      tcell.ColorMaroon,
	flow.ReceiveWindow:    tcell.ColorMaroon,
	flow.Nagle:            tcell.ColorPurple,
	flow.Congestion:       tcell.ColorNavy,
	flow.SendBuffer:       tcell.ColorPurple,
	flow.Application:      tcell.ColorSilver,
}
