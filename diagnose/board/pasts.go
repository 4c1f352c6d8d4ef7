// The connections of which all the past is kept.

package board

import (
	"slices"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/history"
	"flowlab/flow"
)

const (
	// mostPasts is of how many connections all the past is kept.
	mostPasts = 12
	// mostBusy is how many of these are of HTTP/2: each may take 1 % of a processor.
	mostBusy = 4
	// pastBudget is how many bytes each takes at the most: with those of the rows, 256 MiB.
	pastBudget = 13 << 20
)

// recording is the past of a connection.
type recording struct {
	number     int
	connection *diagnose.Connection // nil once it is over
	past       *history.Past
	isHTTP2    bool
	held       flow.Time // when it was last seen to be held, or chosen
}

// begin has the past of a connection kept from now on, if there is room, or something is
// there that is of less use.
func (l *Live) begin(c *diagnose.Connection, now flow.Time, chosen int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	isHTTP2, busy := ProtocolOf(c) == HTTP2, 0
	for _, r := range l.pasts {
		if r.isHTTP2 {
			busy++
		}
	}
	full := isHTTP2 && busy >= mostBusy
	if full || len(l.pasts) == mostPasts {
		i := l.useless(now, chosen, c.Number == chosen, full)
		if i < 0 {
			return
		}
		if other := l.pasts[i].connection; other != nil {
			other.Unfollow()
		}
		l.pasts = slices.Delete(l.pasts, i, i+1)
	}
	l.pasts = append(l.pasts, &recording{number: c.Number, connection: c, past: history.New(c, pastBudget), isHTTP2: isHTTP2, held: now})
}

// useless is the past of the connection that was held the longest ago, and is neither
// chosen nor was held within the last second; -1 if there is none. If it has to be one, one
// that is held goes too. If it is to make room for HTTP/2, it is of HTTP/2.
func (l *Live) useless(now flow.Time, chosen int, must, isHTTP2 bool) int {
	oldest := -1
	for i, r := range l.pasts {
		if r.number != chosen && (r.isHTTP2 || !isHTTP2) && (oldest < 0 || r.held < l.pasts[oldest].held) {
			oldest = i
		}
	}
	if !must && oldest >= 0 && now.Sub(l.pasts[oldest].held) <= time.Second {
		return -1
	}
	return oldest
}

// find returns the past of a connection, nil if none is kept.
func (l *Live) find(number int) *recording {
	for _, r := range l.pasts {
		if r.number == number {
			return r
		}
	}
	return nil
}

// Until enters all that was before t in the pasts that are kept. Call it before each packet
// is entered, with its time.
func (l *Live) Until(t flow.Time) { l.until(t, false) }

func (l *Live) until(t flow.Time, last bool) {
	if !last && t <= l.grid {
		return
	}
	l.grid = history.Ceil(t)
	for _, r := range l.pasts {
		if r.connection != nil {
			r.past.Until(t, last)
		}
	}
}

// Ended is to be called with the number of each connection that is handed on, while its
// ledgers are as they were.
func (l *Live) Ended(number int) {
	if r := l.find(number); r != nil && r.connection != nil {
		r.past.End()
		r.connection = nil
	}
}
