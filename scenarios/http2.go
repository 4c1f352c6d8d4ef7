package scenarios

import (
	"slices"

	"flowlab/h2flow/peer"
)

// The protocols that carry the data.
const (
	TCP = "tcp" // the producer's bytes as they are
	H2  = "h2"  // HTTP/2 with prior knowledge (RFC 9113 3.3): the producer is the client
)

// HTTP2 is how one side of an HTTP/2 connection behaves: what it grants to the
// other, and how it sends. What each means is that of package h2flow/peer.
type HTTP2 struct {
	Library          string // that speaks it: Flowlab, NetHTTP or GRPCGo
	StreamWindow     Bytes  // SETTINGS_INITIAL_WINDOW_SIZE that it announces
	ConnectionWindow Bytes
	MaxStreams       Count // SETTINGS_MAX_CONCURRENT_STREAMS that it announces
	CreditStream     peer.When
	CreditConnection peer.When
	CreditBytes      Bytes   // owed before it gives credit; 0 if CreditShare counts
	CreditShare      Percent // of the window
	MaxUpdate        Bytes   // the most that one update grants
	LeakResets       bool
	Scheduler        peer.Scheduler
	Padding          Bytes // of each DATA frame, with its length octet
	FrameSize        Bytes // the most payload of a DATA frame
	ReadSocket       bool
	HoldSettings     bool
	Break            string // the name of a peer.Rule, or NoRule
}

// NoRule is what breaks none.
const NoRule = "none"

// IsHTTP2 tells whether the scenario's applications speak HTTP/2.
func (k *Knobs) IsHTTP2() bool { return k.Producer.Protocol == H2 }

// HasProxy tells whether a proxy stands between the applications.
func (k *Knobs) HasProxy() bool { return k.IsHTTP2() && k.Proxy.Buffer > 0 }

// HTTP2 is how the side of a role behaves.
func (k *Knobs) HTTP2(of Role) *HTTP2 {
	if of == Producer {
		return &k.Producer.HTTP2
	}
	return &k.Consumer.HTTP2
}

// ReadRate is how fast the applications of a role read, where nothing else is said
// of a stream.
func (k *Knobs) ReadRate(of Role) ByteRate {
	if of == Producer {
		return k.Producer.ReadRate
	}
	return k.Consumer.ReadRate
}

func defaultHTTP2() HTTP2 {
	return HTTP2{
		Library:      Flowlab,
		StreamWindow: 65_535, ConnectionWindow: 65_535, MaxStreams: Unlimited, // RFC 9113 6.5.2, 6.9.2
		CreditShare: 25, MaxUpdate: Unlimited, FrameSize: 16 << 10, ReadSocket: true, Break: NoRule,
	}
}

const (
	largestWindow = 1<<31 - 1 // RFC 9113 6.9.1
	mostStreams   = 1<<32 - 2 // 6.5.2; the largest number there is means none
)

// http2Knobs are the knobs of one side of an HTTP/2 connection.
func http2Knobs(of Role) []Knob {
	prefix := string(of) + "."
	side := func(k *Knobs) *HTTP2 { return k.HTTP2(of) }
	var whens []string
	for _, w := range everyWhen {
		whens = append(whens, w.String())
	}
	rules := slices.Concat([]string{NoRule}, peer.RuleNames())
	knobs := []Knob{
		fixed(choice(prefix+"implementation", "who speaks HTTP/2: flowlab's instrumented end, or a stock library as it comes",
			"library", libraryNames, libraryNames, func(k *Knobs) *string { return &side(k).Library })),
		ranged(prefix+"stream-window", "window of each stream that it announces (SETTINGS_INITIAL_WINDOW_SIZE)",
			bytesUnit, 0, largestWindow, func(k *Knobs) *Bytes { return &side(k).StreamWindow }),
		fixed(ranged(prefix+"connection-window", "window of the connection that it begins with",
			bytesUnit, 65_535, largestWindow, func(k *Knobs) *Bytes { return &side(k).ConnectionWindow })),
		ranged(prefix+"max-streams", "streams that it lets be open at once (SETTINGS_MAX_CONCURRENT_STREAMS)",
			orUnlimited(countUnit), 0, mostStreams, func(k *Knobs) *Count { return &side(k).MaxStreams }),
		choice(prefix+"credit-stream", "when it gives credit to a stream for a byte",
			"time of credit", whens, everyWhen, func(k *Knobs) *peer.When { return &side(k).CreditStream }),
		choice(prefix+"credit-connection", "when it gives credit to the connection for a byte",
			"time of credit", whens, everyWhen, func(k *Knobs) *peer.When { return &side(k).CreditConnection }),
		ranged(prefix+"credit-bytes", "bytes that it owes before it gives credit; 0 if credit-share counts",
			bytesUnit, 0, largestWindow, func(k *Knobs) *Bytes { return &side(k).CreditBytes }),
		ranged(prefix+"credit-share", "share of the window that it owes before it gives credit; at 0% any byte will do",
			percentUnit, 0, 100, func(k *Knobs) *Percent { return &side(k).CreditShare }),
		ranged(prefix+"max-update", "most that one WINDOW_UPDATE grants",
			orUnlimited(bytesUnit), 1, largestWindow, func(k *Knobs) *Bytes { return &side(k).MaxUpdate }),
		choice(prefix+"leak-resets", "it never gives the connection credit for unread bytes of streams that were reset",
			"value", boolNames, boolValues, func(k *Knobs) *bool { return &side(k).LeakResets }),
		choice(prefix+"scheduler", "which stream it sends DATA of next: each in turn, or the oldest that has any and credit",
			"scheduler", []string{peer.Fair.String(), peer.OldestFirst.String()}, []peer.Scheduler{peer.Fair, peer.OldestFirst},
			func(k *Knobs) *peer.Scheduler { return &side(k).Scheduler }),
		ranged(prefix+"padding", "padding of each DATA frame that it sends, with its length octet",
			bytesUnit, 0, 256, func(k *Knobs) *Bytes { return &side(k).Padding }),
		ranged(prefix+"frame-size", "most payload of a DATA frame that it sends",
			bytesUnit, 1, 16<<10, func(k *Knobs) *Bytes { return &side(k).FrameSize }),
		choice(prefix+"read-socket", "it reads its socket; else TCP's window closes under HTTP/2's",
			"value", boolNames, boolValues, func(k *Knobs) *bool { return &side(k).ReadSocket }),
		choice(prefix+"hold-settings", "it leaves the other side's SETTINGS without effect and unacknowledged",
			"value", boolNames, boolValues, func(k *Knobs) *bool { return &side(k).HoldSettings }),
		choice(prefix+"break", "rule of RFC 9113 that it breaks",
			"rule", rules, rules, func(k *Knobs) *string { return &side(k).Break }),
	}
	return with(H2, knobs...)
}

var (
	boolNames  = []string{"false", "true"}
	boolValues = []bool{false, true}
	everyWhen  = []peer.When{peer.AtRead, peer.OnReceipt, peer.AfterMessage, peer.ByHand}
)

// with marks knobs that mean something with one protocol only.
func with(protocol string, knobs ...Knob) []Knob {
	for i := range knobs {
		knobs[i].Protocol = protocol
	}
	return knobs
}
