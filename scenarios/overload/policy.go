package overload

import (
	"time"

	"flowlab/backpressure"
)

// Policy is what decides which messages go from producer to worker, and which do not.
type Policy struct {
	Name     string
	Of       string // whose semantics it has
	Protects string // what it protects, and
	Costs    string // what it costs; each a part of a sentence
	Busy     bool   // it keeps the worker busy while there is too much to do
	Bounded  bool   // it bounds what waits at the consumer

	gate     gateKind
	unbound  bool // the queue has no bound
	room     int  // that it has; 0 for the load's capacity
	overflow backpressure.Overflow
	life     time.Duration // a message may wait so long; 0 for ever
	refuses  refusal
}

// gateKind is what holds a producer before it sends.
type gateKind uint8

const (
	noGate      gateKind = iota
	bucketGate           // a token bucket of the worker's rate
	followGate           // a token bucket of the rate that the consumer publishes
	requestGate          // Reactive Streams' request(n)
	linkGate             // AMQP 1.0's link credit
	fetchGate            // the consumer fetches from a log
)

// refusal is what a consumer refuses work by, before it is queued.
type refusal uint8

const (
	refuseNothing refusal = iota
	byPriority            // the fuller the queue, the more
	byLimit               // what an adaptive concurrency limit has no room for
)

// ttl is how long a message may wait where that is bounded.
const ttl = 100 * time.Millisecond

// policies are all there are, in the order in which they are told.
var policies = []Policy{
	{
		Name: "unbounded", Of: "a list; java.util.concurrent.LinkedBlockingQueue without a capacity",
		Protects: "the producer, which never waits", Costs: "memory without end, ever later answers, and at last the process with all it holds",
		Busy: true, unbound: true,
	},
	{
		Name: "block", Of: ".NET BoundedChannelFullMode.Wait; a Go channel",
		Protects: "every message, and the consumer's memory", Costs: "the producer's time: it stands still with what it holds",
		Busy: true, Bounded: true, overflow: backpressure.Wait,
	},
	{
		Name: "transport", Of: "a socket that is read only when there is room",
		Protects: "the consumer, without a line of protocol", Costs: "the producer's time, and buffers on the way that fill before it feels anything",
		Busy: true, Bounded: true, room: 16, overflow: backpressure.Wait,
	},
	{
		Name: "drop-newest", Of: ".NET BoundedChannelFullMode.DropNewest",
		Protects: "what has waited longest, and the producer", Costs: "the latest message but one, again and again",
		Busy: true, Bounded: true, overflow: backpressure.DropNewest,
	},
	{
		Name: "drop-oldest", Of: ".NET BoundedChannelFullMode.DropOldest",
		Protects: "freshness, and the producer", Costs: "half of all messages, and those that waited longest",
		Busy: true, Bounded: true, overflow: backpressure.DropOldest,
	},
	{
		Name: "drop-write", Of: ".NET BoundedChannelFullMode.DropWrite",
		Protects: "what is in the queue, and the producer", Costs: "whatever comes while the queue is full, without a word",
		Busy: true, Bounded: true, overflow: backpressure.DropWrite,
	},
	{
		Name: "expire", Of: "Reactor's onBackpressureBuffer(ttl, maxSize, onEvicted)",
		Protects: "latency: nothing is processed that waited too long", Costs: "what waited too long, after it took its place in the queue",
		Busy: true, Bounded: true, overflow: backpressure.DropOldest, life: ttl,
	},
	{
		Name: "fail", Of: "Reactive Streams' error strategy: RxJava's BackpressureStrategy.ERROR",
		Protects: "correctness: nobody believes that all was processed", Costs: "the stream, at the first message too many",
		Bounded: true, overflow: backpressure.Fail,
	},
	{
		Name: "rate-limit", Of: "a token bucket at the source",
		Protects: "the consumer, as long as the rate was guessed right", Costs: "the producer's time; a wrong guess wastes the worker or floods it",
		Busy: true, Bounded: true, gate: bucketGate, overflow: backpressure.Wait,
	},
	{
		Name: "rate-follow", Of: "a token bucket at the source, of the rate that the consumer publishes",
		Protects: "the consumer, also when its speed changes", Costs: "the producer's time, and a loop of control that is always a little late",
		Busy: true, Bounded: true, gate: followGate, overflow: backpressure.Wait,
	},
	{
		Name: "request-n", Of: "Reactive Streams: request(n)",
		Protects: "the consumer: no message comes that it has not asked for", Costs: "the producer's time, and a signal for each batch",
		Busy: true, Bounded: true, gate: requestGate, overflow: backpressure.Fail,
	},
	{
		Name: "link-credit", Of: "AMQP 1.0: link-credit",
		Protects: "the consumer, link by link on one connection", Costs: "the producer's time, and a flow frame for each batch",
		Busy: true, Bounded: true, gate: linkGate, overflow: backpressure.Fail,
	},
	{
		Name: "pull", Of: "Kafka: the consumer fetches from a log",
		Protects: "both: neither ever waits for the other", Costs: "lag, and a log that somebody must keep",
		Busy: true, Bounded: true, gate: fetchGate, overflow: backpressure.Wait,
	},
	{
		Name: "shed", Of: "HTTP 503 with Retry-After, what matters least first",
		Protects: "what matters most, and its latency", Costs: "what matters least, with an honest answer at once",
		Busy: true, Bounded: true, overflow: backpressure.DropWrite, refuses: byPriority,
	},
	{
		Name: "adaptive-limit", Of: "Netflix's concurrency-limits: AIMDLimit, at the server",
		Protects: "latency, without anybody's guess of a capacity", Costs: "what comes above the limit, whatever it matters",
		Busy: true, Bounded: true, overflow: backpressure.DropWrite, refuses: byLimit,
	},
}

// Policies returns all policies, in the order in which they are told.
func Policies() []Policy { return policies }

// Named returns the policy of that name; false if there is none.
func Named(name string) (Policy, bool) {
	for _, p := range policies {
		if p.Name == name {
			return p, true
		}
	}
	return Policy{}, false
}

// capacity is how many messages the policy's queue holds; 0 without a bound.
func (p *Policy) capacity(l *Load) int {
	switch {
	case p.unbound:
		return 0
	case p.room > 0:
		return min(p.room, l.Capacity)
	}
	return l.Capacity
}
