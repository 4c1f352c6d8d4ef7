package report

import (
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// names are what the two sides of a connection are called.
type names [2]string

var (
	// roles names the sides of a run's connection: the producer opens it.
	roles = names{flow.Client: string(scenarios.Producer), flow.Server: string(scenarios.Consumer)}
	// sides names those of a connection of which only packets are known.
	sides = names{flow.Client: flow.Client.String(), flow.Server: flow.Server.String()}
)

// producerView is the connection as the producer's host saw it, nil if it saw
// none. The report goes by it.
func producerView(r *play.Result) *diagnose.View { return viewAt(r, play.ProducerPort) }

func viewAt(r *play.Result, port int) *diagnose.View {
	for i := range r.Views {
		if r.Views[i].Interface == port {
			return &r.Views[i]
		}
	}
	return nil
}

// nameOf is what a port's host is called.
func nameOf(r *play.Result, port int) string { return r.Interfaces[port].Name }

// farPort is where the other end of the producer's connection is.
func farPort(r *play.Result) int {
	if r.Knobs.HasProxy() {
		return play.ProxyPort
	}
	return play.ConsumerPort
}

// ofProducer tells whether a connection is the producer's own, not the one that a proxy
// has with the consumer.
func ofProducer(r *play.Result, v *diagnose.View) bool {
	own := producerView(r)
	return own != nil && own.ID == v.ID
}

// sideAt is the side of a connection that the host is which saw it.
func sideAt(r *play.Result, v *diagnose.View) flow.Side {
	if v.Interface == play.ConsumerPort || v.Interface == play.ProxyPort && ofProducer(r, v) {
		return flow.Server
	}
	return flow.Client
}

// namesOf are what the two sides of a run's connection are called.
func namesOf(r *play.Result, v *diagnose.View) names {
	switch {
	case !r.Knobs.HasProxy():
		return roles
	case ofProducer(r, v):
		return names{flow.Client: roles[flow.Client], flow.Server: string(scenarios.Proxy)}
	}
	return names{flow.Client: string(scenarios.Proxy), flow.Server: roles[flow.Server]}
}

// producing is the direction that a run is about: that in which the producer sends,
// unless over HTTP/2 the consumer sends more.
func producing(v *diagnose.View) *diagnose.DirectionView {
	if h := v.Layer.HTTP2; h != nil && h.Directions[flow.Server].Sent > h.Directions[flow.Client].Sent {
		return &v.Directions[flow.Server]
	}
	return &v.Directions[flow.Client]
}

// answering is the other direction, if DATA of HTTP/2 was sent in it too; else nil.
func answering(v *diagnose.View) *diagnose.DirectionView {
	other := producing(v).From.Peer()
	if h := v.Layer.HTTP2; h == nil || h.Directions[other].Sent == 0 {
		return nil
	}
	return &v.Directions[other]
}
