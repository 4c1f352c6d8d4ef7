package diagnose_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// world is a made-up network of proxies in which it is known what leads to what.
type world struct {
	*rand.Rand
	views []*diagnose.View
	conns map[string]*diagnose.View // that several streams share
	truth []string                  // the chains that there are
	ports uint16
	end   int  // milliseconds
	home  bool // all have one address
	// windows has streams wait for their own windows only.
	windows bool
}

func newWorld(seed uint64) *world {
	return &world{Rand: rand.New(rand.NewPCG(seed, 7)), conns: map[string]*diagnose.View{}, ports: 40000, end: 10_000}
}

// at is an instant so many milliseconds from the start.
func at(ms int) flow.Time { return flow.Time(1e18).Add(time.Duration(ms) * time.Millisecond) }

func stalled(cause flow.Cause, by flow.HeldBy, from, to int) []diagnose.Stall {
	if to-from < 200 {
		return nil
	}
	return []diagnose.Stall{{Interval: flow.Interval{Start: at(from), End: at(to)}, Cause: cause, HeldBy: by}}
}

// request is one transfer through proxies.
type request struct {
	hosts  []string // addresses from the client to the server; each port is 80
	shared bool     // with others' streams on the connections between proxies and server
	hidden bool     // no streams are seen
	path   string
	opened int
	from   flow.Side
	rate   int   // bytes in a millisecond
	stops  int   // when the reader stops; 0 never does
	reads  int   // when it reads on; 0 never does
	ends   int   // when it is answered; 0 never is
	slow   bool  // its first proxy has time for little of it
	buffer []int // of each proxy
}

// endpoint is a port of a host; its own port if that is 0.
func (w *world) endpoint(host string, port uint16) flow.Endpoint {
	addr := netip.MustParseAddr(host)
	if port == 0 {
		four := addr.As4()
		port = 8000 + 10*uint16(four[2]) + uint16(four[3])
	}
	if w.home {
		addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return flow.EndpointOf(netip.AddrPortFrom(addr, port))
}

// connect finds or makes the connection of a leg.
func (w *world) connect(t *request, i, opened int) *diagnose.View {
	key := ""
	if t.shared && i > 0 {
		key = t.hosts[i] + t.hosts[i+1]
		if v := w.conns[key]; v != nil {
			v.Start = min(v.Start, at(opened-1))
			return v
		}
	}
	w.ports++
	v := &diagnose.View{
		Number: len(w.views) + 1, Start: at(opened - 1), End: at(w.end), Handshake: true, RTT: time.Millisecond,
		ID: flow.Conn{
			Client: w.endpoint(t.hosts[i], w.ports),
			Server: w.endpoint(t.hosts[i+1], 0),
		},
	}
	for i := range v.Directions {
		v.Directions[i].From = flow.Side(i)
	}
	if !t.hidden {
		v.Layer.HTTP2 = new(diagnose.HTTPView)
	}
	w.views = append(w.views, v)
	if key != "" {
		w.conns[key] = v
	}
	return v
}

// run makes the legs of a transfer as they would be seen.
func (w *world) run(t *request) {
	legs := len(t.hosts) - 1
	waits := make([][2]int, legs) // by the order in which bytes pass
	sent := make([]int, legs)
	start := t.stops
	for i := legs - 1; i >= 0; i-- {
		waits[i] = [2]int{w.end, w.end}
		sent[i] = t.rate * (w.end - t.opened)
		switch {
		case t.slow && i == 0:
			waits[i], sent[i] = [2]int{t.opened + 300, w.end}, t.rate*300
		case t.slow:
			sent[i] = t.rate * 200
		case t.stops == 0:
		case t.reads == 0:
			waits[i], sent[i] = [2]int{min(start, w.end), w.end}, t.rate*(min(start, w.end)-t.opened)
		case start < t.reads:
			waits[i] = [2]int{start, t.reads + legs - i}
		}
		if i > 0 {
			start += t.buffer[i-1] / t.rate
		}
	}
	var names []string
	for n := range legs { // from the client to the server
		i := n
		if t.from == flow.Server {
			i = legs - 1 - n
		}
		v := w.connect(t, n, t.opened+3*n)
		name := v.ID.String()
		stall := stalled(flow.ReceiveWindow, flow.Reader, waits[i][0], waits[i][1])
		if t.hidden {
			d := &v.Directions[t.from]
			d.Bytes, d.Stalls = int64(sent[i]+w.IntN(300)), stall
			v.Directions[t.from.Peer()].Bytes = int64(w.IntN(300))
		} else {
			s := w.stream(v, t, t.opened+3*n)
			s.Halves[t.from].Sent = int64(sent[i])
			if t.ends > 0 {
				s.Over = at(t.ends + legs - n)
			}
			if len(stall) > 0 && (n == 0 || !t.shared) && !w.windows && w.IntN(2) == 0 { // by the connection's window
				stall[0].Cause, stall[0].HeldBy = flow.ConnectionWindow, flow.CreditHeld
				v.Directions[t.from].Stalls = stall
				s.Halves[t.from].Limits[flow.ConnectionWindow] = stall[0].Length()
			} else if len(stall) > 0 {
				stall[0].Cause = flow.StreamWindow
				s.Halves[t.from].Stalls = stall
			}
			name += fmt.Sprint("#", s.ID)
		}
		if len(stall) == 0 || t.slow {
			name = ""
		}
		names = append(names, name)
	}
	// The wait goes on from the reader until a proxy has room.
	if t.from == flow.Client {
		for i := len(names) - 1; i >= 0; i-- {
			if names[i] == "" {
				names = names[i+1:]
				break
			}
		}
	} else if i := slices.Index(names, ""); i >= 0 {
		names = names[:i]
	}
	if len(names) > 1 {
		w.truth = append(w.truth, strings.Join(names, " "))
	}
}

func (w *world) stream(v *diagnose.View, t *request, opened int) *diagnose.StreamView {
	h := v.Layer.HTTP2
	h.Streams = append(h.Streams, diagnose.StreamView{ID: uint32(2*len(h.Streams) + 1), Path: t.path, Opened: at(opened), Seen: true})
	return &h.Streams[len(h.Streams)-1]
}

// found is what is concluded, in the same words as the truth.
func (w *world) found(t *testing.T) (list []string) {
	var c diagnose.Chains
	views := slices.Clone(w.views)
	for _, v := range w.views { // some are seen at a second interface
		if w.IntN(3) == 0 {
			again := *v
			again.Interface, again.Number = 1, len(views)+1
			views = append(views, &again)
		}
	}
	w.Shuffle(len(views), func(i, j int) { views[i], views[j] = views[j], views[i] })
	for _, v := range views {
		c.Add(v)
	}
	for _, chain := range c.Found() {
		var names []string
		for i := range chain.Legs {
			l := &chain.Legs[i]
			name := l.ID.String()
			if l.Stream > 0 {
				name += fmt.Sprint("#", l.Stream)
			}
			if l.Connection > len(w.views) {
				t.Errorf("connection %d is told of, and not its first observation", l.Connection)
			}
			names = append(names, name)
		}
		list = append(list, strings.Join(names, " "))
	}
	slices.Sort(list)
	return list
}

// random makes a transfer up.
func (w *world) random(paths int, hidden bool) *request {
	t := &request{
		hosts: []string{fmt.Sprintf("10.0.0.%d", 1+w.IntN(3))}, shared: w.IntN(2) == 0 && !hidden, hidden: hidden,
		path: fmt.Sprintf("/%d", w.IntN(paths)), opened: w.IntN(4000), from: flow.Side(w.IntN(2)), rate: 100 + w.IntN(1000),
	}
	for range 1 + w.IntN(3) {
		t.hosts = append(t.hosts, fmt.Sprintf("10.0.%d.%d", len(t.hosts), 1+w.IntN(2)))
		t.buffer = append(t.buffer, w.IntN(4)*65536)
	}
	t.hosts = append(t.hosts, fmt.Sprintf("10.0.9.%d", 1+w.IntN(2)))
	if w.IntN(4) > 0 {
		t.stops = t.opened + 500 + w.IntN(3000)
	}
	if w.IntN(2) == 0 && t.stops > 0 {
		t.reads = t.stops + 300 + w.IntN(2000)
	}
	t.slow = t.stops == 0 && w.IntN(2) == 0
	return t
}

// TestChainsAreTrue makes up thousands of small networks. What is said of them must be
// true, however many transfers look alike; and where no two do, everything must be said.
func TestChainsAreTrue(t *testing.T) {
	said, of := 0, 0
	for seed := range uint64(4000) {
		w := newWorld(seed)
		alike := seed%2 == 0
		w.home = !alike && seed%4 == 1
		for n := range 1 + w.IntN(8) {
			r := w.random(3, false)
			if !alike {
				r.path = fmt.Sprint("/own/", n)
			}
			w.run(r)
		}
		got := w.found(t)
		for _, chain := range got {
			if !slices.Contains(w.truth, chain) {
				t.Errorf("world %d: %s is no chain; there are\n%s", seed, chain, strings.Join(w.truth, "\n"))
			}
		}
		if !alike && len(got) != len(w.truth) {
			t.Errorf("world %d: found\n%s\nof\n%s", seed, strings.Join(got, "\n"), strings.Join(w.truth, "\n"))
		}
		if alike {
			said, of = said+len(got), of+len(w.truth)
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("where transfers look alike, %d of %d chains were found, and no other", said, of)
	if said == 0 {
		t.Error("nothing was found where transfers look alike")
	}
}

// TestHiddenChainsAreTrue does the same with connections of which only TCP is seen.
func TestHiddenChainsAreTrue(t *testing.T) {
	said, of, wrong := 0, 0, 0
	for seed := range uint64(4000) {
		w := newWorld(seed)
		for range 1 + w.IntN(3) {
			w.run(w.random(1, true))
		}
		got := w.found(t)
		for _, chain := range got {
			if !slices.Contains(w.truth, chain) {
				wrong++
				t.Errorf("world %d: %s is no chain; there are\n%s", seed, chain, strings.Join(w.truth, "\n"))
			}
		}
		said, of = said+len(got), of+len(w.truth)
	}
	t.Logf("%d of %d chains were found, and %d others", said, of, wrong)
	if said == 0 {
		t.Error("nothing was found")
	}
}
