package play

import (
	"context"
	"errors"
	"io"
	"time"

	"flowlab/capture"
	"flowlab/diagnose/export"
	"flowlab/flow"
)

// pipeline feeds the packets to the analysis until the wire is closed.
func (r *Run) pipeline() {
	var shown time.Time
	for {
		ctx, stop := context.WithTimeout(context.Background(), tick)
		before := r.place.wire.Now()
		batch, err := r.place.tap.Next(ctx)
		stop()
		for _, p := range batch {
			r.observe(p)
		}
		if r.over.Load() == 0 {
			r.until(before) // whatever passed by then was in the batch
		}
		if errors.Is(err, io.EOF) {
			return
		}
		select {
		case told := <-r.asked:
			told <- r.soFar(before)
		default:
		}
		if time.Since(shown) >= tick {
			shown = time.Now()
			r.publish(r.place.wire.Now())
		}
	}
}

func (r *Run) observe(p capture.Packet) {
	if over := r.over.Load(); over != 0 && p.Time > flow.Time(over) {
		return // the lab is being taken down
	}
	r.readings.look(p.Time.Sub(r.start), p.Time, r.analysis)
	r.until(p.Time)
	o := r.analysis.Observe(capture.RawIP, p)
	r.past.begin(r.analysis.Connections())
	for i := range o.Events {
		r.event(o.Connection, &o.Events[i])
	}
	var texts []export.Text
	if len(o.HTTP) > 0 {
		texts = export.HTTP(o.Connection.HTTP2(), o.HTTP)
		r.frames(o.Connection, p.Time, texts)
	}
	if r.options.Record == nil {
		return
	}
	if err := r.options.Record.Write(p, export.Comment(o.Events, texts)); err != nil {
		r.fail(err)
		r.options.Record = nil
		r.cancel()
	}
}
