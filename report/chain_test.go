package report

import (
	"net/netip"
	"testing"

	"flowlab/diagnose"
	"flowlab/flow"
)

func TestChainText(t *testing.T) {
	at := func(text string) flow.Endpoint { return flow.EndpointOf(netip.MustParseAddrPort(text)) }
	leg := func(n int, client, server string) diagnose.Leg {
		return diagnose.Leg{
			Connection: n, ID: flow.Conn{Client: at(client), Server: at(server)}, Stream: uint32(n), Path: "/p",
			Wait: diagnose.Stall{Cause: flow.StreamWindow, HeldBy: flow.Reader},
		}
	}
	first, second := leg(1, "10.0.0.1:40001", "10.0.0.2:80"), leg(2, "10.0.0.2:40002", "10.0.0.3:80")
	third := leg(3, "10.0.0.3:40003", "10.0.0.4:80")
	whole := func(l diagnose.Leg) diagnose.Leg {
		l.Stream, l.Path, l.Wait.Cause = 0, "", flow.ReceiveWindow
		return l
	}
	connection := func(by flow.HeldBy, streams ...diagnose.Holding) diagnose.Leg {
		l := second
		l.Wait.Cause, l.Wait.HeldBy, l.Holders.Streams = flow.ConnectionWindow, by, streams
		return l
	}
	settings := second
	settings.Wait.HeldBy = flow.PeerSettings
	library := second
	library.Wait.HeldBy = flow.PeerLibrary
	const up = "the client (10.0.0.1:40001) waits for the proxy (10.0.0.2:80), which waits for the server (10.0.0.3:80): "
	for _, c := range []struct {
		name  string
		chain diagnose.Chain
		want  string
	}{
		{"stream", diagnose.Chain{Legs: []diagnose.Leg{first, second}, Held: []int64{65536}, Exact: true},
			up + "it does not read stream 2 (/p). The proxy holds 65,536 bytes of it."},
		{"not known what it holds", diagnose.Chain{Legs: []diagnose.Leg{first, second}, Held: []int64{-1}, Exact: true},
			up + "it does not read stream 2 (/p)."},
		{"the answer", diagnose.Chain{From: flow.Server, Legs: []diagnose.Leg{first, second}, Held: []int64{1}, Exact: true},
			"the server (10.0.0.3:80) waits for the proxy (10.0.0.2:80), which waits for the client (10.0.0.1:40001): it does not read stream 1 (/p). The proxy holds 1 byte of it."},
		{"TCP alone", diagnose.Chain{Legs: []diagnose.Leg{whole(first), whole(second)}, Held: []int64{2_000_000}},
			up + "it does not read its socket. The proxy holds about 2,000,000 bytes of it."},
		{"two proxies", diagnose.Chain{Legs: []diagnose.Leg{first, second, third}, Held: []int64{5, 6}, Exact: true},
			"the client (10.0.0.1:40001) waits for the proxy (10.0.0.2:80), which waits for the proxy (10.0.0.3:80), which waits for the server (10.0.0.4:80): it does not read stream 3 (/p). The proxy at 10.0.0.2:80 holds 5 bytes of it, the proxy at 10.0.0.3:80 holds 6 bytes of it."},
		{"proxies at the ends", diagnose.Chain{Legs: []diagnose.Leg{first, second}, Held: []int64{-1}, Proxy: [2]bool{true, true}},
			"the proxy (10.0.0.1:40001) waits for the proxy (10.0.0.2:80), which waits for the proxy (10.0.0.3:80): it does not read stream 2 (/p)."},
		{"its own stream has the connection's credit", diagnose.Chain{Legs: []diagnose.Leg{first, connection(flow.CreditHeld, diagnose.Holding{Stream: 2, Path: "/p", Bytes: 9})}, Held: []int64{-1}},
			up + "it does not read stream 2 (/p)."},
		{"another stream has the connection's credit", diagnose.Chain{Legs: []diagnose.Leg{first, connection(flow.CreditHeld, diagnose.Holding{Stream: 7, Path: "/q", Bytes: 9})}, Held: []int64{-1}},
			up + "it does not read streams that have all of the HTTP/2 connection's credit: stream 7 (/q) has 9 bytes."},
		{"leaked credit", diagnose.Chain{Legs: []diagnose.Leg{first, connection(flow.CreditLeaked)}, Held: []int64{-1}},
			up + "it never gave back the credit of streams that are over."},
		{"settings", diagnose.Chain{Legs: []diagnose.Leg{first, settings}, Held: []int64{-1}},
			up + "its SETTINGS allow no more on stream 2 (/p)."},
		{"library", diagnose.Chain{Legs: []diagnose.Leg{first, library}, Held: []int64{-1}},
			up + "its HTTP/2 library keeps credit back for what was read of stream 2 (/p)."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := chainText(&c.chain, nil); got != c.want {
				t.Errorf("says\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
