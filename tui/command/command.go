// The commands, as a screen gets them.

package command

import (
	"time"

	"flowlab/diagnose/board"
	"flowlab/tui/parts"
)

// View is a screen that takes commands.
type View uint8

// The screens.
const (
	Picker View = iota
	Lab
	Watch
	Replay
	Top

	numViews = int(Top) + 1
)

var viewNames = [numViews]string{"picker", "lab", "watch", "replay", "top"}

func (v View) String() string { return viewNames[v] }

// Command is one of the types below.
type Command interface{ command() }

type (
	// Filter has only those connections shown that meet all conditions; all if there is
	// none.
	Filter struct{ By board.Filter }
	// Find has only those scenarios shown that have all these words.
	Find struct{ Words string }
	// Sort sorts the connections.
	Sort struct{ By board.By }
	// Go shows another instant.
	Go struct {
		End      bool          // the latest there is
		Relative bool          // to the instant that is shown
		Time     time.Duration // else since the first packet
	}
	// Export writes a connection to a new file; to one with a name of its own if there is
	// none.
	Export struct{ File string }
	// Copy gives the finding to the clipboard.
	Copy struct{}
	// Connection opens that connection.
	Connection struct{ Number int }
	// Stream shows that stream of the connection that is open.
	Stream struct{ ID uint32 }
	// Speed is how many times as fast as it was a capture is played.
	Speed struct{ Times float64 }
	// Set turns a knob.
	Set struct{ Knob, Value string }
	// Save writes what was done by hand to a new file; to one with a name of its own if
	// there is none.
	Save struct{ File string }
	// Next goes on to the script's next step.
	Next struct{}
	// Theme has the screen look otherwise.
	Theme struct{ Theme *parts.Theme }
	// Plots have plots made of something else.
	Plots struct{ Glyphs *parts.Glyphs }
	// Mask has addresses shown as they are not, or as they are.
	Mask struct{ On bool }
	// Mouse is the screen's, or else the terminal's.
	Mouse struct{ On bool }
	// Help shows what keys do.
	Help struct{}
	// Quit leaves the screen.
	Quit struct{}
)

func (Filter) command()     {}
func (Find) command()       {}
func (Sort) command()       {}
func (Go) command()         {}
func (Export) command()     {}
func (Copy) command()       {}
func (Connection) command() {}
func (Stream) command()     {}
func (Speed) command()      {}
func (Set) command()        {}
func (Save) command()       {}
func (Next) command()       {}
func (Theme) command()      {}
func (Plots) command()      {}
func (Mask) command()       {}
func (Mouse) command()      {}
func (Help) command()       {}
func (Quit) command()       {}
