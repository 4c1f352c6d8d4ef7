package play

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/lab"
	"flowlab/scenarios"
	"flowlab/tcpwin/endpoint"
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
	sender             *endpoint.Sender
	receiver           *endpoint.Receiver
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
	p.sending.SetNoDelay(!k.Producer.Nagle)
	p.sender = endpoint.NewSender(p.sending, byteRate(k.Producer.Rate), int(k.Producer.Chunk), int64(k.Producer.Total))
	p.receiver = endpoint.NewReceiver(p.receiving, byteRate(k.Consumer.ReadRate), int(k.Consumer.Chunk))
	return nil
}

// apply makes the knobs' values hold, once there is a connection.
func (p *place) apply(k *scenarios.Knobs) error {
	err := p.applyHosts(k)
	p.sending.SetNoDelay(!k.Producer.Nagle)
	p.sender.SetRate(byteRate(k.Producer.Rate))
	p.sender.SetChunk(int(k.Producer.Chunk))
	p.receiver.SetRate(byteRate(k.Consumer.ReadRate))
	p.receiver.SetChunk(int(k.Consumer.Chunk))
	return err
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

func byteRate(r scenarios.ByteRate) float64 {
	if r == scenarios.Unlimited {
		return endpoint.Unlimited
	}
	return float64(r)
}

// drop sets a scenario's drop rule on the wire.
func (p *place) drop(d *scenarios.DropRule) error {
	from := map[scenarios.Role]int{"": lab.AnyPort, scenarios.Producer: ProducerPort, scenarios.Consumer: ConsumerPort}
	return p.wire.Drop(lab.Rule{From: from[d.From], What: d.What, First: d.First, Last: d.Last, Until: d.Until})
}

// truth is what the stacks say at now.
func (p *place) truth(now flow.Time) Truth {
	return Truth{
		Producer: p.sending.Limits(now), Consumer: p.receiving.Limits(now),
		Sent: p.sender.Account(), Read: p.receiver.Read(), ReceiveQueue: p.receiving.ReceiveQueue(),
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
