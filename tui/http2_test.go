package tui

import (
	"testing"
	"time"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tui/parts"
)

// httpScene is a scene whose second stream has no credit of its own.
func httpScene() *scene {
	s := testScene(3200 * time.Millisecond)
	s.scenario.Title = "One unread stream starves all others"
	s.snapshot.Knobs.Producer.Protocol = scenarios.H2
	s.snapshot.Knobs.Consumer.ReadRate = scenarios.Unlimited
	s.snapshot.Producer.Writing, s.snapshot.Consumer.Queue = 0, 0
	s.snapshot.Caption = "The consumer's handler of /unread does not read."
	s.snapshot.Log = []play.Entry{
		{At: 300 * time.Millisecond, Kind: play.ActionDone, Who: "producer", Text: "the producer opens /unread and sends unlimited"},
		{At: 519 * time.Millisecond, Who: "producer", Text: "stream window shut: stream 3 (/unread) 0 bytes"},
	}
	h := &diagnose.HTTPView{Streams: []diagnose.StreamView{{ID: 3, Path: "/unread"}, {ID: 5, Path: "/small"}}}
	h.Directions[flow.Client] = diagnose.HTTPDirection{Window: exactly(1 << 20), Open: 2, Unreturned: 1 << 20}
	h.Streams[0].Halves[flow.Client] = diagnose.HalfView{Wants: true, Window: exactly(0), Unreturned: 65_535}
	v := s.view()
	v.Layer.HTTP2 = h
	v.Directions[flow.Client].Now = diagnose.Now{Cause: flow.StreamWindow, HeldBy: flow.Reader, For: 2700 * time.Millisecond}
	v.Directions[flow.Server].Now = diagnose.Now{Cause: flow.Application, HeldBy: flow.SenderApplication}
	return s
}

func exactly(n int64) h2flow.Window { return h2flow.Window{Low: n, High: n} }

func TestHTTP2Screen(t *testing.T) {
	goldenView(t, "http2", func(*screen) func(*parts.Canvas) { return httpScene().draw })
}

func TestHTTP2Verdict(t *testing.T) {
	for _, c := range []struct {
		cause flow.Cause
		by    flow.HeldBy
		want  string
	}{
		{flow.StreamWindow, flow.Reader, "held by STREAM WINDOW for 1.0 s: the consumer does not read the stream"},
		{flow.StreamWindow, flow.WindowSize, "held by STREAM WINDOW for 1.0 s: the stream's window is too small for this path"},
		{flow.StreamWindow, flow.PeerSettings, "held by STREAM WINDOW for 1.0 s: the consumer's SETTINGS allow no more"},
		{flow.StreamWindow, flow.PeerLibrary, "held by STREAM WINDOW for 1.0 s: the consumer's library gives no credit for what was read"},
		{flow.ConnectionWindow, flow.CreditHeld, "held by CONNECTION WINDOW for 1.0 s: streams that the consumer does not read have all credit"},
		{flow.ConnectionWindow, flow.CreditLeaked, "held by CONNECTION WINDOW for 1.0 s: the consumer never gave back credit of streams that are over"},
		{flow.ConnectionWindow, flow.WindowSize, "held by CONNECTION WINDOW for 1.0 s: the connection's window is too small for this path"},
		{flow.StreamLimit, flow.PeerSettings, "held by STREAM LIMIT for 1.0 s: the consumer lets no more streams be open"},
		{flow.ReceiveWindow, flow.Reader, "held by RECEIVE WINDOW for 1.0 s: the consumer does not read its socket"},
	} {
		s := httpScene()
		s.snapshot.Knobs.Consumer.HTTP2.ReadSocket = c.cause != flow.ReceiveWindow
		s.sender().Now = diagnose.Now{Cause: c.cause, HeldBy: c.by, For: time.Second}
		if got := s.verdict().text(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// Where only the consumer's sending is held, that is what the verdict is about.
func TestHTTP2VerdictOfTheConsumer(t *testing.T) {
	s := httpScene()
	v := s.view()
	v.Directions[flow.Client].Now = diagnose.Now{Cause: flow.Application, HeldBy: flow.SenderApplication, For: time.Second}
	v.Directions[flow.Server].Now = diagnose.Now{Cause: flow.StreamWindow, HeldBy: flow.Reader, For: time.Second}
	want := "the consumer is held by STREAM WINDOW for 1.0 s: the producer does not read the stream"
	if got := s.verdict().text(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestHTTP2AccountToWatch(t *testing.T) {
	s := httpScene()
	if got, want := tightest(s.http2()), (credit{"stream 3", 65_535, 65_535}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	s.http2().Directions[flow.Client].Window = exactly(0)
	if got, want := tightest(s.http2()), (credit{"connection", 1 << 20, 1 << 20}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
