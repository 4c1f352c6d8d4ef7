package scenarios

import (
	"slices"
	"time"
)

// The widest ranges that the lab can keep: it holds every queue and buffer in
// memory, in one process.
const (
	mostBuffered = 256 << 20         // bytes
	mostBitRate  = 100_000_000_000   // bit/s
	mostByteRate = mostBitRate / 8   // bytes/s
	mostTotal    = 1_000_000_000_000 // bytes
	mostChunk    = 16 << 20          // bytes
)

var knobTable = slices.Concat(networkKnobs, producerKnobs, http2Knobs(Producer), consumerKnobs, http2Knobs(Consumer), proxyKnobs)

var networkKnobs = []Knob{
	ranged("network.rtt", "round-trip time of a packet that meets no queue",
		durationUnit, 0, time.Minute,
		func(k *Knobs) *time.Duration { return &k.Network.RTT }),
	ranged("network.rate", "what the path carries, in each direction",
		orUnlimited(bitRateUnit), 1000, mostBitRate,
		func(k *Knobs) *BitRate { return &k.Network.Rate }),
	ranged("network.queue", "what may wait for the rate; a packet that finds it full is dropped",
		orUnlimited(bytesUnit), 1, mostBuffered,
		func(k *Knobs) *Bytes { return &k.Network.Queue }),
	ranged("network.loss", "share of the packets that are lost at random, in each direction",
		percentUnit, 0, 100,
		func(k *Knobs) *Percent { return &k.Network.Loss }),
	fixed(ranged("network.mtu", "largest IP packet; IPv6 needs 1280B",
		bytesUnit, 576, 65535,
		func(k *Knobs) *Bytes { return &k.Network.MTU })),
	fixed(choice("network.ip", "version of the Internet protocol",
		"version", []string{"4", "6"}, []int{4, 6},
		func(k *Knobs) *int { return &k.Network.IP })),
}

var producerKnobs = slices.Concat([]Knob{
	fixed(choice("producer.protocol", "what carries the data: TCP alone, or HTTP/2",
		"protocol", []string{TCP, H2}, []string{TCP, H2},
		func(k *Knobs) *string { return &k.Producer.Protocol })),
	choice("producer.nagle", "a short segment waits while data is unacknowledged (RFC 9293 3.7.4)",
		"value", boolNames, boolValues,
		func(k *Knobs) *bool { return &k.Producer.Nagle }),
	fixed(name("producer.congestion", "congestion control: cubic or reno, and on the kernel's network what it has, such as bbr",
		func(k *Knobs) *string { return &k.Producer.Congestion })),
}, with(TCP,
	ranged("producer.rate", "what the producer writes, if it is let; 0 stops it",
		orUnlimited(byteRateUnit), 0, mostByteRate,
		func(k *Knobs) *ByteRate { return &k.Producer.Rate }),
	ranged("producer.chunk", "bytes in one write",
		bytesUnit, 1, mostChunk,
		func(k *Knobs) *Bytes { return &k.Producer.Chunk }),
	fixed(ranged("producer.total", "bytes after which the producer closes; 0 if it never does",
		bytesUnit, 0, mostTotal,
		func(k *Knobs) *Bytes { return &k.Producer.Total })),
), with(H2,
	ranged("producer.read-rate", "what the producer reads of each stream, if nothing else is said of it; 0 stops it",
		orUnlimited(byteRateUnit), 0, mostByteRate,
		func(k *Knobs) *ByteRate { return &k.Producer.ReadRate }),
))

var proxyKnobs = with(H2,
	fixed(ranged("proxy.buffer", "most that a proxy between the two holds of a stream, in each direction; 0 if there is none",
		bytesUnit, 0, mostBuffered,
		func(k *Knobs) *Bytes { return &k.Proxy.Buffer })),
)

var consumerKnobs = slices.Concat([]Knob{
	ranged("consumer.window", "largest window that the consumer advertises",
		bytesUnit, 1<<10, mostBuffered,
		func(k *Knobs) *Bytes { return &k.Consumer.Window }),
	ranged("consumer.read-rate", "what the consumer reads, if there is data, with HTTP/2 of each stream; 0 stops it",
		orUnlimited(byteRateUnit), 0, mostByteRate,
		func(k *Knobs) *ByteRate { return &k.Consumer.ReadRate }),
	ranged("consumer.delayed-ack", "longest time that an ACK waits for company (RFC 1122 4.2.3.2); 0 if none does",
		durationUnit, 0, 500*time.Millisecond,
		func(k *Knobs) *time.Duration { return &k.Consumer.DelayedACK }),
}, with(TCP,
	ranged("consumer.chunk", "most bytes in one read",
		bytesUnit, 1, mostChunk,
		func(k *Knobs) *Bytes { return &k.Consumer.Chunk }),
))
