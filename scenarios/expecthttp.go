package scenarios

import (
	"fmt"
	"strconv"
	"time"
)

// FindingCount bounds how many findings of a rule there are at the end.
type FindingCount struct {
	Rule    string
	Stream  string // the path of what they are about; empty if that is all the same
	AtLeast int
	AtMost  int // math.MaxInt if there is no upper bound
}

// SentBytes bounds how many bytes of DATA a role has sent, padding included.
type SentBytes struct {
	Of      Role
	Stream  string // the path of the streams; empty for all
	At      time.Duration
	AtLeast Bytes
	AtMost  Bytes // Unlimited if there is no upper bound
}

// WindowSize says what an HTTP/2 window has at an instant, in bytes.
type WindowSize struct {
	Of     Role   // whose sending it bounds
	Stream string // the path of the streams; empty for the connection's window
	At     time.Duration
	Bytes  int64 // can be negative (RFC 9113 6.9.2)
}

func (e FindingCount) span() Span { return Span{} }
func (e SentBytes) span() Span    { return instant(e.At) }
func (e WindowSize) span() Span   { return instant(e.At) }

// instant is the span of what is seen at one time.
func instant(at time.Duration) Span { return Span{To: at} }

func (e FindingCount) String() string {
	on := ""
	if e.Stream != "" {
		on = " of " + e.Stream
	}
	return fmt.Sprintf("the finding %s%s is there %s", e.Rule, on, howOften(e.AtLeast, e.AtMost))
}

func (e SentBytes) String() string {
	var amount string
	switch {
	case e.AtLeast == e.AtMost:
		amount = "exactly " + inBytes(e.AtLeast)
	case e.AtMost == Unlimited:
		amount = "at least " + inBytes(e.AtLeast)
	case e.AtLeast == 0:
		amount = "at most " + inBytes(e.AtMost)
	default:
		amount = fmt.Sprintf("%d to %s", e.AtLeast, inBytes(e.AtMost))
	}
	return fmt.Sprintf("the %s has sent %s%s at %s", e.Of, amount, onStream(e.Stream), seconds(e.At))
}

func (e WindowSize) String() string {
	of := "the connection"
	if e.Stream != "" {
		of = e.Stream
	}
	return fmt.Sprintf("the window of %s for the %s is %s at %s", of, e.Of, inBytes(Bytes(e.Bytes)), seconds(e.At))
}

// inBytes writes an amount as a count, as it is compared to the byte.
func inBytes(b Bytes) string {
	if b == 1 {
		return "1 byte"
	}
	return strconv.FormatInt(int64(b), 10) + " bytes"
}

func onStream(path string) string {
	if path == "" {
		return ""
	}
	return " on " + path
}

// howOften says how often something is to be there.
func howOften(least, most int) string {
	switch {
	case most == 0:
		return "at no time"
	case most == least:
		return "exactly " + times(least)
	case least == 0:
		return "at most " + times(most)
	case most > 1<<30:
		return "at least " + times(least)
	}
	return strconv.Itoa(least) + " to " + times(most)
}
