package interop

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/internal/need"
	"flowlab/tlsrec"
)

// flight is what a side announces before anything else.
type flight struct {
	stream     int64 // INITIAL_WINDOW_SIZE
	connection int64 // with the updates that come before anything but SETTINGS
	streams    int64 // MAX_CONCURRENT_STREAMS
}

// Where a side announces nothing, RFC 9113 6.5.2 and 6.9.2 hold.
const unlimited = h2flow.NoLimit

var defaults = flight{65535, 65535, unlimited}

// hop is a connection's server port and which of its sides announced something.
type hop struct {
	port uint16
	side flow.Side
}

// seen is what a capture shows.
type seen struct {
	frames  map[int]int     // by type
	flights map[hop]flight  // of the first connection to a port
	views   []diagnose.View // of all connections
}

// read takes a capture through the pipeline.
func read(t *testing.T, file, keylog string) seen {
	t.Helper()
	got := seen{frames: map[int]int{}, flights: map[hop]flight{}}
	s := survey.Survey{Files: []string{file}, Keys: keys(t, keylog), Receive: func(_ *survey.Source, v *diagnose.View) { got.views = append(got.views, *v) }}
	if _, err := s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	first := map[uint16]int{} // connection by port
	over := map[hop]bool{}    // it has sent something else
	_, err := s.RunFrames(context.Background(), func(_ *survey.Source, f *survey.Frame) {
		for i := range f.HTTP {
			e := &f.HTTP[i]
			if e.Kind != h2flow.FrameEnded {
				continue
			}
			got.frames[int(e.Frame.Type)]++
			port := f.ID.Server.Port
			if first[port] == 0 {
				first[port] = f.Connection
			}
			at := hop{port, e.From}
			if first[port] != f.Connection || over[at] {
				continue
			}
			x, known := got.flights[at]
			if !known {
				x = defaults
			}
			over[at] = !x.add(&e.Frame)
			got.flights[at] = x
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// add enters a frame of the first flight; it is false if the frame is not of it.
func (x *flight) add(f *h2flow.Frame) bool {
	switch {
	case f.Type == h2flow.Settings:
		if n, given := f.Settings.Get(h2flow.InitialWindowSize); given {
			x.stream = int64(n)
		}
		if n, given := f.Settings.Get(h2flow.MaxConcurrentStreams); given {
			x.streams = int64(n)
		}
	case f.Type == h2flow.WindowUpdate && f.Stream == 0:
		x.connection += int64(f.Increment)
	default:
		return f.Type == h2flow.Priority
	}
	return true
}

func keys(t *testing.T, keylog string) *tlsrec.Keys {
	k := tlsrec.NewKeys()
	if keylog == "" {
		return k
	}
	data, err := os.ReadFile(keylog)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = k.Write(data) // which does not fail
	k.Flush()
	return k
}

// lawful holds the windows to RFC 9113: none is overrun, overflows or goes below zero,
// as nobody here lowers a setting.
func (s *seen) lawful(t *testing.T) {
	t.Helper()
	for _, v := range s.views {
		h := v.Layer.HTTP2
		if h == nil {
			t.Errorf("%v is not taken for HTTP/2: %+v", v.ID, v.Layer)
			continue
		}
		for _, b := range h.Violations {
			t.Errorf("%v: %v, packet %d", v.ID, &b.Event, b.Frame)
		}
		for i := range h.Directions {
			from := flow.Side(i)
			if d := &h.Directions[i]; !d.Window.Known() || d.Lowest < 0 {
				t.Errorf("%v: the connection's window of the %v is %v, and was %d at the lowest", v.ID, from, d.Window, d.Lowest)
			}
			for _, x := range h.Streams {
				if low := x.Halves[i].Lowest; low < 0 {
					t.Errorf("%v: the window of stream %d of the %v was %d at the lowest", v.ID, x.ID, from, low)
				}
			}
		}
	}
}

// asTshark holds the frames to tshark's.
func (s *seen) asTshark(t *testing.T, file, keylog string, ports []int) {
	t.Helper()
	// What its dissector of gRPC makes of raw bytes ends the reading of a packet.
	args := []string{"--disable-protocol", "grpc", "-r", file, "-Y", "http2.type", "-T", "fields", "-e", "http2.type"}
	for _, port := range ports {
		protocol := "http2"
		if keylog != "" {
			protocol = "tls"
		}
		args = append(args, "-d", fmt.Sprintf("tcp.port==%d,%s", port, protocol))
	}
	if keylog != "" {
		args = append(args, "-o", "tls.keylog_file:"+keylog)
	}
	out, err := exec.Command(need.Program(t, "tshark"), args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[int]int{}
	for line := range strings.Lines(string(out)) {
		for one := range strings.SplitSeq(strings.TrimSpace(line), ",") {
			if n, err := strconv.Atoi(one); err == nil {
				theirs[n]++
			}
		}
	}
	if !maps.Equal(s.frames, theirs) {
		t.Errorf("frames by type %v, by tshark %v", s.frames, theirs)
	}
}
