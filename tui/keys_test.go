package tui

import (
	"errors"
	"testing"

	"github.com/gdamore/tcell/v2"
)

func TestKeyOf(t *testing.T) {
	broken := tcell.NewEventError(errors.New("the terminal has gone"))
	for name, c := range map[string]struct {
		event tcell.Event
		want  string
		err   error
	}{
		"a letter":          {tcell.NewEventKey(tcell.KeyRune, 'q', tcell.ModNone), "q", nil},
		"the space bar":     {tcell.NewEventKey(tcell.KeyRune, ' ', tcell.ModNone), " ", nil},
		"an arrow":          {tcell.NewEventKey(tcell.KeyLeft, 0, tcell.ModNone), "left", nil},
		"Ctrl-C":            {tcell.NewEventKey(tcell.KeyCtrlC, 0, tcell.ModCtrl), "ctrl-c", nil},
		"one for no use":    {tcell.NewEventKey(tcell.KeyF5, 0, tcell.ModNone), "", nil},
		"a new size":        {tcell.NewEventResize(80, 24), "", nil},
		"a broken terminal": {broken, "", broken},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := keyOf(c.event); got != c.want || err != c.err {
				t.Errorf("%q, %v; want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}
