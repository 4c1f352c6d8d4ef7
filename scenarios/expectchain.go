package scenarios

import (
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Proxy is who stands between the two roles in a chain.
const Proxy Role = "proxy"

// ChainOfWaits says that at the end there is a chain: each waits for the next, and the
// last does not read.
type ChainOfWaits struct {
	Parties []Role // from the sender on
	Stream  string // the path of its streams; empty if that is all the same
}

func (e ChainOfWaits) span() Span { return Span{} }

func (e ChainOfWaits) String() string {
	text := "the " + string(e.Parties[0]) + " waits for the " + string(e.Parties[1])
	for _, next := range e.Parties[2:] {
		text += ", which waits for the " + string(next)
	}
	return text + onStream(e.Stream)
}

// chains are those that there can be: there is one proxy.
var chains = [][]Role{{Producer, Proxy, Consumer}, {Consumer, Proxy, Producer}}

func (r *reader) chainOfWaits(o object, _ time.Duration) Expectation {
	e := ChainOfWaits{Parties: chains[0]}
	const hint = "write [producer, proxy, consumer], or the other way round"
	if list, ok := o.values["chain"].(*ast.SequenceNode); !ok {
		r.fail(o.values["chain"], mistake(hint, "chain must be a list of who waits for whom"))
	} else if parties, ok := r.parties(list); ok {
		if e.Parties = parties; !slices.ContainsFunc(chains, func(c []Role) bool { return slices.Equal(c, parties) }) {
			r.fail(list, mistake(hint, "no such chain of waits can be"))
			e.Parties = chains[0]
		}
	}
	if !r.knobs.HasProxy() {
		r.fail(o.keys["chain"], mistake("put a proxy between the two, such as proxy: {buffer: 64KiB}", "a chain without a proxy"))
	}
	if o.has("stream") {
		e.Stream = r.path(o, "stream", "chain")
	}
	return e
}

// parties reads the list of who waits for whom.
func (r *reader) parties(list *ast.SequenceNode) (parties []Role, ok bool) {
	names := []string{string(Producer), string(Proxy), string(Consumer)}
	for _, n := range list.Values {
		party, ok := value(r, n, func(name string) (Role, error) {
			if !slices.Contains(names, name) {
				return "", mistake("they are "+strings.Join(names, ", "), "unknown party %s", quote(name))
			}
			return Role(name), nil
		})
		if !ok {
			return nil, false
		}
		parties = append(parties, party)
	}
	return parties, true
}
