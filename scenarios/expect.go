package scenarios

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"flowlab/flow"
	"flowlab/tcpwin"
)

// Expectation is what a scenario promises about its run: an [EventCount], a
// [LimitShare], a [Goodput] or a [GoodputOfWindow], a [FindingCount], and of HTTP/2 a
// [SentBytes], a [WindowSize] or a [ChainOfWaits]. String says it as an English sentence without the
// full stop.
type Expectation interface {
	String() string
	// span is the part of the run that the expectation is about.
	span() Span
}

// Span is the part of a run from From up to, and without, To. The zero Span is
// the whole run.
type Span struct {
	From, To time.Duration
}

func (s Span) String() string {
	if s == (Span{}) {
		return "the whole run"
	}
	return seconds(s.From) + " to " + seconds(s.To)
}

// EventCount bounds how often a role's segments show an event.
type EventCount struct {
	Event   tcpwin.Kind
	From    Role // who sends the segments that show it
	Between Span
	AtLeast int // 1 if the file has no bound
	AtMost  int // math.MaxInt if there is no upper bound
}

// LimitShare bounds the share of time for which one cause holds a sender.
type LimitShare struct {
	Cause   flow.Cause
	Of      Role   // whose sending is held
	Stream  string // the path of streams, for their own share; empty for the connection
	During  Span
	AtLeast Percent
	AtMost  Percent     // 100 if there is no upper bound
	HeldBy  flow.HeldBy // only time held by this counts; flow.Nobody if all does
}

// Goodput bounds the rate at which the consumer reads.
type Goodput struct {
	During  Span
	AtLeast ByteRate
	AtMost  ByteRate // Unlimited if there is no upper bound
}

// GoodputOfWindow says that the rate at which the consumer reads is what its
// window allows: the advertised window, averaged over time, divided by the
// round-trip time.
type GoodputOfWindow struct {
	During Span
	Within Percent // of that rate, above or below; over 0, at most 100
}

func (e EventCount) span() Span      { return e.Between }
func (e LimitShare) span() Span      { return e.During }
func (e Goodput) span() Span         { return e.During }
func (e GoodputOfWindow) span() Span { return e.During }

func (e EventCount) String() string {
	verb := "shows " + e.Event.String()
	var count string
	switch {
	case e.AtMost == 0:
		verb, count = "never "+verb, ""
	case e.AtMost == e.AtLeast:
		count = " exactly " + times(e.AtLeast)
	case e.AtMost == math.MaxInt:
		count = " at least " + times(e.AtLeast)
	case e.AtLeast == 0:
		count = " at most " + times(e.AtMost)
	default:
		count = fmt.Sprintf(" %d to %s", e.AtLeast, times(e.AtMost))
	}
	return fmt.Sprintf("the %s %s%s in %s", e.From, verb, count, e.Between)
}

func (e LimitShare) String() string {
	var share string
	switch {
	case e.AtMost == 0:
		share = "at no time"
	case e.AtMost == 100:
		share = "at least " + spaced(e.AtLeast)
	case e.AtLeast == 0:
		share = "at most " + spaced(e.AtMost)
	default:
		share = spaced(e.AtLeast) + " to " + spaced(e.AtMost)
	}
	who := ""
	if e.HeldBy != flow.Nobody {
		who = ", where " + e.HeldBy.String() + " could let it go"
	}
	return fmt.Sprintf("the %s is held%s by %s %s of %s%s", e.Of, onStream(e.Stream), e.Cause, share, e.During, who)
}

func (e Goodput) String() string {
	var rate string
	switch {
	case e.AtMost == Unlimited:
		rate = "at least " + spaced(e.AtLeast)
	case e.AtLeast == 0:
		rate = "at most " + spaced(e.AtMost)
	default:
		rate = spaced(e.AtLeast) + " to " + spaced(e.AtMost)
	}
	return fmt.Sprintf("the goodput is %s in %s", rate, e.During)
}

func (e GoodputOfWindow) String() string {
	return fmt.Sprintf("the goodput is within %s of window / RTT in %s", spaced(e.Within), e.During)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
}

// spaced writes a quantity as a sentence does, with a space before its unit.
func spaced(q fmt.Stringer) string {
	s := q.String()
	if i := strings.LastIndexAny(s, "0123456789"); i+1 < len(s) {
		return s[:i+1] + " " + s[i+1:]
	}
	return s
}
