package diagnose_test

import (
	"strings"
	"testing"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

// upload is a transfer through one proxy whose reader stops after a second, and does not
// read on: 100 bytes a millisecond, of which the proxy takes 65,536 more.
func upload() *request {
	return &request{
		hosts: []string{"10.0.0.1", "10.0.1.1", "10.0.9.1"}, path: "/upload", opened: 1000,
		from: flow.Client, rate: 100, stops: 2000, buffer: []int{65536},
	}
}

// TestChainRules spoils one rule after another, and each time nothing must be said.
func TestChainRules(t *testing.T) {
	type streams = *diagnose.StreamView
	only := func(v *diagnose.View) streams { return &v.Layer.HTTP2.Streams[0] }
	held := func(s streams) *flow.Interval { return &s.Halves[flow.Client].Stalls[0].Interval }
	home := func(down, up *diagnose.View) {
		for _, end := range []*flow.Endpoint{&down.ID.Client, &down.ID.Server, &up.ID.Client, &up.ID.Server} {
			end.IP = down.ID.Client.IP
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(r *request)
		view  func(down, up *diagnose.View)
		found int
	}{
		{name: "all hold", found: 1},
		{name: "the answer is not read", spoil: func(r *request) { r.from = flow.Server }, found: 1},
		{name: "the reader reads on", spoil: func(r *request) { r.reads = 4000 }, found: 1},
		{name: "only TCP is seen", spoil: func(r *request) { r.hidden = true }, found: 1},
		{name: "an upstream connection that was there before", view: func(_, up *diagnose.View) { up.Start = at(0) }, found: 1},
		{name: "given up", view: func(down, up *diagnose.View) {
			only(down).Over, only(up).Over = at(5000), at(5001)
			held(only(down)).End, held(only(up)).End = at(5000), at(5001)
		}, found: 1},
		{name: "the path of one is not known, and much was sent", view: func(_, up *diagnose.View) { only(up).Path = "" }, found: 1},

		{name: "no packet of the client after the proxy's first", view: func(down, up *diagnose.View) {
			down.End, held(only(up)).Start = at(1002), at(2000)
		}, found: 1},
		{name: "all at one address", view: func(down, up *diagnose.View) { home(down, up) }, found: 1},

		{name: "all at one address, and opened late", view: func(down, up *diagnose.View) {
			home(down, up)
			only(up).Opened = only(down).Opened.Add(30 * time.Millisecond)
		}},
		{name: "all at one address, and either may be the first", view: func(down, up *diagnose.View) {
			home(down, up)
			only(up).Opened, only(up).Halves = only(down).Opened, only(down).Halves
		}},
		{name: "another address", view: func(_, up *diagnose.View) { up.ID.Client.IP[0]++ }},
		{name: "another path", view: func(_, up *diagnose.View) { only(up).Path = "/other" }},
		{name: "to the same listener", view: func(down, up *diagnose.View) { up.ID.Server = down.ID.Server }},
		{name: "opened before", view: func(_, up *diagnose.View) { only(up).Opened = at(999) }},
		{name: "opened late", view: func(_, up *diagnose.View) { only(up).Opened = at(2001) }},
		{name: "the beginning was not seen", view: func(down, _ *diagnose.View) { only(down).Seen = false }},
		{name: "more was sent on than came", view: func(down, up *diagnose.View) {
			only(up).Halves[flow.Client].Sent = only(down).Halves[flow.Client].Sent + 1
		}},
		{name: "more was answered than came", view: func(down, _ *diagnose.View) { only(down).Halves[flow.Server].Sent = 1 }},
		{name: "the proxy's wait began after the client's", view: func(down, up *diagnose.View) {
			held(only(up)).Start = held(only(down)).Start.Add(100 * time.Millisecond)
		}},
		{name: "the proxy's wait was over before the client's began", view: func(_, up *diagnose.View) { held(only(up)).End = at(2500) }},
		{name: "the proxy reads on though it cannot send", view: func(down, _ *diagnose.View) { held(only(down)).End = at(5000) }},
		{name: "the proxy holds nothing, and was read later", view: func(down, up *diagnose.View) {
			only(down).Halves[flow.Client].Sent = only(up).Halves[flow.Client].Sent
		}},
		{name: "answered to its end, and still sent on", view: func(down, _ *diagnose.View) { only(down).Over = at(4000) }},
		{name: "the window is too small for the path", view: func(_, up *diagnose.View) { up.RTT = 8 * time.Second }},
		{name: "the path of one is not known, and little was sent", spoil: func(r *request) { r.rate, r.buffer[0] = 10, 20000 },
			view: func(_, up *diagnose.View) { only(up).Path = "" }},
		{name: "only TCP is seen, and little was sent", spoil: func(r *request) { r.hidden, r.rate, r.buffer[0] = true, 10, 20000 }},
		{name: "only TCP is seen, and more was sent on", spoil: func(r *request) { r.hidden = true },
			view: func(_, up *diagnose.View) { up.Directions[flow.Client].Bytes *= 2 }},
		{name: "only TCP is seen, and a proxy would hold too much", spoil: func(r *request) { r.hidden = true },
			view: func(down, _ *diagnose.View) { down.Directions[flow.Client].Bytes += 20 << 20 }},
		{name: "only TCP is seen, and the answers differ", spoil: func(r *request) { r.hidden = true },
			view: func(down, _ *diagnose.View) { down.Directions[flow.Server].Bytes += 20_000 }},
		{name: "only TCP is seen, and one handshake was not", spoil: func(r *request) { r.hidden = true },
			view: func(down, _ *diagnose.View) { down.Handshake = false }},
		{name: "only TCP is seen, and the waits end apart", spoil: func(r *request) { r.hidden, r.reads = true, 4000 },
			view: func(down, _ *diagnose.View) { down.Directions[flow.Client].Stalls[0].End = at(5000) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, r := newWorld(0), upload()
			if c.spoil != nil {
				c.spoil(r)
			}
			w.windows = true
			w.run(r)
			if c.view != nil {
				c.view(w.views[0], w.views[1])
			}
			if got := w.found(t); len(got) != c.found {
				t.Errorf("found %q, want %d", got, c.found)
			}
		})
	}
}

// TestChainsOfMany has transfers side by side.
func TestChainsOfMany(t *testing.T) {
	many := func(n int, change func(i int, r *request)) []*request {
		var list []*request
		for i := range n {
			r := upload()
			change(i, r)
			list = append(list, r)
		}
		return list
	}
	for _, c := range []struct {
		name     string
		requests []*request
		found    int
	}{
		{"many clients over one upstream connection, each with its path",
			many(20, func(i int, r *request) { r.shared, r.path = true, strings.Repeat("/p", 1+i) }), 20},
		{"two clients with one path at the same time cannot be told apart",
			many(2, func(i int, r *request) { r.shared, r.opened = true, 1000+i }), 0},
		{"two clients with one path one after the other can",
			many(2, func(i int, r *request) { r.shared, r.opened, r.stops = true, 1000+3000*i, 2000+3000*i }), 2},
		{"a short one with the same path before",
			many(2, func(i int, r *request) {
				if r.shared = true; i == 0 {
					r.opened, r.rate, r.stops, r.ends = 700, 1000, 0, 1000
				}
			}), 1},
		{"two short ones with one path, one after the other",
			many(2, func(i int, r *request) {
				r.shared, r.opened, r.buffer[0] = true, 700+600*i, 100
				r.stops, r.reads, r.ends = r.opened+100, r.opened+400, r.opened+450
			}), 2},
		{"one that waits for the proxy alone, and another with its path that waits for the server",
			many(2, func(i int, r *request) {
				if r.shared = true; i == 0 {
					r.stops, r.slow = 0, true
				}
			}), 0},
		{"three proxies", many(1, func(_ int, r *request) {
			r.hosts, r.buffer = []string{"10.0.0.1", "10.0.1.1", "10.0.2.1", "10.0.3.1", "10.0.9.1"}, []int{1000, 2000, 3000}
		}), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(0)
			w.windows = true
			for _, r := range c.requests {
				w.run(r)
			}
			if got := w.found(t); len(got) != c.found {
				t.Errorf("found %q, want %d", got, c.found)
			}
		})
	}
}

// TestChainsOfTooMany: a leg that may lead to more than are noted leaves all of them in
// doubt.
func TestChainsOfTooMany(t *testing.T) {
	w := newWorld(0)
	w.windows = true
	for i := range 18 {
		r := upload()
		r.opened = 1000 + 10*i
		w.run(r)
	}
	var some []*diagnose.View // the first client, the last, and all that the proxy sends
	for i, v := range w.views {
		if i%2 == 1 || i == 0 || i == 34 {
			some = append(some, v)
			v.Number = len(some)
		}
	}
	w.views = some
	if got := w.found(t); len(got) != 0 {
		t.Errorf("found %q, want nothing", got)
	}
}

// TestChainTells has what is told of a chain: the last proxy's wait, what each holds.
func TestChainTells(t *testing.T) {
	w, r := newWorld(0), upload()
	r.hosts, r.buffer = []string{"10.0.0.1", "10.0.1.1", "10.0.2.1", "10.0.9.1"}, []int{10_000, 20_000}
	w.windows = true
	w.run(r)
	for _, v := range w.views {
		for i := range v.Layer.HTTP2.Streams[0].Halves {
			v.Layer.HTTP2.Streams[0].Halves[i].Window.High = 0 // it is known
		}
	}
	var chains diagnose.Chains
	for _, v := range w.views {
		chains.Add(v)
	}
	all := chains.Found()
	if len(all) != 1 || len(all[0].Legs) != 3 {
		t.Fatalf("found %+v, want one of three legs", all)
	}
	c := &all[0]
	// The legs begin to wait at 2 s, 2.2 s and 2.3 s.
	if got := c.Reader().Wait.Start; got != at(2000) {
		t.Errorf("the last proxy waits from %v, want %v", got, at(2000))
	}
	if c.Start != at(2300) || c.Length() != 7700*time.Millisecond {
		t.Errorf("the client waits from %v for %v, want from %v for 7.7 s", c.Start, c.Length(), at(2300))
	}
	if !c.Exact || c.Held[0] != 10_000 || c.Held[1] != 20_000 {
		t.Errorf("the proxies hold %d bytes, want 10,000 and 20,000", c.Held)
	}
	if c.Proxy != [2]bool{} {
		t.Errorf("the ends are proxies: %v", c.Proxy)
	}
}

// TestChainsAreBounded: the connections that waited the longest are kept, and none that
// has more legs than there is room for.
func TestChainsAreBounded(t *testing.T) {
	w := newWorld(0)
	w.windows = true
	for i := range 6000 {
		r := upload()
		r.path, r.stops = strings.Repeat("x", 1+i%50), 0
		r.opened = 8000 + i%1000
		if i == 3000 {
			r.stops, r.opened, r.path = 2000, 1000, "/upload"
		} else if i%2 == 0 {
			r.stops = 8500
		}
		w.run(r)
	}
	var chains diagnose.Chains
	for _, v := range w.views {
		chains.Add(v)
	}
	all := chains.Found()
	if len(all) == 0 || all[0].Reader().Path != "/upload" {
		t.Errorf("the longest of %d chains is not the one that waited the longest", len(all))
	}
}
