package report

import (
	"fmt"
	"net/netip"
	"strings"

	"flowlab/diagnose"
	"flowlab/flow"
)

// mostChains is how many chains the text has.
const mostChains = 5

// mostChainsJSON is how many the JSON has.
const mostChainsJSON = 1000

type chain struct {
	Connections []int  `json:"connections"`
	Text        string `json:"text"`
}

func chainsOf(found []diagnose.Chain) []chain {
	list := []chain{}
	for i := range found[:min(len(found), mostChainsJSON)] {
		list = append(list, chain{Connections: connectionsOf(&found[i]), Text: chainText(&found[i], nil)})
	}
	return list
}

// connectionsOf numbers a chain's connections, from the client to the server.
func connectionsOf(c *diagnose.Chain) []int {
	var list []int
	for i := range c.Legs {
		list = append(list, c.Legs[i].Connection)
	}
	return list
}

// chains tells who waits for whom through proxies, the longest wait first.
func (p *page) chains(found []diagnose.Chain, zero flow.Time) {
	if len(found) == 0 {
		return
	}
	p.heading("chains")
	for i := range found[:min(len(found), mostChains)] {
		c := &found[i]
		p.line("  %s", wrap(fmt.Sprintf("connections %s, from %s to %s: %s",
			enumerate(connectionsOf(c)), seconds(c.Start.Sub(zero)), seconds(c.End.Sub(zero)), chainText(c, nil)), 2, 4))
	}
	if more := len(found) - mostChains; more > 0 {
		p.line("  %s", counted(int64(more), "more chain"))
	}
}

// chainText says who waits for whom, up to who does not read, and what the proxies hold.
// Hosts with a name are called by it.
func chainText(c *diagnose.Chain, hosts map[netip.Addr]string) string {
	parties := partiesOf(c, hosts)
	text := parties[0] + " waits for " + parties[1]
	for _, next := range parties[2:] {
		text += ", which waits for " + next
	}
	return text + ": " + doesNotRead(c) + "." + heldText(c, hosts)
}

// waitsItself says of the worst stall that who is to end it waits as well, if it does.
func waitsItself(worst *culprit, found []diagnose.Chain) string {
	if worst.view == nil {
		return ""
	}
	for i := range found {
		c := &found[i]
		for j := range c.Legs {
			l := &c.Legs[j]
			if l != c.Reader() && l.Connection == worst.view.Number && c.From == worst.direction.From &&
				l.Wait.Cause == worst.stall.Cause && l.Wait.Clip(worst.stall.Interval).Length() > 0 {
				return " But that is a proxy, which waits itself: see the chains."
			}
		}
	}
	return ""
}

// partiesOf names who takes part, from the sender to the reader.
func partiesOf(c *diagnose.Chain, hosts map[netip.Addr]string) []string {
	var list []string
	name := func(what string, at flow.Endpoint) {
		if called := hosts[at.AddrPort().Addr()]; called != "" {
			what = called
		}
		list = append(list, fmt.Sprintf("the %s (%v)", what, at))
	}
	last := len(c.Legs) - 1
	ends := [2]string{"client", "server"}
	for side, is := range c.Proxy {
		if is {
			ends[side] = "proxy"
		}
	}
	name(ends[flow.Client], c.Legs[0].ID.Client)
	for i := range c.Legs[:last] {
		name("proxy", c.Legs[i].ID.Server)
	}
	name(ends[flow.Server], c.Legs[last].ID.Server)
	if c.From == flow.Server {
		for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
			list[i], list[j] = list[j], list[i]
		}
	}
	return list
}

// doesNotRead says what the reader, "it", does not do.
func doesNotRead(c *diagnose.Chain) string {
	l := c.Reader()
	stream := fmt.Sprintf("stream %d", l.Stream)
	if l.Path != "" {
		stream += fmt.Sprintf(" (%s)", l.Path)
	}
	own := len(l.Holders.Streams) == 1 && l.Holders.Streams[0].Stream == l.Stream
	switch w := &l.Wait; {
	case w.Cause == flow.ReceiveWindow:
		return "it does not read its socket"
	case w.HeldBy == flow.PeerSettings:
		return "its SETTINGS allow no more on " + stream
	case w.HeldBy == flow.PeerLibrary:
		return "its HTTP/2 library keeps credit back for what was read of " + stream
	case w.HeldBy == flow.CreditLeaked:
		return "it never gave back the credit of streams that are over"
	case w.Cause == flow.ConnectionWindow && !own:
		return "it does not read streams that have all of the HTTP/2 connection's credit: " + l.Holders.Text()
	}
	return "it does not read " + stream
}

// heldText says what each proxy holds, as far as it is known.
func heldText(c *diagnose.Chain, hosts map[netip.Addr]string) string {
	about := ""
	if !c.Exact {
		about = "about "
	}
	var list []string
	for i, bytes := range c.Held {
		at := c.Legs[i].ID.Server
		called := hosts[at.AddrPort().Addr()]
		switch {
		case bytes < 0:
		case called != "":
			list = append(list, fmt.Sprintf("the %s holds %s%s of it", called, about, size(bytes)))
		case len(c.Held) == 1:
			return fmt.Sprintf(" The proxy holds %s%s of it.", about, size(bytes))
		default:
			list = append(list, fmt.Sprintf("the proxy at %v holds %s%s of it", at, about, size(bytes)))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " T" + strings.Join(list, ", ")[1:] + "."
}
