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
)

// Interfaces are the points at which a run's packets are seen, by port.
func Interfaces() []capture.Interface {
	return []capture.Interface{
		ProducerPort: {Name: "producer", LinkType: capture.RawIP},
		ConsumerPort: {Name: "consumer", LinkType: capture.RawIP},
	}
}

// port is where the consumer listens: discard (RFC 863), which is what it does.
const port = 9

// leastSendBuffer is what a producer's socket takes at the least.
const leastSendBuffer = 512 << 10

// place is the lab of a scenario: a wire, a host at either end, and one
// connection between the two.
type place struct {
	wire     *lab.Wire
	hosts    [2]host
	listener net.Listener
	tap      *lab.Tap

	sending, receiving conn
	apps               [2]application // by port
}

// The addresses are of the blocks set aside for documentation (RFC 5737, RFC
// 3849): no capture of a lab can be taken for one of a real network.
var addresses = map[int][2]netip.Addr{
	4: {netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")},
	6: {netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")},
}

// build makes the wire and the hosts, and begins to capture if asked to.
func build(n Network, k *scenarios.Knobs, seed uint64, tapped bool) (*place, error) {
	p := &place{wire: lab.NewWire(seed)}
	if tapped {
		p.tap = p.wire.Tap()
	}
	addrs := addresses[k.Network.IP]
	for i, iface := range Interfaces() {
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
		p.hosts[i] = h
	}
	p.applyNetwork(k)
	l, err := p.hosts[ConsumerPort].Listen(port)
	if err != nil {
		p.close()
		return nil, fmt.Errorf("listen on port %d: %w", port, err)
	}
	p.listener = l
	return p, nil
}

// connect opens the connection and puts the two applications on its ends.
func (p *place) connect(ctx context.Context, k *scenarios.Knobs) error {
	accepted := make(chan error, 1)
	go func() {
		c, err := p.listener.Accept()
		if err == nil {
			p.receiving = c.(conn)
		}
		accepted <- err
	}()
	c, err := p.hosts[ProducerPort].Dial(ctx, netip.AddrPortFrom(addresses[k.Network.IP][ConsumerPort], port))
	if err != nil {
		return err
	}
	p.sending = c
	select {
	case err = <-accepted:
	case <-ctx.Done():
		err = ctx.Err()
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

// do lets the applications do what the script says.
func (p *place) do(a scenarios.Action) error {
	// The consumer first: it must know what to answer before a request comes.
	if err := p.apps[ConsumerPort].do(a); err != nil {
		return err
	}
	return p.apps[ProducerPort].do(a)
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
		if h != nil {
			h.Port().SetPath(path)
		}
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
	if p.listener != nil {
		p.listener.Close()
	}
	for _, h := range p.hosts {
		if h != nil {
			h.Close()
		}
	}
	p.wire.Close()
}
