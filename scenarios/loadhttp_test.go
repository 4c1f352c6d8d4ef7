package scenarios

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/net/http2"

	"flowlab/flow"
)

func TestParseHTTP2(t *testing.T) {
	const file = `
title: All there is
producer: {protocol: h2, read-rate: 1MB/s}
consumer: {stream-window: 1MiB, max-streams: 10}
script:
  - at: 1s
    open:
      path: /chat
      count: 3
      sends: unlimited
      rate: 2MB/s
      message: 1000
      reads: 0
      answer: {when: at-once, sends: 100kB, message: 10, reads: unlimited}
  - {at: 1s, open: {path: /get}}
  - {at: 1s, open: {path: /upload, sends: 5, ends: false, answer: {echo: true}}}
  - {at: 1s, open: {path: /silent, answer: {when: never, reads: 0}}}
  - {at: 2s, read: {path: /chat, by: consumer, rate: 0}, send: {path: /upload, from: producer, bytes: 1kB}}
  - {at: 3s, credit: {path: /chat, from: consumer, bytes: 10}, set: {consumer.stream-window: 10}}
  - {at: 3s, credit: {connection: true, from: producer, bytes: 0}}
  - {at: 3s, send: {path: /chat, from: consumer, bytes: 2kB, message: 100}}
  - {at: 4s, reset: {path: /chat, from: producer}}
  - {at: 4s, reset: {path: /get, from: consumer, code: REFUSED_STREAM}, say: Refused.}
  - {at: 5s, goaway: {from: consumer}}
  - {at: 5s, goaway: {from: consumer, last: /chat, code: ENHANCE_YOUR_CALM}}
end: 6s
expect:
  - {limit: stream-window, of: producer, stream: /chat, during: [2s, 4s], at-least: 95%}
  - {finding: stream-not-read}
  - {finding: loss, at-most: 0}
  - {finding: both-sides-send, stream: /chat, at-least: 2, at-most: 3}
  - {sent: {exactly: 65535}, of: consumer, stream: /chat, at: 3s}
  - {sent: {at-least: 1kB, at-most: 1MB}, of: producer}
  - {window: -65525, of: producer, stream: /chat, at: 4s}
  - {window: 65535, of: consumer, connection: true}
`
	got, err := parse("x.yaml", "x", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	want := &Scenario{
		Name: "x", Title: "All there is", Knobs: DefaultKnobs(), End: 6 * time.Second,
		Script: []Step{
			{At: time.Second, Do: []Action{Open{
				Path: "/chat", Count: 3, Request: Body{Sends: Unlimited, Rate: 2e6, Message: 1000},
				Answer: Answer{When: AtOnce, Body: Body{Sends: 100_000, Rate: Unlimited, Message: 10, Ends: true}, Reads: Unlimited},
			}}},
			{At: time.Second, Do: []Action{Open{
				Path: "/get", Count: 1, Request: Body{Rate: Unlimited, Ends: true}, Reads: AsKnob,
				Answer: Answer{Reads: AsKnob, Body: Body{Rate: Unlimited, Ends: true}},
			}}},
			{At: time.Second, Do: []Action{Open{
				Path: "/upload", Count: 1, Request: Body{Sends: 5, Rate: Unlimited}, Reads: AsKnob,
				Answer: Answer{Reads: AsKnob, Echo: true, Body: Body{Rate: Unlimited, Ends: true}},
			}}},
			{At: time.Second, Do: []Action{Open{
				Path: "/silent", Count: 1, Request: Body{Rate: Unlimited, Ends: true}, Reads: AsKnob,
				Answer: Answer{When: Never, Body: Body{Rate: Unlimited, Ends: true}},
			}}},
			{At: 2 * time.Second, Do: []Action{Read{Path: "/chat", Role: Consumer}, Send{Path: "/upload", From: Producer, Bytes: 1000}}},
			{
				At: 3 * time.Second, Set: []Setting{{"consumer.stream-window", "10"}},
				Do: []Action{Credit{Path: "/chat", From: Consumer, Bytes: 10}},
			},
			{At: 3 * time.Second, Do: []Action{Credit{From: Producer}}},
			{At: 3 * time.Second, Do: []Action{Send{Path: "/chat", From: Consumer, Bytes: 2000, Message: 100}}},
			{At: 4 * time.Second, Do: []Action{Reset{Path: "/chat", From: Producer, Code: http2.ErrCodeCancel}}},
			{At: 4 * time.Second, Do: []Action{Reset{Path: "/get", From: Consumer, Code: http2.ErrCodeRefusedStream}}, Say: "Refused."},
			{At: 5 * time.Second, Do: []Action{GoAway{From: Consumer}}},
			{At: 5 * time.Second, Do: []Action{GoAway{From: Consumer, Last: "/chat", Code: http2.ErrCodeEnhanceYourCalm}}},
		},
		Expect: []Expectation{
			LimitShare{Cause: flow.StreamWindow, Of: Producer, Stream: "/chat", During: Span{2 * time.Second, 4 * time.Second}, AtLeast: 95, AtMost: 100},
			FindingCount{Rule: "stream-not-read", AtLeast: 1, AtMost: math.MaxInt},
			FindingCount{Rule: "loss"},
			FindingCount{Rule: "both-sides-send", Stream: "/chat", AtLeast: 2, AtMost: 3},
			SentBytes{Of: Consumer, Stream: "/chat", At: 3 * time.Second, AtLeast: 65_535, AtMost: 65_535},
			SentBytes{Of: Producer, At: 6 * time.Second, AtLeast: 1000, AtMost: 1_000_000},
			WindowSize{Of: Producer, Stream: "/chat", At: 4 * time.Second, Bytes: -65_525},
			WindowSize{Of: Consumer, At: 6 * time.Second, Bytes: 65_535},
		},
	}
	want.Knobs.Producer.Protocol = H2
	want.Knobs.Producer.ReadRate = 1e6
	want.Knobs.Consumer.HTTP2.StreamWindow = 1 << 20
	want.Knobs.Consumer.HTTP2.MaxStreams = 10
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Knobs{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A step and an expectation are told to people as they are written here.
func TestHTTP2InWords(t *testing.T) {
	for _, c := range []struct {
		say  interface{ String() string }
		want string
	}{
		{Open{Path: "/a", Count: 1}, "the producer opens /a"},
		{Open{Path: "/a", Count: 3, Request: Body{Sends: Unlimited}}, "the producer opens /a 3 times and sends unlimited"},
		{Read{Path: "/a", Role: Consumer}, "the consumer stops reading /a"},
		{Read{Path: "/a", Role: Producer, Rate: 1e6}, "the producer reads /a, at 1MB/s"},
		{Send{Path: "/a", From: Consumer, Bytes: 1000}, "the consumer sends 1kB more on /a"},
		{Send{Path: "/a", From: Producer, Bytes: 100_005, Message: 100_000}, "the producer sends 100005B more on /a, in messages of 100000 bytes"},
		{Reset{Path: "/a", From: Producer, Code: http2.ErrCodeCancel}, "the producer resets /a: CANCEL"},
		{Credit{Path: "/a", From: Consumer, Bytes: 60_000}, "the consumer gives /a 60000 bytes of credit"},
		{Credit{From: Consumer, Bytes: 1}, "the consumer gives the connection 1 byte of credit"},
		{GoAway{From: Consumer}, "the consumer sends GOAWAY, NO_ERROR: no stream is the last that it processes"},
		{
			LimitShare{Cause: flow.StreamWindow, Of: Producer, Stream: "/a", AtLeast: 95, AtMost: 100},
			"the producer is held on /a by stream-window at least 95 % of the whole run",
		},
		{FindingCount{Rule: "loss"}, "the finding loss is there at no time"},
		{FindingCount{Rule: "loss", AtLeast: 1, AtMost: math.MaxInt}, "the finding loss is there at least once"},
		{FindingCount{Rule: "loss", Stream: "/a", AtLeast: 2, AtMost: 3}, "the finding loss of /a is there 2 to 3 times"},
		{SentBytes{Of: Producer, At: time.Second, AtLeast: 1, AtMost: 1}, "the producer has sent exactly 1 byte at 1 s"},
		{SentBytes{Of: Producer, Stream: "/a", At: time.Second, AtMost: 5}, "the producer has sent at most 5 bytes on /a at 1 s"},
		{SentBytes{Of: Producer, At: time.Second, AtLeast: 5, AtMost: Unlimited}, "the producer has sent at least 5 bytes at 1 s"},
		{SentBytes{Of: Producer, At: time.Second, AtLeast: 5, AtMost: 6}, "the producer has sent 5 to 6 bytes at 1 s"},
		{WindowSize{Of: Producer, Stream: "/a", At: time.Second, Bytes: -5}, "the window of /a for the producer is -5 bytes at 1 s"},
		{WindowSize{Of: Consumer, At: time.Second, Bytes: 1}, "the window of the connection for the consumer is 1 byte at 1 s"},
	} {
		if got := c.say.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
