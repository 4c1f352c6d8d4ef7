package scenarios

import (
	"testing"
)

func TestExpectationStrings(t *testing.T) {
	for _, c := range []struct {
		yaml, want string
	}{
		{"{event: zero-window, from: consumer}",
			"the consumer shows zero-window at least once in the whole run"},
		{"{event: window-probe, from: producer, between: [1s, 4s], at-least: 2}",
			"the producer shows window-probe at least 2 times in 1 s to 4 s"},
		{"{event: retransmission, from: producer, at-most: 0}",
			"the producer never shows retransmission in the whole run"},
		{"{event: window-update, from: consumer, at-most: 3}",
			"the consumer shows window-update at most 3 times in the whole run"},
		{"{event: window-update, from: consumer, at-least: 3, at-most: 3}",
			"the consumer shows window-update exactly 3 times in the whole run"},
		{"{event: window-update, from: consumer, at-least: 3, at-most: 5}",
			"the consumer shows window-update 3 to 5 times in the whole run"},
		{"{limit: receive-window, of: producer, during: [2s, 4s], at-least: 95%}",
			"the producer is held by receive-window at least 95 % of 2 s to 4 s"},
		{"{limit: receive-window, of: producer, during: [500ms, 4s], at-least: 95%, held-by: reader}",
			"the producer is held by receive-window at least 95 % of 0.5 s to 4 s, where reader could let it go"},
		{"{limit: nagle, of: producer, at-most: 5%}",
			"the producer is held by nagle at most 5 % of the whole run"},
		{"{limit: nagle, of: producer, at-most: 0%}",
			"the producer is held by nagle at no time of the whole run"},
		{"{limit: nagle, of: producer, at-least: 0.5%, at-most: 5%}",
			"the producer is held by nagle 0.5 % to 5 % of the whole run"},
		{"{goodput: {at-least: 5MB/s}, during: [1s, 6s]}",
			"the goodput is at least 5 MB/s in 1 s to 6 s"},
		{"{goodput: {at-most: 900kB/s}}",
			"the goodput is at most 900 kB/s in the whole run"},
		{"{goodput: {at-least: 900kB/s, at-most: 1100kB/s}}",
			"the goodput is 900 kB/s to 1100 kB/s in the whole run"},
		{"{goodput: {window-per-rtt: 10%}, during: [1s, 2s]}",
			"the goodput is within 10 % of window / RTT in 1 s to 2 s"},
	} {
		t.Run(c.yaml, func(t *testing.T) {
			s, err := parse("x.yaml", "x", []byte("title: X\nend: 6s\nexpect:\n  - "+c.yaml+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Expect[0].String(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
