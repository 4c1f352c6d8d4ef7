package watch

import (
	"fmt"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/tcpwin"
	"flowlab/tlsrec"
)

// What tells what an event is about.
type What uint8

const (
	Shown    What = iota // a segment shows something of a window; Event.Shown has it
	Stalled              // a stall lasts; Event.Stall has it, as far as it is known
	Released             // a stall is over
	Found                // there is something to say of HTTP/2; Event.Finding has it
	Hidden               // TLS hides what is above TCP; Event.Problem has why
)

// Event is something that is told at once.
type Event struct {
	What       What
	Time       flow.Time
	Connection int // its number
	Interface  string
	ID         flow.Conn
	From       flow.Side      // who sent what is shown; whom the stall holds
	Shown      tcpwin.Event   // of Shown
	More       int            // of Shown: how many like it came in the second before, and were not told
	Stall      diagnose.Stall // of Stalled and Released

	// Of a stall of HTTP/2.
	Stream  uint32            // that its own window holds; 0 for all of the connection
	Path    string            // of that stream, empty if it is not known
	Unread  int64             // bytes of that stream that the receiver gave no credit for
	Holders diagnose.Holdings // who has the credit of a connection's window that is shut

	Finding diagnose.Finding // of Found
	Problem tlsrec.Problem   // of Hidden
}

// held names whom a stall holds.
func (e *Event) held() string {
	who := fmt.Sprintf("the %v of connection %d", e.From, e.Connection)
	switch {
	case e.Stream != 0 && e.Path != "":
		return fmt.Sprintf("stream %d (%s) of %s", e.Stream, e.Path, who)
	case e.Stream != 0:
		return fmt.Sprintf("stream %d of %s", e.Stream, who)
	}
	return who
}

// Second is how things stood after a second.
type Second struct {
	Time    flow.Time
	Packets int64 // in this second
	Bytes   int64 // on the wire, in this second
	Resent  int   // segments that were sent again, in this second
	Open    int   // connections
	Stalled [flow.NumCauses]int
	Streams int   // of HTTP/2 that their own windows hold
	Hidden  int   // connections of which TLS hides what is above TCP, since the beginning
	Dropped int64 // by the kernel, since the beginning
}

// alone are the events of segments that are told one by one. There may be many
// retransmissions, full windows and updates.
func alone(k tcpwin.Kind) bool {
	switch k {
	case tcpwin.ZeroWindow, tcpwin.WindowProbe, tcpwin.WindowOpened, tcpwin.WindowShrunk:
		return true
	}
	return false
}

// kind names the events of a sender that are told once a second at most.
type kind struct {
	connection int
	from       flow.Side
	what       tcpwin.Kind
}

// repeated is when one of a kind was told, and how many came since.
type repeated struct {
	told flow.Time
	more int
}

// mostKinds is how many kinds are remembered.
const mostKinds = 10_000

// news tells whether an event is told, and how many like it were not.
func (w *Watch) news(k kind, now flow.Time) (told bool, more int) {
	r, ok := w.repeated[k]
	if ok && now.Sub(r.told) < time.Second {
		r.more++
		w.repeated[k] = r
		return false, 0
	}
	if len(w.repeated) >= mostKinds {
		clear(w.repeated)
	}
	w.repeated[k] = repeated{told: now}
	return true, r.more
}
