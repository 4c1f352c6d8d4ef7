package looks

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flowlab/flow"
	"flowlab/sockets"
)

func end(text string) flow.Endpoint { return flow.EndpointOf(netip.MustParseAddrPort(text)) }

// some are rows of all sorts, named by their cookies.
func some() *Snapshot {
	row := func(cookie uint64, local, remote string, p *sockets.Process, g Gauges) Row {
		g.Shares[g.Cause] = 90
		return Row{&Who{Cookie: cookie, Local: end(local), Remote: end(remote), Process: p}, g}
	}
	nginx := &sockets.Process{PID: 12, Name: "nginx", Container: "3f2a00112233"}
	return &Snapshot{At: noon, Rows: []Row{
		row(1, "10.0.0.1:443", "10.0.0.9:40000", nginx, Gauges{Cause: flow.ReceiveWindow, HeldBy: flow.Reader, SendQ: 5000, RTT: 9000, Busy: 90}),
		row(2, "10.0.0.1:40001", "192.0.2.1:80", nil, Gauges{Cause: flow.Congestion, HeldBy: flow.Path, SendQ: 9000, Acked: 1e6, RTT: 20_000, Busy: 90}),
		row(3, "10.0.0.1:40002", "[2001:db8::1]:443", &sockets.Process{PID: 7, Name: "curl", CGroup: "/user"}, Gauges{Cause: flow.Application, HeldBy: flow.SenderApplication, Unread: 800, RecvQ: 900, Came: 1e6}),
		row(4, "10.0.0.1:443", "10.0.0.8:40000", nginx, Gauges{Cause: flow.Application, HeldBy: flow.SenderApplication, Idle: true}),
	}}
}

func cookies(rows []*Row) (list []uint64) {
	for _, r := range rows {
		list = append(list, r.Cookie)
	}
	return list
}

func TestFilter(t *testing.T) {
	for text, want := range map[string][]uint64{
		"": {1, 2, 3, 4}, "port 443": {1, 3, 4}, "port 443 held": {1}, "receive-window": {1}, "not receive-window": {2, 3, 4},
		"held-by path": {2}, "10.0.0.8/29": {1, 4}, "10.0.0.9:40000": {1}, "2001:db8::1": {3}, "own-reader": {3}, "nothing": {4}, "idle": {4},
		"process ngi": {1, 4}, "pid 7": {3}, "container 3f2a": {1, 4}, "unread>0": {3}, "unacked>5000": {2}, "unacked<1": {3, 4},
		"rate>1000": {2}, "received>1000": {3}, "rtt>5ms": {1, 2}, "not rtt>5ms not idle": {3}, " held ": {1},
	} {
		f, err := ParseFilter(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got := cookies(Sort(nil, some(), &f, true, ByPort, false))
		slices.Sort(got)
		if !slices.Equal(got, want) || f.String() != strings.TrimSpace(text) {
			t.Errorf("%q chooses %v, want %v", f, got, want)
		}
	}
}

func TestFilterMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"not": `after "not" comes a condition`, "port": `after "port" comes a value, such as "port 443"`, "port x": `port "x": a port is a number`,
		"pid 0": `pid "0": processes have numbers from 1 on`, "held-by me": `held-by "me": it is reader`, "rtt>5": `rtt and "5": write a time, such as rtt>5ms`,
		"unread>5k": `unread and "5k": write a number, such as unread>1000`, "cwnd>5": `"cwnd" cannot be compared`, "nginx": `"nginx" is no condition`, "nagle": `"nagle" is no condition`,
	} {
		if _, err := ParseFilter(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// FuzzFilter: two conditions choose what each of them does, and "not" what it does not.
func FuzzFilter(f *testing.F) {
	f.Add("port 443", "rtt>5ms")
	f.Add("process nginx held", "10.0.0.0/8")
	f.Add("not idle", "unread<7")
	f.Fuzz(func(t *testing.T, a, b string) {
		first, errA := ParseFilter(a)
		second, errB := ParseFilter(b)
		if errA != nil || errB != nil {
			return
		}
		both, err := ParseFilter(a + " " + b)
		if err != nil {
			t.Fatalf("%q and %q are read, and together: %v", a, b, err)
		}
		for _, r := range some().Rows {
			if both.Match(&r) != (first.Match(&r) && second.Match(&r)) {
				t.Errorf("socket %d: %q and %q are not both of them", r.Cookie, a, b)
			}
		}
	})
}

func TestSort(t *testing.T) {
	for by, want := range map[By][]uint64{
		ByHeld: {1, 3, 2, 4}, ByUnread: {3, 1, 2, 4}, ByUnacked: {2, 1, 3, 4}, ByRate: {2, 1, 3, 4}, ByCame: {3, 1, 2, 4}, ByRTT: {2, 1, 3, 4},
		ByProcess: {2, 3, 1, 4}, ByPort: {1, 4, 2, 3}, ByRemote: {4, 1, 3, 2}, ByCause: {1, 2, 3, 4}, ByContainer: {2, 3, 1, 4},
	} {
		if got := cookies(Sort(nil, some(), &Filter{}, true, by, false)); !slices.Equal(got, want) {
			t.Errorf("by %v: %v, want %v", by, got, want)
		}
		if got := cookies(Sort(nil, some(), &Filter{}, false, by, true)); len(got) != 3 || slices.Contains(got, 4) {
			t.Errorf("by %v, without idle ones: %v", by, got)
		}
	}
	if got := cookies(Sort(nil, some(), &Filter{}, true, ByUnacked, true)); !slices.Equal(got, []uint64{3, 4, 1, 2}) {
		t.Errorf("reversed: %v", got)
	}
}

// TestAscending: of two rows the one that has less of everything comes first where it is said
// so, and last where it is not.
func TestAscending(t *testing.T) {
	row := func(n int) Row {
		g := Gauges{Cause: flow.Cause(n), SendQ: uint32(n), RecvQ: uint32(n), Unread: uint32(n), Acked: int64(n), Came: int64(n), RTT: uint32(n)}
		g.Shares[g.Cause] = 10 * uint8(n)
		p := &sockets.Process{PID: n, Name: strconv.Itoa(n), Container: strconv.Itoa(n)}
		return Row{&Who{Cookie: uint64(n), Local: flow.Endpoint{Port: uint16(n)}, Remote: flow.Endpoint{Port: uint16(n)}, Process: p}, g}
	}
	s := &Snapshot{At: noon, Rows: []Row{row(1), row(2)}}
	for by := range By(numBy) {
		if first := Sort(nil, s, &Filter{}, true, by, false)[0].Cookie; (first == 1) != by.Ascending() {
			t.Errorf("by %v number %d comes first, and ascending is %v", by, first, by.Ascending())
		}
	}
}
