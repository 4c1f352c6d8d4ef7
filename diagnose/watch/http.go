package watch

import (
	"time"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/tlsrec"
)

// found names what is told of a connection once.
type found struct {
	rule   string
	stream uint32
	from   flow.Side
	once   bool // it was so once, and is not told yet
}

const (
	// hiding is what is found of a connection that TLS hides.
	hiding = "hidden"
	// mostHidden is how many connections are named that TLS hides. That there is no
	// key log is said of one.
	mostHidden = 10
	// mostFound is how much is told of one connection.
	mostFound = 50
)

// find tells what there is to say of HTTP/2 on a connection, or that TLS hides it,
// each once. What may be so for a moment only is told if it is so a second later, too.
func (w *Watch) find(c *diagnose.Connection, now flow.Time) {
	for _, f := range c.HTTPFindings(now) {
		name := found{rule: f.Rule, stream: f.Stream, from: f.From}
		if momentary(f.Rule) {
			once := name
			once.once = true
			if w.first(c, once) {
				continue
			}
		}
		if w.first(c, name) {
			e := w.event(Found, now, c, f.From)
			e.Finding, e.Stream = f, f.Stream
			w.emit(&e)
		}
	}
	problem, hidden := c.Hidden()
	if !hidden || !w.first(c, found{rule: hiding}) {
		return
	}
	w.hidden++
	if w.hidden > 1 && (w.hidden > mostHidden || problem.Reason == tlsrec.NoKeyLog) {
		return // they are counted
	}
	e := w.event(Hidden, now, c, flow.Client)
	e.Problem = problem
	w.emit(&e)
}

// momentary tells whether a rule is about what is so at one instant: that a stream's
// credit is not used yet, or that as many streams are open as may be.
func momentary(rule string) bool { return rule == "settings-ignored" || rule == "stream-limit-reached" }

// first tells whether something was not told of a connection before.
func (w *Watch) first(c *diagnose.Connection, f found) bool {
	told := w.found[c.Number]
	if told[f] || len(told) == mostFound {
		return false
	}
	if told == nil {
		told = map[found]bool{}
		w.found[c.Number] = told
	}
	told[f] = true
	return true
}

// ask is how often the key log is asked for more while packets come. A program writes
// its keys before it sends what they protect, and packets come some 40 ms late.
const ask = 50 * time.Millisecond

// learn takes in what the key log has got, and has what waited for it read.
func (w *Watch) learn(now flow.Time) {
	if w.Keys == nil {
		return
	}
	w.asked = now
	if w.KeyLog != nil {
		w.KeyLog.Read()
	}
	w.analysis.Learn(now)
}

// embedded is what was recorded of the keys of a connection's session.
type embedded struct {
	since flow.Time // when the session was known
	bytes int
}

// agreeing is for how long the key log is asked at each packet of a session. A program
// that writes its keys before it sends what they protect has written them by then, and
// whoever reads the capture needs them before that packet, too.
const agreeing = time.Second

// embed records the keys of a connection's session, as far as they were not.
func (w *Watch) embed(c *diagnose.Connection) error {
	session, ok := c.Session()
	if !ok {
		return nil
	}
	e, known := w.embedded[c.Number]
	if !known {
		e.since = w.now
	}
	if w.KeyLog != nil && w.now.Sub(e.since) <= agreeing {
		w.KeyLog.Read()
	}
	lines := w.Keys.Lines(&session)
	news := len(lines) != e.bytes
	e.bytes = len(lines)
	w.embedded[c.Number] = e
	if !news {
		return nil
	}
	return w.Record.Secrets(capture.Secrets{Type: capture.SecretsTLS, Data: lines})
}
