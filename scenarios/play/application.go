package play

import (
	"context"

	"flowlab/flow"
	"flowlab/h2flow/peer"
	"flowlab/scenarios"
	"flowlab/tcpwin/endpoint"
)

// application is what runs at one end of the connection.
type application interface {
	// run goes on until the application is done, or ctx is, which is no error. Nor is
	// it that the other end broke a rule of a protocol: the packets show it.
	run(ctx context.Context) error
	// apply makes the knobs' values hold. It is called before run and during it.
	apply(k *scenarios.Knobs) error
	// do is told of all that the script lets applications do, also of what the other
	// end does, and does its own part.
	do(a scenarios.Action) error
	// awaits tells whether streams of a path were opened at the other end, and none of
	// them has come.
	awaits(path string) bool
	// account is what it knows at now.
	account(now flow.Time) account
}

// account is what an application knows of itself.
type account struct {
	sent    endpoint.Sent
	read    int64         // bytes
	limits  flow.Limits   // what held its sending
	windows *peer.Account // of HTTP/2; nil if it keeps none
}

// newApplication puts the application of a role on its end of the connection.
func newApplication(role scenarios.Role, k *scenarios.Knobs, c conn, now func() flow.Time) (application, error) {
	switch {
	case k.Stock(role):
		return newStock(role, k, c)
	case k.IsHTTP2():
		return newHTTP2(role, k, c, now)
	case role == scenarios.Producer:
		return newWriter(k, c), nil
	}
	return newReader(k, c), nil
}
