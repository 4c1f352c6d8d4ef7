// Copying by the terminal's own clipboard: it reaches the machine that somebody sits at,
// also over SSH.

package tui

import (
	"encoding/base64"
	"fmt"
	"time"
	"unicode/utf8"
)

// copy gives a text to the clipboard, by OSC 52 (xterm's control sequences, "Manipulate
// Selection Data"). tcell sends it only to terminals whose name it knows for like xterm,
// which that of tmux and screen (TERM=screen) is not; a terminal that knows no OSC 52
// passes over it.
func (s *screen) copy(text string) error {
	tty, ok := s.terminal.Tty()
	if !ok {
		s.terminal.SetClipboard([]byte(text)) // of a terminal that is only simulated
		return nil
	}
	_, err := fmt.Fprintf(tty, "\x1b]52;c;%s\a", base64.StdEncoding.EncodeToString([]byte(text)))
	return err
}

// copy copies what holds the connection that is open or selected, or the stream.
func (w *watch) copy(now time.Time) {
	what, text := w.finding()
	if text == "" {
		w.refuse("there is nothing to copy", now)
		return
	}
	if err := w.screen.copy(text); err != nil {
		w.refuse("copy: "+err.Error(), now)
		return
	}
	w.notify(fmt.Sprintf("copied what holds %s: %d characters, if this terminal takes OSC 52", what, utf8.RuneCountInString(text)), now)
}
