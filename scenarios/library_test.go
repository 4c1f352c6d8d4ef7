package scenarios

import (
	"slices"
	"strings"
	"testing"
)

// mistakes are the problems and hints of an error, a line each.
func mistakes(err error) (lines []string) {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			lines = append(lines, mistakes(e)...)
		}
		return lines
	}
	return []string{err.Error()}
}

// What a library does not have is refused in a file, in the order of the file; the
// command line, which turns knobs later, is told the same.
func TestLibraries(t *testing.T) {
	for _, c := range []struct {
		name, knobs, steps string
		want               []string
	}{
		{"none", "producer: {protocol: h2}", "", nil},
		{"options", "producer: {protocol: h2, implementation: net-http, stream-window: 100kB}\nconsumer: {implementation: net-http, connection-window: 1MiB, max-streams: 7, read-rate: 1MB/s}", "", nil},
		{"what it does anyway", "producer: {protocol: h2}\nconsumer: {implementation: grpc-go, credit-connection: on-receipt, credit-stream: at-read}",
			"{at: 1s, open: {path: /a.B/C, sends: 10, message: 5}}", nil},
		{"no such option", "producer: {protocol: h2, implementation: net-http, max-streams: 3}\nconsumer: {implementation: net-http, padding: 8, credit-connection: on-receipt}", "", []string{
			"x.yaml:2:52: producer.max-streams: net-http has no such option",
			"x.yaml:3:38: consumer.padding: net-http has no such option",
			"x.yaml:3:50: consumer.credit-connection: net-http has no such option"}},
		{"windows that it does not take", "producer: {protocol: h2, implementation: net-http, stream-window: 0, connection-window: 100kB}\nconsumer: {max-streams: 0, implementation: net-http}", "", []string{
			"x.yaml:2:52: producer.stream-window: net-http has no window of 0",
			"x.yaml:2:70: producer.connection-window: net-http has no window of 100kB",
			"x.yaml:3:12: consumer.max-streams: net-http takes 0 for its default"}},
		{"no small window", "producer: {protocol: h2, implementation: grpc-go, stream-window: 65534}\nconsumer: {implementation: grpc-go}", "", []string{
			"x.yaml:2:51: producer.stream-window: grpc-go has no window of 65534B"}},
		{"two that do not understand each other", "producer: {protocol: h2, implementation: net-http}\nconsumer: {implementation: grpc-go}", "", []string{
			"x.yaml:2:26: grpc-go speaks only gRPC, and net-http here does not"}},
		{"turned", "producer: {protocol: h2}\nconsumer: {implementation: net-http}", "{at: 1s, set: {consumer.stream-window: 1MiB, producer.stream-window: 1MiB, consumer.read-rate: 0}}", []string{
			"x.yaml:5:20: consumer.stream-window: net-http takes its options when it starts"}},
		{"steps", "producer: {protocol: h2}\nconsumer: {implementation: net-http}", `{at: 1s, open: {path: /a, sends: 1, answer: {sends: 5, ends: false}}}
  - {at: 2s, credit: {path: /a, from: consumer, bytes: 1}, goaway: {from: consumer}}
  - {at: 3s, credit: {path: /a, from: producer, bytes: 1}, send: {path: /a, from: consumer, bytes: 1, message: 4}}
  - {at: 4s, reset: {path: /a, from: consumer, code: PROTOCOL_ERROR}}`, []string{
			"x.yaml:5:14: open /a: an answer of net-http ends with its last byte",
			"x.yaml:6:14: credit from the consumer: net-http gives it by its own rule",
			"x.yaml:6:60: goaway from the consumer: net-http has no call for it",
			"x.yaml:7:60: send from the consumer: the messages of a stream on net-http are all as long",
			"x.yaml:8:14: reset from the consumer: net-http resets with a code of its own, and not with PROTOCOL_ERROR"}},
		{"gRPC at a stock server", "producer: {protocol: h2}\nconsumer: {implementation: grpc-go}", `{at: 1s, open: {path: /a, sends: 1, message: 5}}
  - {at: 2s, open: {path: /a.B/C, sends: 1}}`, []string{
			"x.yaml:5:14: open /a: grpc-go wants /service/method",
			"x.yaml:6:14: open /a.B/C: grpc-go wants gRPC messages"}},
		{"gRPC at a stock client", "producer: {protocol: h2, implementation: grpc-go}", `{at: 1s, open: {path: /a.B/C, answer: {echo: true}}}
  - {at: 2s, open: {path: /a.B/D}}
  - {at: 2s, open: {path: /a.B/E, answer: {when: never}}}`, []string{
			"x.yaml:4:14: open /a.B/C: an echo of flowlab does not say that it is gRPC, which grpc-go wants",
			"x.yaml:5:14: open /a.B/D: grpc-go wants gRPC messages"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := ""
			if c.steps != "" {
				script = "script:\n  - " + c.steps + "\n"
			}
			_, err := parse("x.yaml", "x", []byte("title: x\n"+c.knobs+"\n"+script+"end: 6s\n"))
			if got := mistakes(err); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestLibraryOfTheCommandLine(t *testing.T) {
	s, err := Builtin("credit-leaks-on-reset")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CheckLibraries(); err != nil {
		t.Errorf("of flowlab's own: %v", err)
	}
	if err := s.Knobs.Set("consumer.implementation", NetHTTP); err != nil {
		t.Fatal(err)
	}
	if got := mistakes(s.CheckLibraries()); len(got) == 0 || !strings.HasPrefix(got[0], "consumer.") {
		t.Errorf("got %q, want what net-http does not have", got)
	}
	if err := s.Knobs.Turn("consumer.stream-window", "1MiB"); err == nil {
		t.Error("a window of net-http was turned while it runs")
	}
}
