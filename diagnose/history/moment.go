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
	same    []uint32 // streams that are as they were a step before
}

// look makes m what there is of a connection now. If all is asked for, so are streams
// that are as they were before.
func (m *moment) look(c *diagnose.Connection, now flow.Time, all bool) {
	v, same := c.Changed(now, all, m.same[:0])
	*m = moment{at: now, same: same, layer: v.Layer, state: state{end: v.End, rtt: v.RTT, handshake: v.Handshake, vantage: v.Vantage}}
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
