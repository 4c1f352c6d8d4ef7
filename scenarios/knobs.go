package scenarios

import (
	"maps"
	"time"
)

// Knobs is everything about a lab that can be chosen, before a run or during
// it. Its fields may be read freely; they are changed with [Knobs.Set], which
// keeps them in their ranges.
type Knobs struct {
	// Network is the path between producer and consumer.
	Network struct {
		RTT   time.Duration // round-trip time of a packet that meets no queue
		Rate  BitRate       // in each direction
		Queue Bytes         // what may wait for the rate, in each direction
		Loss  Percent       // of the packets, in each direction
		MTU   Bytes         // the largest IP packet
		IP    int           // the version: 4 or 6
	}
	// Producer is the application that writes, and its end of the connection.
	Producer struct {
		Protocol string   // TCP or H2
		Rate     ByteRate // 0 if it has stopped
		Chunk    Bytes    // handed to the transport in one write
		Nagle    bool     // false is what TCP_NODELAY asks for
		// Congestion is the name of a congestion control. Which there are
		// depends on the network.
		Congestion string
		Total      Bytes    // after which it closes; 0 if it never does
		ReadRate   ByteRate // of each stream; 0 if it has stopped
		HTTP2      HTTP2
	}
	// Consumer is the application that reads, and its end of the connection.
	Consumer struct {
		Window     Bytes         // the largest that it advertises
		ReadRate   ByteRate      // 0 if it has stopped; with HTTP/2 of each stream
		Chunk      Bytes         // the most that it takes in one read
		DelayedACK time.Duration // the longest that an ACK waits; 0 if none does
		HTTP2      HTTP2
	}
	// Proxy stands between the two.
	Proxy struct {
		Buffer Bytes // that it may hold of each stream, in each direction; 0 if there is no proxy
	}

	given map[string]bool // the knobs that were set; never changed, only replaced
}

// DefaultKnobs returns the knobs of a lab of which nothing is said: a path of
// 20 ms without a limit or a loss, a producer that writes 16 KiB at a time as
// fast as it can, and a consumer that reads 64 KiB at a time as fast as it can
// from a window of 256 KiB. The windows of HTTP/2 are the standard's.
func DefaultKnobs() Knobs {
	var k Knobs
	k.Network.RTT = 20 * time.Millisecond
	k.Network.Rate = Unlimited
	k.Network.Queue = Unlimited
	k.Network.MTU = 1500
	k.Network.IP = 4
	k.Producer.Protocol = TCP
	k.Producer.Rate = Unlimited
	k.Producer.Chunk = 16 << 10
	k.Producer.Congestion = "cubic"
	k.Producer.ReadRate = Unlimited
	k.Producer.HTTP2 = defaultHTTP2()
	k.Consumer.Window = 256 << 10
	k.Consumer.ReadRate = Unlimited
	k.Consumer.Chunk = 64 << 10
	k.Consumer.HTTP2 = defaultHTTP2()
	return k
}

// Set gives the named knob a value, written as in a scenario file. The error
// is a [Mistake]: no such knob, none of the protocol, not a value of its kind, or out
// of its range.
// The knobs are then as before.
//
// Set does not know whether a run has begun; see [Knob.Fixed].
func (k *Knobs) Set(name, value string) error {
	knob, err := findKnob(name)
	if err != nil {
		return err
	}
	if spoken := k.Producer.Protocol; knob.Protocol != "" && knob.Protocol != spoken {
		return mistake("it goes with producer.protocol "+knob.Protocol, "%s means nothing where the protocol is %s", name, spoken)
	}
	next := *k
	if err := knob.set(&next, value); err != nil {
		return err
	}
	if next.Network.IP == 6 && next.Network.MTU < minIPv6MTU {
		return mistake("make network.mtu at least "+minIPv6MTU.String()+", or network.ip 4",
			"IPv6 does not pass an MTU of %s (RFC 8200 5)", next.Network.MTU)
	}
	next.given = maps.Clone(k.given)
	if next.given == nil {
		next.given = map[string]bool{}
	}
	next.given[name] = true
	*k = next
	return nil
}

// Given tells whether the named knob was set. One that was not has its default, and
// leaves a stock library its own.
func (k *Knobs) Given(name string) bool { return k.given[name] }

// minIPv6MTU is the least that every link must carry (RFC 8200 5).
const minIPv6MTU Bytes = 1280

// Get returns the value of the named knob, in a form that Set accepts, or ""
// if there is no such knob.
func (k *Knobs) Get(name string) string {
	knob, err := findKnob(name)
	if err != nil {
		return ""
	}
	return knob.get(k)
}

// KnobNames returns the names of all knobs, in the order of [AllKnobs].
func KnobNames() []string {
	names := make([]string, len(knobTable))
	for i := range knobTable {
		names[i] = knobTable[i].Name
	}
	return names
}

// AllKnobs returns what there is to know about every knob, from the network
// over the producer to the consumer.
func AllKnobs() []Knob { return append([]Knob(nil), knobTable...) }

func findKnob(name string) (Knob, error) {
	for _, k := range knobTable {
		if k.Name == name {
			return k, nil
		}
	}
	return Knob{}, unknown("knob", name, KnobNames())
}
