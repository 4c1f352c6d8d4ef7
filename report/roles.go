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
