package rsocket

import (
	"math/rand/v2"
	"testing"
)

// TestCredits: messages are held to the credit of their own stream and direction.
func TestCredits(t *testing.T) {
	request := func(stream uint32, n uint32) Frame { return Frame{Type: RequestN, Stream: stream, Credit: n} }
	message := func(stream uint32, flags Flags) Frame {
		return Frame{Type: Payload, Stream: stream, Flags: Next | flags}
	}
	type step struct {
		from Side
		Frame
	}
	for _, c := range []struct {
		name                  string
		steps                 []step
		given, payloads, over int64
	}{
		{"credit is used up", []step{{Client, Frame{Type: RequestStream, Stream: 1, Credit: 1}}, {Server, message(1, 0)}}, 1, 1, 0},
		{"a message too many", []step{{Client, request(1, 1)}, {Server, message(1, 0)}, {Server, message(1, 0)}}, 1, 2, 1},
		{"of another stream", []step{{Client, request(1, 1)}, {Server, message(3, 0)}}, 1, 1, 1},
		{"of the other direction", []step{{Client, request(1, 1)}, {Client, message(1, 0)}}, 1, 1, 1},
		{"fragments are one message", []step{{Client, request(1, 1)}, {Server, message(1, Follows)}, {Server, message(1, Follows)}, {Server, message(1, 0)}}, 1, 1, 0},
		{"completion is none", []step{{Client, request(1, 1)}, {Server, Frame{Type: Payload, Stream: 1, Flags: 0x040}}}, 1, 0, 0},
		{"a channel has both directions", []step{{Client, Frame{Type: RequestChannel, Stream: 1, Credit: 2}}, {Server, request(1, 1)}, {Client, message(1, 0)}, {Server, message(1, 0)}}, 3, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			account := NewCredits()
			for _, s := range c.steps {
				account.Enter(s.from, s.Frame)
			}
			if account.Given() != c.given || account.Payloads() != c.payloads || account.Over() != c.over {
				t.Errorf("given %d, payloads %d, over %d; want %d, %d, %d",
					account.Given(), account.Payloads(), account.Over(), c.given, c.payloads, c.over)
			}
		})
	}
}

// TestCreditsOfHonestSender: whoever sends only while the sum of its credit is above that of
// its messages is never over; one message more is.
func TestCreditsOfHonestSender(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		account := NewCredits()
		var left [8]int64
		for range 2000 {
			stream := rnd.IntN(len(left))
			f := Frame{Stream: uint32(stream)}
			if left[stream] > 0 && rnd.IntN(3) > 0 {
				f.Type, f.Flags = Payload, Next
				left[stream]--
				account.Enter(Server, f)
				continue
			}
			f.Type, f.Credit = RequestN, uint32(1+rnd.IntN(5))
			left[stream] += int64(f.Credit)
			account.Enter(Client, f)
		}
		if account.Over() != 0 {
			t.Fatalf("seed %d: %d over", seed, account.Over())
		}
		for stream, n := range left {
			for range n + 1 {
				account.Enter(Server, Frame{Type: Payload, Flags: Next, Stream: uint32(stream)})
			}
		}
		if account.Over() != int64(len(left)) {
			t.Fatalf("seed %d: %d over, want one of each of %d streams", seed, account.Over(), len(left))
		}
	}
}
