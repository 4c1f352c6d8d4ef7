package scenarios

import (
	"errors"
	"slices"
	"strings"
)

// The libraries that can speak HTTP/2 at an end.
const (
	Flowlab = "flowlab"  // the instrumented client and server of package h2flow/peer
	NetHTTP = "net-http" // Go's net/http, as it comes
	GRPCGo  = "grpc-go"  // grpc-go, as it comes
)

var libraryNames = []string{Flowlab, NetHTTP, GRPCGo}

// library is what a stock library lets a scenario choose.
type library struct {
	options map[Role][]string // the knobs that are options of it, without the role
	does    map[string]string // what it does that is a knob of others
	least   map[string]Bytes  // of windows: below these it would not do as it is told
}

// stock are the libraries that come as they are. What they do is measured in
// docs/peers.md.
var stock = map[string]library{
	NetHTTP: {
		options: map[Role][]string{
			Producer: {"stream-window", "connection-window"},
			Consumer: {"stream-window", "connection-window", "max-streams"},
		},
		does: map[string]string{"credit-stream": "at-read", "credit-connection": "at-read"},
		// A client adds its window to the 65,535 bytes that RFC 9113 gives.
		least: map[string]Bytes{"producer.stream-window": 1, "consumer.stream-window": 1, "producer.connection-window": 2 * 65_535},
	},
	GRPCGo: {
		options: map[Role][]string{
			Producer: {"stream-window", "connection-window"},
			Consumer: {"stream-window", "connection-window", "max-streams"},
		},
		does:  map[string]string{"credit-stream": "at-read", "credit-connection": "on-receipt"},
		least: map[string]Bytes{"producer.stream-window": 65_535, "consumer.stream-window": 65_535},
	},
}

// Stock tells whether a role has a library that comes as it is, and not the
// instrumented one.
func (k *Knobs) Stock(of Role) bool { return k.IsHTTP2() && k.HTTP2(of).Library != Flowlab }

// CheckLibraries returns what the scenario wants of a library that it does not have, as
// [Mistake] errors that [errors.Join] joins.
func (s *Scenario) CheckLibraries() error {
	var wrong []error
	note := func(m *Mistake) {
		if m != nil {
			wrong = append(wrong, m)
		}
	}
	if m := s.Knobs.stockPair(); m != nil {
		return m
	}
	for _, name := range KnobNames() {
		if s.Knobs.Given(name) {
			note(s.Knobs.stockLacks(name))
		}
	}
	for _, step := range s.Script {
		for _, set := range step.Set {
			note(s.Knobs.stockTurns(set.Knob))
		}
		for _, a := range step.Do {
			note(s.Knobs.stockCannot(a))
		}
	}
	return errors.Join(wrong...)
}

// stockPair says that two libraries do not understand each other.
func (k *Knobs) stockPair() *Mistake {
	pair := []string{k.Producer.HTTP2.Library, k.Consumer.HTTP2.Library}
	if slices.Contains(pair, NetHTTP) && slices.Contains(pair, GRPCGo) {
		return mistake("give both ends the same library, or one of them flowlab", "grpc-go speaks only gRPC, and net-http here does not")
	}
	return nil
}

// sideKnob returns the role that a knob of HTTP/2 is of, and its name without the role.
func sideKnob(name string) (of Role, key string, ok bool) {
	role, key, _ := strings.Cut(name, ".")
	ok = slices.ContainsFunc(http2Knobs(Role(role)), func(k Knob) bool { return k.Name == name })
	return Role(role), key, ok
}

// stockLacks says that a knob was given a value which the library of its role cannot
// have.
func (k *Knobs) stockLacks(name string) *Mistake {
	of, key, ok := sideKnob(name)
	if !ok || key == "implementation" || !k.Stock(of) {
		return nil
	}
	own := k.HTTP2(of).Library
	lib := stock[own]
	if does, is := lib.does[key]; is && does == k.Get(name) {
		return nil
	}
	options := lib.options[of]
	if !slices.Contains(options, key) {
		return mistake(own+" as the "+string(of)+" has "+strings.Join(append(slices.Clone(options), "read-rate"), ", "),
			"%s: %s has no such option", name, own)
	}
	size := map[string]Bytes{"stream-window": k.HTTP2(of).StreamWindow, "connection-window": k.HTTP2(of).ConnectionWindow}
	switch least := lib.least[name]; {
	case size[key] < least:
		return mistake("write at least "+least.String(), "%s: %s has no window of %s", name, own, size[key])
	case key == "max-streams" && k.HTTP2(of).MaxStreams == 0:
		return mistake("write at least 1", "%s: %s takes 0 for its default", name, own)
	}
	return nil
}

// stockTurns says that a knob cannot be turned while the library of its role runs.
func (k *Knobs) stockTurns(name string) *Mistake {
	of, _, ok := sideKnob(name)
	if !ok || !k.Stock(of) {
		return nil
	}
	return mistake("set it before the run; only "+string(of)+".read-rate can be turned while it runs",
		"%s: %s takes its options when it starts", name, k.HTTP2(of).Library)
}
