package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/watch"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// Live writes what happens on a source that is watched, a line each, as text for
// people: windows that close and open, stalls, and once a second how things
// stand. Times are those of the packets, in local time.
type Live struct {
	w     io.Writer
	style Style
	err   error
}

// NewLive returns a Live that writes to w.
func NewLive(w io.Writer, style Style) *Live { return &Live{w: w, style: style} }

// Err is the first error of the writer.
func (l *Live) Err() error { return l.err }

// Event writes what happened. That a path is full is no news, nor that a
// connection is being opened: such stalls are only counted.
func (l *Live) Event(e *watch.Event) {
	who := fmt.Sprintf("connection %d (%v)", e.Connection, e.ID)
	switch {
	case e.What == watch.Shown:
		more := ""
		if e.More > 0 {
			more = fmt.Sprintf(" (and %s more since the last line)", flow.Grouped(e.More))
		}
		l.line(e.Time, "%s: %v %s%s", who, e.From, shown(&e.Shown), more)
	case e.What == watch.Found:
		l.line(e.Time, "%s: %v: %s", who, e.Finding.Severity, e.Finding.Text)
	case e.What == watch.Hidden:
		l.line(e.Time, "%s: TLS hides what is above TCP: %v", who, e.Problem)
	case !avoidable(e.Stall.Cause):
	case e.What == watch.Stalled:
		l.line(e.Time, "%s: %s %s by %v for %s so far: %s", who, whoIsHeld(e), l.style.bold("HELD"),
			e.Stall.Cause, seconds(e.Stall.Length()), waiting(e))
	default:
		l.line(e.Time, "%s: %s %s after %s of %s", who, whoIsHeld(e), l.style.bold("FREE"),
			seconds(e.Stall.Length()), causeAndHolder(&e.Stall))
	}
}

// whoIsHeld names whom a stall holds: a side, or one of its streams.
func whoIsHeld(e *watch.Event) string {
	if e.Stream == 0 {
		return e.From.String()
	}
	return fmt.Sprintf("%v's stream %s", e.From, numbered(e.Stream, e.Path))
}

// numbered is a stream's number with its path.
func numbered(id uint32, path string) string {
	if path == "" {
		return fmt.Sprint(id)
	}
	return fmt.Sprintf("%d (%s)", id, path)
}

// Second writes how things stand.
func (l *Live) Second(s *watch.Second) { l.line(s.Time, "%s", standing(s)) }

// LiveStatus says how things stand in at most so many columns.
func LiveStatus(s *watch.Second, columns int) string {
	text := []rune(standing(s))
	return string(text[:min(len(text), columns)])
}

// standing says how things stood after a second.
func standing(s *watch.Second) string {
	parts := []string{
		packets(s.Packets), bitRate(s.Bytes), openConnections(s.Open),
	}
	if s.Resent > 0 {
		parts = append(parts, fmt.Sprintf("%s sent again", segments(int64(s.Resent))))
	}
	var held []string
	for c, n := range s.Stalled {
		if n > 0 {
			held = append(held, fmt.Sprintf("%d by %v", n, flow.Cause(c)))
		}
	}
	if s.Streams > 0 {
		held = append(held, streamsHeld(s.Streams))
	}
	text := strings.Join(parts, ", ")
	if len(held) > 0 {
		text += "; held: " + strings.Join(held, ", ")
	}
	if s.Hidden > 0 {
		text += fmt.Sprintf("; TLS hides %s so far", counted(int64(s.Hidden), "connection"))
	}
	if s.Dropped > 0 {
		text += fmt.Sprintf("; %s lost by the kernel so far", packets(s.Dropped))
	}
	return text
}

func streamsHeld(n int) string {
	if n == 1 {
		return "1 stream by its own window"
	}
	return flow.Grouped(n) + " streams by their own windows"
}

func (l *Live) line(at flow.Time, format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, "%s  %s\n", time.Unix(0, int64(at)).Format("15:04:05.000"), fmt.Sprintf(format, args...))
	}
}

// shown says what a segment shows, of its sender.
func shown(e *tcpwin.Event) string {
	switch e.Kind {
	case tcpwin.ZeroWindow:
		return "advertises a window of 0"
	case tcpwin.WindowProbe:
		return "probes the closed window"
	case tcpwin.WindowOpened:
		return fmt.Sprintf("opens its window: %s, after %s", size(int64(e.Window)), seconds(e.Length))
	case tcpwin.WindowShrunk:
		return fmt.Sprintf("takes back %s of its window", size(int64(e.Bytes)))
	}
	return e.String()
}

// waiting says in words what a sender that is held waits for.
func waiting(e *watch.Event) string {
	s, receiver := &e.Stall, e.From.Peer()
	switch {
	case s.Cause == flow.ConnectionWindow, s.Cause == flow.StreamWindow, s.Cause == flow.StreamLimit:
		return waitingHTTP(e)
	case s.HeldBy == flow.Reader:
		return fmt.Sprintf("the %v does not read its socket, or not fast enough", receiver)
	case s.HeldBy == flow.WindowSize:
		return fmt.Sprintf("the %v reads, but its window is too small for this path", receiver)
	case s.HeldBy == flow.LostUpdate:
		return "the window update that would let it go was lost"
	case s.Cause == flow.ReceiveWindow:
		return fmt.Sprintf("the %v's window has no room", receiver)
	case s.Cause == flow.LossRecovery:
		return "packets were lost, and are sent again"
	case s.Cause == flow.Nagle:
		return fmt.Sprintf("its socket keeps short segments back until the %v acknowledges", receiver)
	}
	return "the packets do not show what it waits for"
}

// waitingHTTP says what a sender waits for that a window of HTTP/2 holds, and who must
// act.
func waitingHTTP(e *watch.Event) string {
	s, receiver := &e.Stall, e.From.Peer()
	text := becauseHTTP(s.Cause, s.HeldBy, e.From.String(), receiver.String())
	to := e.ID.Addr(receiver)
	switch {
	case s.HeldBy == flow.CreditHeld && len(e.Holders.Streams) > 0:
		return fmt.Sprintf("%s: the application at %v must read or cancel them: %s", text, to, e.Holders.Text())
	case s.HeldBy == flow.CreditLeaked:
		return fmt.Sprintf("%s: the library at %v must give it back: %s", text, to, e.Holders.Text())
	case s.HeldBy == flow.Reader && e.Stream != 0:
		return fmt.Sprintf("%s: the application at %v must read %s of it", text, to, size(e.Unread))
	}
	return text
}

// causeAndHolder names what held a sender, and who could have let it go.
func causeAndHolder(s *diagnose.Stall) string {
	if s.HeldBy == flow.Nobody {
		return s.Cause.String()
	}
	return fmt.Sprintf("%v (%v)", s.Cause, s.HeldBy)
}

func openConnections(n int) string {
	if n == 1 {
		return "1 connection open"
	}
	return flow.Grouped(n) + " connections open"
}

// bitRate says how many bits bytes of a second are.
func bitRate(bytes int64) string {
	rate, unit := float64(bytes)*8, "bit/s"
	for _, larger := range []string{"kbit/s", "Mbit/s", "Gbit/s"} {
		if rate < 1000 {
			break
		}
		rate, unit = rate/1000, larger
	}
	return fmt.Sprintf("%.3g %s", rate, unit)
}
