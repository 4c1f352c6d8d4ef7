package tui

import (
	"testing"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
)

func TestVerdict(t *testing.T) {
	const at = 3200 * time.Millisecond // stalled for two seconds, by history
	second := func(c flow.Cause, by flow.HeldBy) diagnose.Now {
		return diagnose.Now{Cause: c, HeldBy: by, For: time.Second}
	}
	for _, c := range []struct {
		now  diagnose.Now
		want string
	}{
		{second(flow.ReceiveWindow, flow.Reader), "held by RECEIVE WINDOW for 1.0 s: the consumer does not read its socket"},
		{second(flow.ReceiveWindow, flow.WindowSize), "held by RECEIVE WINDOW for 1.0 s: the window is too small for this path"},
		{second(flow.ReceiveWindow, flow.LostUpdate), "held by RECEIVE WINDOW for 1.0 s: the update that opened the window was lost; only a probe can tell"},
		{second(flow.Congestion, flow.Path), "held by CONGESTION for 1.0 s: the path takes no more"},
		{second(flow.LossRecovery, flow.Path), "held by LOSS RECOVERY for 1.0 s: the path loses packets"},
		{second(flow.Nagle, flow.SenderSocket), "held by NAGLE for 1.0 s: a short segment waits for an ACK"},
		{second(flow.Handshake, flow.Nobody), "held by HANDSHAKE for 1.0 s: the connection is being opened"},
		{second(flow.Unknown, flow.Nobody), "held by UNKNOWN for 1.0 s: packets are missing"},
		{second(flow.Application, flow.SenderApplication), "nobody holds the sender: it has nothing to send"},
		{diagnose.Now{Cause: flow.ReceiveWindow, HeldBy: flow.Reader, For: 2 * time.Second, Undecided: 300 * time.Millisecond},
			"held by RECEIVE WINDOW for 2.0 s: the consumer does not read its socket (undecided)"},
		{diagnose.Now{Cause: flow.Congestion, HeldBy: flow.Path, For: 10 * time.Millisecond, Undecided: 10 * time.Millisecond},
			"held mostly by RECEIVE WINDOW (100 % lately): the consumer does not read its socket"},
	} {
		s := testScene(at)
		s.sender().Now = c.now
		if got := s.verdict().text(); got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.now, got, c.want)
		}
	}

	slow := testScene(900 * time.Millisecond) // whose reader reads
	slow.sender().Now = second(flow.ReceiveWindow, flow.Reader)
	if got, want := slow.verdict().text(), "held by RECEIVE WINDOW for 1.0 s: the consumer does not read its socket fast enough"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
