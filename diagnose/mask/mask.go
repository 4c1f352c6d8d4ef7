// The stand-ins, and which was given to whom.

package mask

import (
	"encoding/binary"
	"fmt"
	"sync"

	"flowlab/diagnose/board"
	"flowlab/flow"
)

// Mask knows which stand-in was given to whom. It takes about a hundred bytes for each
// address, and for each of the latest paths. Its methods may be called from any goroutine. Use [New].
type Mask struct {
	mu    sync.Mutex
	ends  map[flow.Endpoint]flow.Endpoint // without their ports
	ipv4  uint32                          // stand-ins that were given
	ipv6  uint64
	paths names
	hosts names

	is, was []board.Row // that were masked last, by number: as they are, and masked
}

// New returns a mask that has given nothing.
func New() *Mask {
	return &Mask{ends: map[flow.Endpoint]flow.Endpoint{}, paths: names{kind: "path"}, hosts: names{kind: "host"}}
}

// Endpoint returns the stand-in of an address, with its port.
func (m *Mask) Endpoint(e flow.Endpoint) flow.Endpoint {
	if addr := e.AddrPort().Addr(); addr.IsLoopback() || addr.IsUnspecified() {
		return e
	}
	port := e.Port
	e.Port = 0
	m.mu.Lock()
	s, given := m.ends[e]
	if !given {
		s = m.next(e.IPv4)
		m.ends[e] = s
	}
	m.mu.Unlock()
	s.Port = port
	return s
}

// networks are those of RFC 5737: their first three bytes.
var networks = [][3]byte{{192, 0, 2}, {198, 51, 100}, {203, 0, 113}}

// perNetwork is how many addresses there are in one of them, without those of the network
// itself and of broadcast.
const perNetwork = 254

// next is the next stand-in.
func (m *Mask) next(ipv4 bool) (s flow.Endpoint) {
	s.IPv4 = ipv4
	if !ipv4 {
		m.ipv6++
		binary.BigEndian.PutUint32(s.IP[:], 0x2001_0db8)
		binary.BigEndian.PutUint64(s.IP[8:], m.ipv6)
		return s
	}
	n := m.ipv4
	m.ipv4++
	if network := n / perNetwork; int(network) < len(networks) {
		copy(s.IP[:], networks[network][:])
		s.IP[3] = byte(1 + n%perNetwork)
		return s
	}
	binary.BigEndian.PutUint32(s.IP[:], 240<<24|(n-uint32(len(networks))*perNetwork)%(1<<28))
	return s
}

// Conn returns a connection between stand-ins.
func (m *Mask) Conn(c flow.Conn) flow.Conn {
	return flow.Conn{Client: m.Endpoint(c.Client), Server: m.Endpoint(c.Server)}
}

// Path returns what stands for the path of a stream; an empty one stays.
func (m *Mask) Path(path string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.paths.of(path)
}

// Host returns what stands for the name of a server; an empty one stays.
func (m *Mask) Host(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hosts.of(name)
}

// names are the stand-ins of one kind of names.
type names struct {
	kind  string
	given map[string]string
	n     int
}

// mostNames is how many are remembered. There is no end of paths where each has a number
// of its own: then all are forgotten, and who comes again has another stand-in.
const mostNames = 100_000

func (n *names) of(text string) string {
	if text == "" {
		return ""
	}
	s, ok := n.given[text]
	if !ok {
		if len(n.given) == mostNames || n.given == nil {
			n.given = map[string]string{}
		}
		n.n++
		s = fmt.Sprintf("%s-%d", n.kind, n.n)
		n.given[text] = s
	}
	return s
}
