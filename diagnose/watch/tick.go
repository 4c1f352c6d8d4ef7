package watch

import (
	"fmt"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// pass lets time pass up to now: stalls that last are told, and once a second
// how things stand.
func (w *Watch) pass(now flow.Time) error {
	w.looked = now
	settled := now.Add(-behind)
	w.analysis.Advance(settled)
	w.second.Stalled = [flow.NumCauses]int{}
	for _, c := range w.analysis.Connections() {
		for i := range c.Directions {
			w.look(c, &c.Directions[i], settled)
		}
	}
	w.tell()
	if err := w.Trigger.pass(now); err != nil {
		return err
	}
	if now.Sub(w.last) < time.Second {
		return nil
	}
	w.analysis.Sweep(settled)
	w.tell()
	return w.tick(now)
}

// look tells of a stall that lasts, once.
func (w *Watch) look(c *diagnose.Connection, d *diagnose.Direction, now flow.Time) {
	s, ok := d.Stall(now)
	if !ok {
		return
	}
	w.second.Stalled[s.Cause]++
	w.Trigger.lasts(c, d.From, &s, now)
	name := stalled{c.Number, d.From}
	if w.told[name] {
		return
	}
	w.told[name] = true
	e := w.event(Stalled, now, c, d.From)
	e.Stall = s
	w.emit(&e)
}

// tick ends a second.
func (w *Watch) tick(now flow.Time) error {
	w.count()
	w.second.Time, w.second.Open, w.second.Dropped = now, len(w.analysis.Connections()), w.source.Dropped
	if w.Second != nil {
		w.Second(&w.second)
	}
	w.second, w.last = Second{}, now
	if w.Record == nil {
		return nil
	}
	return w.Record.Flush()
}

// count asks how many packets were lost, and records it if it has changed.
func (w *Watch) count() {
	stats, err := w.Source.Stats()
	if err != nil {
		return // the interface is gone; what was counted before holds
	}
	w.source.Dropped = stats.Dropped
	if w.Record != nil && len(w.source.Interfaces) > 0 {
		// A recorder that fails says so when it is flushed.
		_ = w.Record.Statistics(0, w.now, stats.Received, stats.Dropped)
	}
}

// update brings what is known of the source up to date.
func (w *Watch) update() {
	a := w.analysis
	w.source.First, w.source.Last = a.First, a.Last
	w.source.Packets, w.source.Bytes = a.Packets+w.source.Skipped.Unmatched, a.Bytes
	w.source.Skipped.Skipped = a.Skipped
	w.source.Late, w.source.Connections = a.Late, a.Begun
}

// ended hands a connection on.
func (w *Watch) ended(v *diagnose.View) {
	for _, from := range []flow.Side{flow.Client, flow.Server} {
		delete(w.told, stalled{v.Number, from})
	}
	if w.Ended != nil {
		w.update()
		w.Ended(&w.source, v)
	}
}

// over takes a stall that is over. The packet that ended it is being entered.
func (w *Watch) over(c *diagnose.Connection, from flow.Side, s diagnose.Stall) {
	delete(w.told, stalled{c.Number, from})
	w.Trigger.lasts(c, from, &s, s.End)
	e := w.event(Released, w.now, c, from)
	e.Stall = s
	w.released = append(w.released, e)
}

// tell tells of the stalls that are over.
func (w *Watch) tell() {
	for i := range w.released {
		w.emit(&w.released[i])
	}
	w.released = w.released[:0]
}

// shown tells what a packet shows.
func (w *Watch) shown(o *diagnose.Observed) {
	for _, e := range o.Events {
		if e.Kind == tcpwin.Retransmission {
			w.second.Resent++
		}
		if !alone(e.Kind) {
			continue
		}
		isNews, more := w.news(kind{o.Connection.Number, e.From, e.Kind}, e.Time)
		if !isNews {
			continue
		}
		told := w.event(Shown, e.Time, o.Connection, e.From)
		told.Shown, told.More = e, more
		w.emit(&told)
	}
}

// event begins an event of a connection.
func (w *Watch) event(what What, at flow.Time, c *diagnose.Connection, from flow.Side) Event {
	return Event{
		What: what, Time: at, From: from,
		Connection: c.Number, ID: c.ID, Interface: w.source.Interfaces[c.Interface].Name,
	}
}

func (w *Watch) emit(e *Event) {
	if w.Event != nil {
		w.Event(e)
	}
}

// remark is what a recorded packet says of itself: its events, and the stalls
// that it ended.
func (w *Watch) remark(o *diagnose.Observed) string {
	if len(o.Events) == 0 && len(w.released) == 0 {
		return ""
	}
	w.comment = w.comment[:0]
	for _, e := range o.Events {
		w.remarked(e.String())
	}
	for i := range w.released {
		e := &w.released[i]
		w.remarked(fmt.Sprintf("the %v of connection %d was held by %s", e.From, e.Connection, sentence(&e.Stall)))
	}
	return string(w.comment)
}

func (w *Watch) remarked(text string) {
	if len(w.comment) > 0 {
		w.comment = append(w.comment, "; "...)
	}
	w.comment = append(w.comment, text...)
}

// sentence says what held a sender, and for how long.
func sentence(s *diagnose.Stall) string {
	text := s.Cause.String()
	if s.HeldBy != flow.Nobody {
		text += fmt.Sprintf(" (%v)", s.HeldBy)
	}
	return fmt.Sprintf("%s for %.3f s", text, s.Length().Seconds())
}
