package watch

import (
	"fmt"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/export"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// pass lets time pass up to now: keys that have come are used, stalls that last are
// told, and once a second how things stand.
func (w *Watch) pass(now flow.Time) error {
	w.looked = now
	w.learn(now)
	settled := now.Add(-behind)
	w.analysis.Advance(settled)
	w.second.Stalled, w.second.Streams = [flow.NumCauses]int{}, 0
	for _, c := range w.analysis.Connections() {
		for i := range c.Directions {
			w.look(c, &c.Directions[i], settled)
		}
	}
	w.show(settled)
	w.tell()
	if err := w.Trigger.pass(now); err != nil {
		return err
	}
	if now.Sub(w.last) < time.Second {
		return nil
	}
	for _, c := range w.analysis.Connections() {
		w.find(c, settled)
	}
	w.analysis.Sweep(settled)
	w.tell()
	return w.tick(now)
}

// look tells of stalls of a sender that last, each once: of its streams that their own
// windows hold, and of all that it sends.
func (w *Watch) look(c *diagnose.Connection, d *diagnose.Direction, now flow.Time) {
	streams := c.StreamStalls(d.From, now)
	for i := range streams {
		w.second.Streams++
		e := w.event(Stalled, now, c, d.From)
		e.stream(&streams[i])
		w.lasts(&e, now)
	}
	s, ok := d.Stall(now)
	if !ok {
		return
	}
	w.second.Stalled[s.Cause]++
	e := w.event(Stalled, now, c, d.From)
	if len(streams) > 0 {
		w.byStream[e.stalled()] = now
	}
	if s.Cause == flow.StreamWindow && s.Start <= w.byStream[e.stalled()] {
		return // it is told of the streams
	}
	e.Stall = s
	e.holders(c)
	w.lasts(&e, now)
}

// stream makes an event that of a stream's stall.
func (e *Event) stream(s *diagnose.StreamStall) {
	e.Stall, e.Stream, e.Path, e.Unread = s.Stall, s.Stream, s.Path, s.Unread
}

// holders adds who has the credit of the connection's window, if it is shut.
func (e *Event) holders(c *diagnose.Connection) {
	if e.Stall.Cause == flow.ConnectionWindow {
		e.Holders, _ = c.Holders(e.From)
	}
}

// lasts takes a stall that goes on.
func (w *Watch) lasts(e *Event, now flow.Time) {
	w.Trigger.lasts(e, now)
	if name := e.stalled(); !w.told[name] {
		w.told[name] = true
		w.emit(e)
	}
}

// tick ends a second.
func (w *Watch) tick(now flow.Time) error {
	w.count()
	w.second.Time, w.second.Open, w.second.Dropped = now, len(w.analysis.Connections()), w.source.Dropped
	w.second.Hidden = w.hidden
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
		delete(w.told, stalled{v.Number, from, 0})
		delete(w.byStream, stalled{v.Number, from, 0})
	}
	delete(w.found, v.Number)
	delete(w.embedded, v.Number)
	if w.Payload != nil {
		w.Payload.want(v.Number)
	}
	if w.Board != nil {
		w.Board.Ended(v.Number)
	}
	if w.Ended != nil {
		w.update()
		w.Ended(&w.source, v)
	}
}

// over takes a stall that is over. The packet that ended it is being entered.
func (w *Watch) over(c *diagnose.Connection, from flow.Side, s diagnose.Stall) {
	e := w.event(Released, w.now, c, from)
	e.Stall = s
	e.holders(c)
	if s.Cause == flow.StreamWindow && !w.told[e.stalled()] {
		return // it was told of the streams
	}
	w.release(&e)
}

// streamOver takes a stall of an HTTP/2 stream that is over. One that was looked for and
// not told lay under that of the connection's window.
func (w *Watch) streamOver(c *diagnose.Connection, from flow.Side, s diagnose.StreamStall) {
	e := w.event(Released, w.now, c, from)
	e.stream(&s)
	if w.told[e.stalled()] || s.Length() < w.MinStall+2*look {
		w.release(&e)
	}
}

func (w *Watch) release(e *Event) {
	delete(w.told, e.stalled())
	w.Trigger.lasts(e, e.Stall.End)
	w.released = append(w.released, *e)
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
		w.remarked(fmt.Sprintf("%s was held by %s", e.held(), sentence(&e.Stall)))
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
	return fmt.Sprintf("%s for %.3f s", export.Held(s), s.Length().Seconds())
}
