package watch

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"flowlab/flow"
)

// frames is what a side writes to a framer.
func frames(server bool, pause time.Duration, write func(*http2.Framer)) spoken {
	var b bytes.Buffer
	if !server && pause == 0 {
		b.WriteString(http2.ClientPreface)
	}
	write(http2.NewFramer(&b, nil))
	return spoken{server: server, pause: pause, bytes: b.Bytes()}
}

// upload is a client that fills a window of 65,535 bytes with stream 1, waits for a
// second, and goes on for as much. What the server gives at first and at last is told.
func upload(initial uint32, first, last func(*http2.Framer)) []spoken {
	const soon = time.Millisecond
	fill := func(f *http2.Framer) {
		for left := 65535; left > 0; left -= min(left, 16384) {
			_ = f.WriteData(1, false, make([]byte, min(left, 16384)))
		}
	}
	all := []spoken{
		frames(false, 0, func(f *http2.Framer) { _ = f.WriteSettings() }),
		frames(true, soon, func(f *http2.Framer) {
			_ = f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: initial})
			_ = f.WriteSettingsAck()
			first(f)
		}),
		frames(false, soon, func(f *http2.Framer) {
			_ = f.WriteSettingsAck()
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x83, 0x84, 0x86}, EndHeaders: true})
			fill(f)
		}),
	}
	for range 9 { // something else passes meanwhile
		all = append(all, frames(true, 100*time.Millisecond, func(f *http2.Framer) { _ = f.WritePing(true, [8]byte{}) }))
	}
	return append(all,
		frames(true, 100*time.Millisecond, last),
		frames(false, soon, func(f *http2.Framer) { _ = f.WriteData(1, true, make([]byte, 1000)) }),
	)
}

func nothing(*http2.Framer) {}

// A stall of HTTP/2 is told once while it lasts and once when it is over: of the stream
// if its own window makes it, else of all that the client sends, with who has the credit.
func TestStallOfHTTP2(t *testing.T) {
	connection := func(f *http2.Framer) { _ = f.WriteWindowUpdate(0, 1<<20) }
	stream := func(f *http2.Framer) { _ = f.WriteWindowUpdate(1, 1<<20) }
	both := func(f *http2.Framer) { connection(f); stream(f) }
	for _, c := range []struct {
		name        string
		initial     uint32
		first, last func(*http2.Framer)
		want        []string
		finding     string
	}{
		{"the stream's window", 65535, connection, stream, []string{
			"1: stream 1 by stream-window, 65535 unread", "2: stream 1 by stream-window, 0 unread"}, ""},
		{"the connection's window", 1 << 20, nothing, connection, []string{
			"1: stream 0 by connection-window, stream 1 (/) has 65,535 bytes", "2: stream 0 by connection-window"}, ""},
		{"both at once", 65535, nothing, both, []string{
			"1: stream 0 by connection-window, stream 1 (/) has 65,535 bytes", "2: stream 0 by connection-window"}, ""},
		{"neither", 1 << 20, connection, nothing, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{step: 10 * time.Microsecond, whole: map[uint16]int{}}
			w.play(1000, upload(c.initial, c.first, c.last))
			var told, found []string
			run := Watch{Source: w, Most: 10, Event: func(e *Event) {
				switch e.What {
				case Found:
					found = append(found, e.Finding.Rule)
				case Stalled, Released:
					text := fmt.Sprintf("%d: stream %d by %v", e.What, e.Stream, e.Stall.Cause)
					if e.Stream != 0 {
						text += fmt.Sprintf(", %d unread", e.Unread)
					}
					if holders := e.Holders.Text(); holders != "" {
						text += ", " + holders
					}
					told = append(told, text)
					if e.What == Released && (e.Stall.Length() < 990*time.Millisecond || e.Stall.Length() > 1010*time.Millisecond) {
						t.Errorf("it lasted %v, want 1 s", e.Stall.Length())
					}
					if e.From != flow.Client || e.What == Stalled && e.Stall.Length() < 200*time.Millisecond {
						t.Errorf("%v of the %v", e.Stall, e.From)
					}
				}
			}}
			if _, err := run.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(told, c.want) {
				t.Errorf("told %q, want %q", told, c.want)
			}
			if c.finding == "" && len(found) > 0 || c.finding != "" && !slices.Equal(found, []string{c.finding}) {
				t.Errorf("found %q, want %q", found, c.finding)
			}
		})
	}
}
