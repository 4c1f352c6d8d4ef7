package diagnose

import (
	"strings"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/h2flow"
)

// A window that is larger by now is told as it was while it held the sender.
func TestWindowTooSmallTellsTheSizeThatHeld(t *testing.T) {
	const rtt = 100 * time.Millisecond
	v := View{RTT: rtt}
	h := &HTTPView{Streams: []StreamView{{ID: 1, Path: "/upload"}}}
	v.Layer.HTTP2 = h
	v.Directions[flow.Client].Limits[flow.ConnectionWindow] = time.Second
	h.Directions[flow.Client] = HTTPDirection{Updates: 10, Shut: 65_535, Largest: 16_000_000}
	half := &h.Streams[0].Halves[flow.Client]
	half.Limits[flow.StreamWindow] = time.Second
	half.Updates, half.Credited, half.Size = 10, 300_000, 30_000

	for name, c := range map[string]struct {
		found Finding
		want  string
	}{
		"connection": {connectionSize(&v, flow.Client), "window, 65,535 bytes, is too small for a round trip of 100ms"},
		"stream":     {windowSizeOfStream(&v, &h.Streams[0], flow.Client), "window of stream 1 (/upload), 30,000 bytes, is too small"},
	} {
		if !strings.Contains(c.found.Text, c.want) {
			t.Errorf("%s: %q, want it to say %q", name, c.found.Text, c.want)
		}
	}
	if f := connectionSize(&v, flow.Client); strings.Contains(f.Text, "never grew") {
		t.Errorf("a window that grew: %q", f.Text)
	}

	// Of crumbs it is said that they are, and not that the window is too small.
	half.Updates, half.Credited = 50, 5000
	if f := windowSizeOfStream(&v, &h.Streams[0], flow.Client); f.Rule != "" {
		t.Errorf("with updates of 100 bytes: %q", f.Text)
	}
	if f := silly(&v, &h.Streams[0], flow.Client); f.Rule != "tiny-updates" {
		t.Errorf("with updates of 100 bytes the finding is %q", f.Rule)
	}
}

// That a sender stops after 65,535 bytes is its deafness to SETTINGS only if it is not
// where the connection's window ended.
func TestSettingsIgnored(t *testing.T) {
	for name, c := range map[string]struct {
		shut int64
		want string
	}{
		"the connection's window was never shut":  {0, "settings-ignored"},
		"it was shut, and larger":                 {100_000, "settings-ignored"},
		"it was shut after as many bytes as that": {65_535, ""},
	} {
		var v View
		v.Layer.HTTP2 = &HTTPView{Streams: []StreamView{{ID: 1}}}
		d, s := &v.Layer.HTTP2.Directions[flow.Client], &v.Layer.HTTP2.Streams[0]
		d.Shut, d.Initial = c.shut, h2flow.Window{Low: 1 << 20, High: 1 << 20}
		d.Window = h2flow.Window{Low: 65_535, High: 65_535}
		half := &s.Halves[flow.Client]
		half.Wants, half.Sent, half.Window = true, 65_535, h2flow.Window{Low: 983_041, High: 983_041}
		if f := deafness(&v, s, flow.Client); f.Rule != c.want {
			t.Errorf("%s: finding %q, want %q", name, f.Rule, c.want)
		}
	}
}

// A window that padding has shut is told of, also where some credit came for it.
func TestPaddingNotCredited(t *testing.T) {
	const filler, content = 35_000, 240_000
	for name, c := range map[string]struct {
		credited int64
		holder   flow.HeldBy
		stalled  time.Duration
		want     string
		missing  string
	}{
		"none of it came back":          {content, flow.PeerLibrary, time.Second, "padding-not-credited", ": 35,000 bytes are missing"},
		"5,000 bytes of it came back":   {content + 5000, flow.PeerLibrary, time.Second, "padding-not-credited", ": 30,000 bytes are missing"},
		"it did, and nothing is held":   {content + 5000, flow.Nobody, 0, "", ""},
		"all came back":                 {content + filler, flow.Nobody, 0, "", ""},
		"the reader shut it, with data": {content - 1000, flow.Reader, time.Second, "stream-not-read", ""},
	} {
		var v View
		v.Layer.HTTP2 = &HTTPView{Streams: []StreamView{{ID: 1}}}
		s := &v.Layer.HTTP2.Streams[0]
		half := &s.Halves[flow.Client]
		half.Sent, half.Padding, half.Holder = content+filler, filler, c.holder
		half.Credited, half.Unreturned = c.credited, content+filler-c.credited
		half.Limits[flow.StreamWindow] = c.stalled
		if c.stalled > 0 {
			half.Stalls = []Stall{{Interval: flow.Interval{End: flow.Time(c.stalled)}}}
		}
		var rules []string
		for _, rule := range []func(*View, *StreamView, flow.Side) Finding{notRead, padding} {
			f := rule(&v, s, flow.Client)
			if f.Rule != "" {
				rules = append(rules, f.Rule)
			}
			if f.Rule == "padding-not-credited" && !strings.Contains(f.Text, c.missing) {
				t.Errorf("%s: %q, want it to say %q", name, f.Text, c.missing)
			}
		}
		if got := strings.Join(rules, " "); got != c.want {
			t.Errorf("%s: findings %q, want %q", name, got, c.want)
		}
	}
}
