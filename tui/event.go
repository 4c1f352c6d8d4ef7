package tui

// What happens at a terminal is a Key, a Mouse, a Resize, or an error, from which
// nothing more will come.

// Key is a key that was pressed. A character stands for itself; other keys have
// names: left, right, up, down, pgup, pgdn, home, end, insert, delete, enter, esc,
// tab, space, backspace, f1 to f12; before them, or before a character, stands
// ctrl-, alt- or shift-, in this order, where those are held too: ctrl-c,
// shift-left.
type Key struct{ Name string }

// Mouse is a mouse's button that was pressed, or a turn of its wheel, at a column
// and row of the screen.
type Mouse struct {
	X, Y    int
	Button  Button
	Dragged bool // the button was down already, and is held while the mouse moves
}

// Button is a part of a mouse.
type Button uint8

// The buttons and the wheel's directions.
const (
	LeftButton Button = iota + 1
	MiddleButton
	RightButton
	WheelUp
	WheelDown
)

// Resize says that the terminal has another size.
type Resize struct{ Width, Height int }
