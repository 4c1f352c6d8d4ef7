// A chain is run.

package overload

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"flowlab/diagnose"
)

// ChainResult is what a run of a chain came to.
type ChainResult struct {
	Chain   string
	Policy  ChainPolicy
	Load    ChainLoad
	Over    Over
	Length  time.Duration
	Clients ClientAccount
	Latency Latency               // of what was good, from when it was due
	Good    []int64               // requests in each second
	Blocked time.Duration         // for which clients could not send what was due
	Hops    []Hop                 // from the gateway to the database
	Shown   []Shown               // what the packets of the connection to each showed; nil where there are none
	Waits   []diagnose.Chain      // that the packets show, the longest first
	Hosts   map[netip.Addr]string // what the addresses in the packets are called
}

// Balance returns an error that names the equation that does not hold, with its numbers:
// that of the clients, those of each service, or that each service got what the one before
// it passed on.
func (r *ChainResult) Balance() error {
	c := &r.Clients
	if c.Requests != c.Withheld+c.Good+c.Failed+c.Waiting {
		return fmt.Errorf("requests %d are not withheld %d + good %d + failed %d + waiting %d", c.Requests, c.Withheld, c.Good, c.Failed, c.Waiting)
	}
	came := c.Tries
	for i := range r.Hops {
		h := &r.Hops[i]
		if err := h.Account.Balance(); err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
		if h.Account.Offered != came {
			return fmt.Errorf("to the %s came %d of %d that were sent", h.Name, h.Account.Offered, came)
		}
		came = h.Account.Delivered - h.Answered
	}
	if came != 0 {
		return fmt.Errorf("the %s passed on %d", r.Hops[len(r.Hops)-1].Name, came)
	}
	return nil
}

// runChain lets a chain stand a load on a link to each of its services for the load's
// time, or until ctx is done, and then calls over. It returns once nothing of it goes on.
func runChain(ctx context.Context, l ChainLoad, p ChainPolicy, links []Link, over func()) *ChainResult {
	stop := make(chan struct{})
	start := time.Now()
	c := newClients(&l, &p, links[0])
	var hops []*hop
	for i, in := range links {
		var out Link
		if i+1 < len(links) {
			out = links[i+1]
		}
		hops = append(hops, newHop(i, &l, &p, in, out))
	}
	var wg sync.WaitGroup
	wg.Go(func() { c.send(newPace(start, stop)) })
	wg.Go(func() { c.listen(newPace(start, stop)) })
	for _, h := range hops {
		wg.Go(func() { h.read(newPace(start, stop)) })
		wg.Go(func() { h.work(newPace(start, stop)) })
		if h.out != nil {
			wg.Go(func() { h.relay(stop) })
		}
	}
	select {
	case <-time.After(l.For):
	case <-ctx.Done():
	}
	length := time.Since(start)
	over()
	close(stop)
	for _, h := range hops {
		h.close()
	}
	wg.Wait()
	r := &ChainResult{
		Policy: p, Load: l, Over: OverDirect, Length: length, Clients: c.total(), Good: c.good, Blocked: links[0].Waited(),
		Latency: c.latency.sum(),
	}
	for _, h := range hops {
		r.Hops = append(r.Hops, h.result())
	}
	return r
}

// Run runs one policy of a chain on what there is to travel on. The error is that of the
// lab, or says what does not balance.
func (c *Chain) Run(ctx context.Context, p ChainPolicy, over Over) (*ChainResult, error) {
	if over == OverDirect {
		links := make([]Link, len(services))
		for i := range links {
			links[i] = Direct()
		}
		r := runChain(ctx, c.Load, p, links, func() {})
		r.Chain = c.Name
		return r, r.Balance()
	}
	w, err := NewWire(ctx, append([]string{"client"}, services[:]...)...)
	if err != nil {
		return nil, err
	}
	links := make([]Link, len(services))
	for i := range links {
		links[i] = w.TCP(i)
	}
	r := runChain(ctx, c.Load, p, links, w.Cut)
	w.Close()
	for i := range links {
		r.Shown = append(r.Shown, w.Shown(i))
	}
	r.Chain, r.Over, r.Waits, r.Hosts = c.Name, over, w.Chains(), w.Hosts()
	return r, r.Balance()
}
