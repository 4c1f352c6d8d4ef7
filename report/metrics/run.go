package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios/play"
)

// Run is the metrics of a run of a scenario. Use [NewRun].
type Run struct {
	exposed
	senders  senders
	packets  grown
	written  grown
	read     grown
	resent   [2]grown
	window   *prometheus.GaugeVec
	inFlight *prometheus.GaugeVec
	queue    prometheus.Gauge
}

// NewRun returns the metrics of a run of which nothing is known yet.
func NewRun() *Run {
	e := newExposed("run")
	resent := e.counter("flowlab_resent_bytes_total")
	r := &Run{
		exposed: e, senders: newSenders(&e),
		packets: grown{of: e.counter("flowlab_packets_total").WithLabelValues()},
		written: grown{of: e.counter("flowlab_written_bytes_total").WithLabelValues()},
		read:    grown{of: e.counter("flowlab_read_bytes_total").WithLabelValues()},
		window:  e.gauge("flowlab_receive_window_bytes"), inFlight: e.gauge("flowlab_in_flight_bytes"),
		queue: e.gauge("flowlab_consumer_queue_bytes").WithLabelValues(),
	}
	for side := range r.resent {
		r.resent[side].of = resent.WithLabelValues(flow.Side(side).String())
	}
	return r
}

// Enter enters how a run stands. It is for one goroutine at a time.
func (r *Run) Enter(s *play.Snapshot) {
	at := s.Start.Add(s.At)
	r.senders.begin()
	var packets int64
	var resent, window, inFlight [2]int64
	for _, v := range once(s.Views) {
		for side := range v.Directions {
			d := &v.Directions[side]
			r.senders.enter(key{v.ID, d.From}, v.Start, senderOf(d, at), at)
			packets += d.Segments
			resent[side] += d.Resent
			window[side] += int64(d.Window)
			inFlight[side] += int64(d.InFlight)
		}
	}
	r.senders.end(at)
	r.packets.to(packets)
	r.written.to(s.Producer.Written)
	r.read.to(s.Consumer.Read)
	r.queue.Set(float64(s.Consumer.Queue))
	for side := range r.resent {
		from := flow.Side(side).String()
		r.resent[side].to(resent[side])
		r.window.WithLabelValues(from).Set(float64(window[side]))
		r.inFlight.WithLabelValues(from).Set(float64(inFlight[side]))
	}
}

// once returns one view of each connection, that of the first host that saw it.
func once(views []diagnose.View) (list []*diagnose.View) {
	seen := map[flow.Conn]bool{}
	for i := range views {
		if v := &views[i]; !seen[v.ID] {
			seen[v.ID] = true
			list = append(list, v)
		}
	}
	return list
}

// senderOf is a direction of a view.
func senderOf(d *diagnose.DirectionView, at flow.Time) *sender {
	s := &sender{
		from: d.From, bytes: d.Bytes, cause: d.Now.Cause, heldBy: d.Now.HeldBy, since: at.Add(-d.Now.For),
		limits: &d.Limits, list: d.Stalls,
	}
	if n := len(d.Stalls); n > 0 { // the one under way is the last
		last := &d.Stalls[n-1]
		if s.held = last.Cause == d.Now.Cause && last.Length() == d.Now.For; s.held {
			s.since = last.Start
		}
	}
	return s
}

// grown is a counter that follows a number which may seem to fall for a moment.
type grown struct {
	of   prometheus.Counter
	most int64
}

func (g *grown) to(n int64) {
	if n > g.most {
		g.of.Add(float64(n - g.most))
		g.most = n
	}
}
