package export

import (
	"fmt"
	"strings"

	"flowlab/flow"
	"flowlab/h2flow"
)

// Text is what a side's packet says.
type Text struct {
	From flow.Side
	Text string
}

// HTTP says what is worth knowing of the frames that a packet ended or began: all but
// DATA, and DATA that shut a window. Each text begins with its kind and a colon. The
// ledger is that of the connection after the packet.
func HTTP(l *h2flow.Ledger, events []h2flow.Event) (texts []Text) {
	for i := range events {
		e := &events[i]
		add := func(format string, args ...any) {
			texts = append(texts, Text{e.From, fmt.Sprintf(format, args...)})
		}
		switch {
		case e.Kind == h2flow.FrameEnded && e.Frame.Type == h2flow.WindowUpdate:
			add("%s%s", frameText(l, &e.Frame), grown(l, events, i))
		case e.Kind == h2flow.FrameEnded:
			if text := frameText(l, &e.Frame); text != "" {
				add("%s", text)
			}
		case e.Kind == h2flow.FrameBegun && e.Frame.Type == h2flow.Data && e.Frame.Length > 0:
			if w := l.Direction(e.From).Window(); w.Shut() {
				add("connection window shut: %v bytes", w)
			}
			if s := l.Stream(e.Stream); s != nil {
				if w := l.Window(s, e.From); w.Shut() {
					add("stream window shut: %s %v bytes", streamText(l, e.Stream), w)
				}
			}
		case e.Kind.Violation():
			add("rule broken: %v", e)
		}
	}
	return texts
}

// grown says from what to what the WINDOW_UPDATE of an event let the window grow, if
// that is known: the ledger is that after the last event, so what came between must
// be nothing but more of the same.
func grown(l *h2flow.Ledger, events []h2flow.Event, i int) string {
	update := &events[i]
	after := l.Direction(update.From.Peer()).Window()
	if id := update.Frame.Stream; id != 0 {
		s := l.Stream(id)
		if s == nil {
			return "" // it is over
		}
		after = l.Window(s, update.From.Peer())
	}
	if !after.Known() {
		return ""
	}
	now := after.Low
	for k := range events[i+1:] {
		e := &events[i+1+k]
		switch f := &e.Frame; {
		case e.From != update.From || e.Kind == h2flow.Missed || e.Kind.Violation():
			return ""
		case e.Kind == h2flow.FrameEnded && f.Type == h2flow.Settings:
			return ""
		case e.Kind == h2flow.FrameEnded && f.Type == h2flow.WindowUpdate && f.Stream == update.Frame.Stream:
			now -= int64(f.Increment)
		}
	}
	return fmt.Sprintf(", window %s -> %s", flow.Grouped(now-int64(update.Frame.Increment)), flow.Grouped(now))
}

// frameText describes a frame, "" for one of which nothing is said.
func frameText(l *h2flow.Ledger, f *h2flow.Frame) string {
	on := "connection"
	if f.Stream != 0 {
		on = streamText(l, f.Stream)
	}
	switch f.Type {
	case h2flow.WindowUpdate:
		return fmt.Sprintf("%v: %s +%d", f.Type, on, f.Increment)
	case h2flow.Settings:
		return "SETTINGS: " + settingsText(f)
	case h2flow.Headers:
		return "HEADERS: " + on
	case h2flow.RSTStream:
		return fmt.Sprintf("%v: %s %v", f.Type, on, f.Code)
	case h2flow.GoAway:
		return fmt.Sprintf("GOAWAY: after stream %d, %v", f.Last, f.Code)
	}
	return ""
}

// streamText names a stream.
func streamText(l *h2flow.Ledger, id uint32) string {
	if s := l.Stream(id); s != nil && s.Path != "" {
		return fmt.Sprintf("stream %d (%s)", id, s.Path)
	}
	return fmt.Sprintf("stream %d", id)
}

// settingsText lists the settings that matter for flow control.
func settingsText(f *h2flow.Frame) string {
	if f.Flags.Has(h2flow.Ack) {
		return "acknowledged"
	}
	var list []string
	for _, s := range []struct {
		setting h2flow.Setting
		name    string
	}{
		{h2flow.InitialWindowSize, "INITIAL_WINDOW_SIZE"},
		{h2flow.MaxConcurrentStreams, "MAX_CONCURRENT_STREAMS"},
		{h2flow.MaxFrameSize, "MAX_FRAME_SIZE"},
	} {
		if v, given := f.Settings.Get(s.setting); given {
			list = append(list, fmt.Sprintf("%s %d", s.name, v))
		}
	}
	if len(list) == 0 {
		return "no window and no limit"
	}
	return strings.Join(list, ", ")
}
