package play

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/h2flow/peer"
	"flowlab/lab"
	"flowlab/scenarios"
)

// The ports of the wire, and so the interfaces of its capture.
const (
	ProducerPort = 0
	ConsumerPort = 1
	ProxyPort    = 2
)

// Interfaces are the points at which a run's packets are seen, by port. A proxy's has
// both of its connections.
func Interfaces(k *scenarios.Knobs) []capture.Interface {
	names := []string{ProducerPort: "producer", ConsumerPort: "consumer"}
	if k.HasProxy() {
		names = append(names, "proxy")
	}
	list := make([]capture.Interface, len(names))
	for i, name := range names {
		list[i] = capture.Interface{Name: name, LinkType: capture.RawIP}
	}
	return list
}

// port is where the consumer listens: discard (RFC 863), which is what it does.
const port = 9

// leastSendBuffer is what a producer's socket takes at the least.
const leastSendBuffer = 512 << 10

// place is the lab of a scenario: a wire, a host at either end, and one connection
// between the two; or a proxy's host as well, and one connection with each.
type place struct {
	wire      *lab.Wire
	hosts     []host         // by port
	listeners []net.Listener // of the hosts that connections are opened to
	tap       *lab.Tap

	sending, receiving conn
	apps               [2]application // by port
	proxy              *proxy         // nil if there is none
}

// The addresses are of the blocks set aside for documentation (RFC 5737, RFC
// 3849): no capture of a lab can be taken for one of a real network.
var addresses = map[int][3]netip.Addr{
	4: {netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("192.0.2.3")},
	6: {netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("2001:db8::3")},
}

// build makes the wire and the hosts, and begins to capture if asked to.
func build(n Network, k *scenarios.Knobs, seed uint64, tapped bool) (*place, error) {
	p := &place{wire: lab.NewWire(seed)}
	if tapped {
		p.tap = p.wire.Tap()
	}
	addrs := addresses[k.Network.IP]
	for i, iface := range Interfaces(k) {
		o := hostOptions{
			name:       iface.Name,
			addr:       addrs[i],
			mtu:        int(k.Network.MTU),
			window:     int(k.Consumer.Window),
			sendBuffer: max(leastSendBuffer, 2*int(k.Consumer.Window)),
			congestion: k.Producer.Congestion,
		}
		if i == ConsumerPort {
			o.delayedACK = k.Consumer.DelayedACK
		}
		h, err := newHost(n, p.wire, o)
		if err != nil {
			p.close()
			return nil, err
		}
		p.hosts = append(p.hosts, h)
	}
	p.applyNetwork(k)
	for _, h := range p.hosts[ConsumerPort:] {
		l, err := h.Listen(port)
		if err != nil {
			p.close()
			return nil, fmt.Errorf("listen on port %d: %w", port, err)
		}
		p.listeners = append(p.listeners, l)
	}
	return p, nil
}

// connect opens the connection, or both of them, and puts the applications on their ends.
func (p *place) connect(ctx context.Context, k *scenarios.Knobs) (err error) {
	if !k.HasProxy() {
		p.sending, p.receiving, err = p.join(ctx, k, ProducerPort, ConsumerPort)
	} else {
		err = p.connectProxy(ctx, k)
	}
	if err != nil {
		return err
	}
	if p.apps[ProducerPort], err = newApplication(scenarios.Producer, k, p.sending, p.wire.Now); err != nil {
		return err
	}
	p.apps[ConsumerPort], err = newApplication(scenarios.Consumer, k, p.receiving, p.wire.Now)
	return err
}

// connectProxy opens the producer's connection, then the proxy's own.
func (p *place) connectProxy(ctx context.Context, k *scenarios.Knobs) error {
	var down, up conn
	var err error
	if p.sending, down, err = p.join(ctx, k, ProducerPort, ProxyPort); err != nil {
		return err
	}
	if up, p.receiving, err = p.join(ctx, k, ProxyPort, ConsumerPort); err != nil {
		return err
	}
	down.SetNoDelay(true)
	up.SetNoDelay(true)
	p.proxy, err = newProxy(k, down, up)
	return err
}

// join opens a connection from the host at one port to the one at another.
func (p *place) join(ctx context.Context, k *scenarios.Knobs, from, to int) (near, far conn, err error) {
	type arrival struct {
		conn net.Conn
		err  error
	}
	accepted := make(chan arrival, 1)
	go func() {
		c, err := p.listeners[to-ConsumerPort].Accept()
		accepted <- arrival{c, err}
	}()
	if near, err = p.hosts[from].Dial(ctx, netip.AddrPortFrom(addresses[k.Network.IP][to], port)); err != nil {
		return nil, nil, err
	}
	select {
	case a := <-accepted:
		if a.err != nil {
			return nil, nil, a.err
		}
		return near, a.conn.(conn), nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// apply makes the knobs' values hold, once there is a connection.
func (p *place) apply(k *scenarios.Knobs) error {
	err := p.applyHosts(k)
	p.sending.SetNoDelay(!k.Producer.Nagle)
	p.receiving.SetNoDelay(true)
	for _, app := range p.apps {
		err = errors.Join(err, app.apply(k))
	}
	return err
}

// runs are what goes on at the ends of the connections.
func (p *place) runs() []func(context.Context) error {
	list := []func(context.Context) error{p.apps[ProducerPort].run, p.apps[ConsumerPort].run}
	if p.proxy != nil {
		list = append(list, p.proxy.run)
	}
	return list
}

// do lets the applications do what the script says.
func (p *place) do(a scenarios.Action) error {
	// The consumer first: it must know what to answer before a request comes.
	if err := p.apps[ConsumerPort].do(a); err != nil {
		return err
	}
	return p.apps[ProducerPort].do(a)
}

// awaits tells whether an action is about streams that were opened, and none of which has
// come to who does it.
func (p *place) awaits(a scenarios.Action) bool {
	return a.By() == scenarios.Consumer && p.apps[ConsumerPort].awaits(pathOf(a))
}

// pathOf is the path of the streams that an action is about; empty if it is about none.
func pathOf(a scenarios.Action) string {
	switch a := a.(type) {
	case scenarios.Read:
		return a.Path
	case scenarios.Send:
		return a.Path
	case scenarios.Reset:
		return a.Path
	case scenarios.Credit:
		return a.Path
	case scenarios.GoAway:
		return a.Last
	}
	return ""
}

// applyHosts is the part of apply that needs no connection.
func (p *place) applyHosts(k *scenarios.Knobs) error {
	p.applyNetwork(k)
	consumer := p.hosts[ConsumerPort]
	return errors.Join(consumer.SetWindow(int(k.Consumer.Window)), consumer.SetDelayedACK(k.Consumer.DelayedACK))
}

func (p *place) applyNetwork(k *scenarios.Knobs) {
	path := lab.Path{
		Delay: k.Network.RTT / 2,
		Rate:  limit(int64(k.Network.Rate), int64(scenarios.BitRate(scenarios.Unlimited))),
		Queue: int(limit(int64(k.Network.Queue), int64(scenarios.Bytes(scenarios.Unlimited)))),
		Loss:  float64(k.Network.Loss) / 100,
	}
	for _, h := range p.hosts {
		h.Port().SetPath(path)
	}
}

// limit is v as the wire takes it, where 0 is no limit.
func limit(v, unlimited int64) int64 {
	if v == unlimited {
		return 0
	}
	return v
}

// drop sets a scenario's drop rule on the wire.
func (p *place) drop(d *scenarios.DropRule) error {
	from := map[scenarios.Role]int{"": lab.AnyPort, scenarios.Producer: ProducerPort, scenarios.Consumer: ConsumerPort}
	return p.wire.Drop(lab.Rule{From: from[d.From], What: d.What, First: d.First, Last: d.Last, Until: d.Until})
}

// truth is what the applications and their stacks say at now.
func (p *place) truth(now flow.Time) Truth {
	producer, consumer := p.apps[ProducerPort].account(now), p.apps[ConsumerPort].account(now)
	return Truth{
		Producer: producer.limits, Consumer: consumer.limits,
		Sent: producer.sent, Read: consumer.read, ReceiveQueue: p.receiving.ReceiveQueue(),
		Windows: [2]*peer.Account{flow.Client: producer.windows, flow.Server: consumer.windows},
	}
}

// close ends everything; the tap then gives what is left.
func (p *place) close() {
	for _, l := range p.listeners {
		l.Close()
	}
	for _, h := range p.hosts {
		h.Close()
	}
	p.wire.Close()
}
