package play

import (
	"fmt"
	"strings"

	"flowlab/flow"
	"flowlab/h2flow"
)

// httpTexts says what is worth knowing of the frames that a packet ended or began:
// all but DATA, and DATA that shut a window. Each text begins with its kind and a
// colon.
func httpTexts(l *h2flow.Ledger, events []h2flow.Event) (texts []httpText) {
	for i := range events {
		e := &events[i]
		add := func(format string, args ...any) {
			texts = append(texts, httpText{e.From, fmt.Sprintf(format, args...)})
		}
		switch {
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

// httpText is what a side's frame says.
type httpText struct {
	from flow.Side
	text string
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
