package board

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"flowlab/flow"
)

const noon = flow.Time(1_700_000_000_000_000_000)

func end(text string) flow.Endpoint { return flow.EndpointOf(netip.MustParseAddrPort(text)) }

// some are rows of all sorts.
func some() *Snapshot {
	return &Snapshot{At: noon, Rows: []Row{
		{Number: 1, Interface: "eth0", ID: flow.Conn{Client: end("10.0.0.1:40000"), Server: end("10.0.0.2:443")},
			Start: noon - 9e9, End: noon - 3e9, Protocol: HTTP2, State: Held, Streams: 2, Sides: [2]Side{
				{Bytes: 100, Cause: flow.Application, HeldBy: flow.SenderApplication, Since: noon - 9e9},
				{Bytes: 9000, Cause: flow.ReceiveWindow, HeldBy: flow.Reader, Since: noon - 3e9, Held: true, Stalled: 3 * time.Second, Longest: 3 * time.Second, Stalls: 1},
			}},
		{Number: 2, Interface: "eth1", ID: flow.Conn{Client: end("192.0.2.1:40001"), Server: end("[2001:db8::1]:80")},
			Start: noon - 8e9, End: noon, Protocol: TCP, State: Flowing, Sides: [2]Side{
				{Bytes: 5000, Cause: flow.Congestion, HeldBy: flow.Path, Since: noon - 1e9, Stalled: 5 * time.Second, Longest: time.Second, Stalls: 7},
				{},
			}},
		{Number: 3, Interface: "eth0", ID: flow.Conn{Client: end("10.1.0.1:443"), Server: end("10.0.0.2:5000")},
			Start: noon - 20e9, End: noon - 5e9, Protocol: TLS, State: Closed},
		{Number: 4, Interface: "eth0", ID: flow.Conn{Client: end("10.1.0.1:444"), Server: end("10.0.0.2:5000")},
			Start: noon - 1e9, End: noon - 1e9, State: Held, Sides: [2]Side{
				{Cause: flow.StreamWindow, HeldBy: flow.WindowSize, Since: noon - 4e9, Held: true, Stalled: time.Second, Longest: time.Second, Stalls: 1},
				{},
			}},
	}}
}

func numbers(rows []*Row) (list []int) {
	for _, r := range rows {
		list = append(list, r.Number)
	}
	return list
}

func TestFilter(t *testing.T) {
	for _, c := range []struct {
		text string
		want []int
	}{
		{"", []int{1, 2, 3, 4}},
		{"port 443", []int{1, 3}},
		{"port 443 held-by reader", []int{1}},
		{"receive-window", []int{1}},
		{"not receive-window", []int{2, 3, 4}},
		{"cause congestion", []int{2}},
		{"unknown", nil}, // though it is what no cause looks like
		{"10.0.0.0/16", []int{1, 3, 4}},
		{"address 10.0.0.1", []int{1}},
		{"::ffff:10.0.0.1", []int{1}},
		{"10.0.0.2:443", []int{1}},
		{"2001:db8::/32", []int{2}},
		{"[2001:db8::1]:80", []int{2}},
		{"10.0.0.0/8 stalled>1s", []int{1}},
		{"stalled>1s not h2", []int{2}},
		{"longest<2s longest>500ms", []int{2, 4}},
		{"for>2s", []int{1, 4}},
		{"stalls>1", []int{2}},
		{"streams>0", []int{1}},
		{"bytes<6000 not closed", []int{2, 4}},
		{"held", []int{1, 4}},
		{"state flowing", []int{2}},
		{"protocol tls", []int{3}},
		{"interface eth1", []int{2}},
		{"number 3", []int{3}},
	} {
		f, err := ParseFilter(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got := numbers(new(Sorter).Sort(some(), &f, ByNumber, false)); !slices.Equal(got, c.want) {
			t.Errorf("%q chooses %v, want %v", c.text, got, c.want)
		}
	}
}

func TestFilterSaysWhatWouldBeRight(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"prot 443", `"prot" is no condition: write an address, such as 10.0.0.0/8`},
		{"port", `after "port" comes a value, such as "port 443"`},
		{"port https", `port "https": a port is a number from 0 to 65535`},
		{"port 70000", `port "70000": a port is a number from 0 to 65535`},
		{"not", `after "not" comes a condition, such as "idle"`},
		{"held-by me", `held-by "me": it is one of nobody, reader, window-size`},
		{"cause full", `unknown cause "full": it is one of unknown, handshake`},
		{"state stuck", `unknown state "stuck": it is one of held, flowing, idle or closed`},
		{"stalled>1", `stalled and "1": write a time, such as 500ms or 2s`},
		{"bytes>1M", `bytes and "1M": write a number, such as bytes>1000`},
		{"rtt>1s", `"rtt" cannot be compared: write stalled, longest, for, stalls, streams or bytes`},
		{"number 0", `number "0": connections have numbers from 1 on`},
		{"address 10.0.0", `address "10.0.0": write 10.0.0.1, 10.0.0.0/8, 10.0.0.1:443`},
	} {
		if _, err := ParseFilter(c.text); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

// FuzzFilter holds what a filter chooses to what it is made of: a row is chosen by two
// conditions if it is by each, and by "not" if it is not without.
func FuzzFilter(f *testing.F) {
	for _, text := range FilterWords() {
		f.Add(text, "10.0.0.0/8")
		f.Add(text+" 443", text+"1s")
		f.Add("not "+text, text+"7")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		first, errA := ParseFilter(a)
		second, errB := ParseFilter(b)
		both, err := ParseFilter(a + " " + b)
		if errA != nil || errB != nil {
			return
		}
		if err != nil {
			t.Fatalf("%q and %q are read, and together: %v", a, b, err)
		}
		negated, err := ParseFilter("not " + a)
		if one := len(first.terms) == 1 && !first.terms[0].not; one && err != nil {
			t.Fatalf("%q is read, and not with a not before it: %v", a, err)
		} else if !one {
			negated = Filter{}
		}
		s := some()
		for i := range s.Rows {
			r := &s.Rows[i]
			if both.Match(r, noon) != (first.Match(r, noon) && second.Match(r, noon)) {
				t.Errorf("row %d: %q and %q are not both of them", r.Number, a, b)
			}
			if len(negated.terms) == 1 && negated.Match(r, noon) == first.Match(r, noon) {
				t.Errorf("row %d: not %q is the same as without not", r.Number, a)
			}
		}
	})
}
