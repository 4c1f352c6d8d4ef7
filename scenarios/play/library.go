package play

import (
	"math"
	"net/http"

	"flowlab/peers"
	"flowlab/peers/grpcgo"
	"flowlab/peers/nethttp"
	"flowlab/scenarios"
)

// newStockClient makes the client of the producer's library. The error is the library's.
func newStockClient(k *scenarios.Knobs, l *single) (stockClient, error) {
	if k.Producer.HTTP2.Library == scenarios.GRPCGo {
		client, err := grpcgo.NewClient(l.dial, grpcOptions(k, scenarios.Producer))
		if err != nil {
			return nil, err
		}
		return client, nil
	}
	options := netHTTPOptions(k, scenarios.Producer)
	options.StrictMaxConcurrentRequests = true // there is no second connection
	if options.MaxReceiveBufferPerConnection > 0 {
		options.MaxReceiveBufferPerConnection -= 65_535 // which it adds to what RFC 9113 gives
	}
	return nethttp.NewClient(l.dial, nethttp.ClientOptions{HTTP2Config: options}), nil
}

// stockServer serves the connection with the consumer's library. What it returns ends
// it.
func stockServer(k *scenarios.Knobs, l *single, answers *peers.Answers) (closing func()) {
	if k.Consumer.HTTP2.Library == scenarios.GRPCGo {
		options := grpcgo.ServerOptions{Options: grpcOptions(k, scenarios.Consumer)}
		if n := k.Consumer.HTTP2.MaxStreams; k.Given("consumer.max-streams") {
			options.MaxConcurrentStreams = uint32(min(n, math.MaxUint32))
		}
		return grpcgo.Serve(l, options, answers).Close
	}
	return nethttp.Serve(l, netHTTPOptions(k, scenarios.Consumer), answers).Close
}

// netHTTPOptions are those that knobs give; what none gives is net/http's own.
func netHTTPOptions(k *scenarios.Knobs, of scenarios.Role) (options http.HTTP2Config) {
	side := k.HTTP2(of)
	if k.Given(string(of) + ".stream-window") {
		options.MaxReceiveBufferPerStream = int(side.StreamWindow)
	}
	if k.Given(string(of) + ".connection-window") {
		options.MaxReceiveBufferPerConnection = int(side.ConnectionWindow)
	}
	if k.Given(string(of) + ".max-streams") {
		options.MaxConcurrentStreams = int(min(side.MaxStreams, math.MaxUint32))
	}
	return options
}

// grpcOptions are those that knobs give; what none gives is grpc-go's own.
func grpcOptions(k *scenarios.Knobs, of scenarios.Role) (options grpcgo.Options) {
	side := k.HTTP2(of)
	if k.Given(string(of) + ".stream-window") {
		options.StreamWindow = int32(side.StreamWindow)
	}
	if k.Given(string(of) + ".connection-window") {
		options.ConnWindow = int32(side.ConnectionWindow)
	}
	return options
}
