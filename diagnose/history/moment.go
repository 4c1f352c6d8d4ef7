package history

import (
	"flowlab/diagnose"
	"flowlab/flow"
)

// moment is all there is of a connection at one step.
type moment struct {
	at      flow.Time
	state   state
	sides   [2]gauges
	layer   diagnose.Layer
	streams []diagnose.StreamView
}

// look makes m what there is of a connection now.
func (m *moment) look(c *diagnose.Connection, now flow.Time) {
	v := c.View(now, flow.Interval{}, 0)
	*m = moment{at: now, layer: v.Layer, state: state{end: v.End, rtt: v.RTT, handshake: v.Handshake, vantage: v.Vantage}}
	if h := v.Layer.HTTP2; h != nil {
		m.state.isHTTP, m.state.http, m.streams = true, *h, h.Streams
	}
	for i := range m.sides {
		g := &m.sides[i]
		g.DirectionView = v.Directions[i]
		g.mean = c.Directions[i].MeanWindow()
		g.window, g.inFlight = c.Directions[i].Extremes()
	}
}

// sent is how many bytes of DATA each side sent in all.
func (m *moment) sent() [2]int64 {
	return [2]int64{m.state.http.Directions[0].Sent, m.state.http.Directions[1].Sent}
}
