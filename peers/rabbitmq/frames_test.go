package rabbitmq

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
)

// frame returns a frame of AMQP 1.0 with a body in hexadecimal.
func frame(t testing.TB, body string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(body, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{0, 0, 0, byte(8 + len(b)), 2, 0, 0, 0}, b...)
}

// TestFrames: flows and transfers are told, in all the widths that a number has, and other
// frames are passed over; however the bytes are cut.
func TestFrames(t *testing.T) {
	var stream []byte
	for _, p := range [][]byte{
		[]byte("AMQP\x03\x01\x00\x00"),
		{0, 0, 0, 9, 2, 1, 0, 0, 0xff}, // SASL
		[]byte("AMQP\x00\x01\x00\x00"),
		{0, 0, 0, 8, 2, 0, 0, 0},                                      // empty
		frame(t, "005310 c0 03 01 a1 00"),                             // open
		frame(t, "005313 c0 0e 07 43 70 00000800 43 5264 43 43 520a"), // flow of a link
		frame(t, "005313 c0 05 04 43 43 43 43"),                       // flow of the session only
		frame(t, "00 80 0000000000000013 d0 0000000f 00000007 43 43 43 43 43 7000000064 43"),
		frame(t, "005314 c0 07 04 43 43 a0 01 00 43"),      // transfer
		frame(t, "005314 c0 09 06 43 43 a0 01 01 43 4241"), // transfer, to go on
		frame(t, "005318 45"),                              // close
	} {
		stream = append(stream, p...)
	}
	want := []performative{
		{code: flowCode, hasCredit: true, credit: 10},
		{code: flowCode},
		{code: flowCode, hasCredit: true, deliveryCount: 100},
		{code: transferCode},
		{code: transferCode, more: true},
	}
	for size := 1; size <= len(stream); size++ {
		var got []performative
		f := frames{say: func(p performative) { got = append(got, p) }}
		for piece := range slices.Chunk(stream, size) {
			f.feed(piece)
		}
		if f.err != nil || !slices.Equal(got, want) {
			t.Fatalf("in pieces of %d: %+v, %v", size, got, f.err)
		}
	}
}

// TestNoFrames: what is no frame is an error, and nothing is read any more.
func TestNoFrames(t *testing.T) {
	for name, bytes := range map[string][]byte{
		"a length of 7":           {0, 0, 0, 7, 2, 0, 0, 0},
		"a length of 4 GB":        []byte("\xff\xff\xff\xff\x02\x00\x00\x00"),
		"a body in the header":    {0, 0, 0, 9, 1, 0, 0, 0, 0},
		"a body behind the end":   {0, 0, 0, 9, 9, 0, 0, 0, 0},
		"no performative":         frame(t, "445310"),
		"no list":                 frame(t, "005313 43"),
		"a list that is cut":      frame(t, "005313 c0 20 07 43"),
		"a number that is cut":    frame(t, "005313 c0 03 07 70 00"),
		"a value that is missing": frame(t, "0053"),
		"a wrong constructor":     frame(t, "005313 c0 02 01 00"),
	} {
		f := frames{say: func(p performative) { t.Errorf("%s: %+v is told", name, p) }}
		f.feed(bytes)
		if !errors.Is(f.err, errFrame) {
			t.Errorf("%s: the error is %v", name, f.err)
		}
		f.feed(frame(t, "005314 45"))
	}
}

// TestLink: credit is what the latest flow says, also where its numbers wrap.
func TestLink(t *testing.T) {
	var l link
	l.flow(performative{code: flowCode, hasCredit: true, deliveryCount: 0xfffffffe, credit: 3})
	l.flow(performative{code: flowCode})
	for range 3 {
		l.transfer(performative{code: transferCode, more: true})
		l.transfer(performative{code: transferCode})
	}
	if allowed, delivered, flows, beyond := l.count(); allowed != 3 || delivered != 3 || flows != 1 || beyond {
		t.Errorf("%d of %d by %d flows, beyond: %t", delivered, allowed, flows, beyond)
	}
	l.flow(performative{code: flowCode, hasCredit: true, deliveryCount: 1, credit: 1})
	l.transfer(performative{code: transferCode})
	if allowed, _, _, beyond := l.count(); allowed != 4 || beyond {
		t.Errorf("%d allowed, beyond: %t", allowed, beyond)
	}
	l.transfer(performative{code: transferCode})
	if _, _, _, beyond := l.count(); !beyond {
		t.Error("a delivery without credit is not seen")
	}
}

// FuzzFrames: whatever comes, in whatever pieces, nothing breaks, and the pieces do not
// matter.
func FuzzFrames(f *testing.F) {
	f.Add(frame(f, "005313 c0 0e 07 43 70 00000800 43 5264 43 43 520a"), 3)
	f.Add(frame(f, "005314 c0 07 04 43 43 a0 01 00 43"), 1)
	f.Add([]byte("AMQP\x00\x01\x00\x00\x00\x00\x00\x08\x02\x00\x00\x00"), 5)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		var whole, pieces []performative
		one := frames{say: func(p performative) { whole = append(whole, p) }}
		one.feed(b)
		many := frames{say: func(p performative) { pieces = append(pieces, p) }}
		for piece := range slices.Chunk(b, 1+size&0xff) {
			many.feed(piece)
		}
		if !slices.Equal(whole, pieces) || (one.err == nil) != (many.err == nil) {
			t.Errorf("%+v %v in one, %+v %v in pieces", whole, one.err, pieces, many.err)
		}
	})
}
