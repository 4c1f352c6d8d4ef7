package survey

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowlab/bench/traffic"
	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
)

// writer is what makes a capture up.
type writer interface{ Write(io.Writer) error }

// all compares what is not exported, too.
var all = cmp.Exporter(func(reflect.Type) bool { return true })

// made returns a made-up capture, header and records apart.
func made(t testing.TB, like writer) (header []byte, records [][]byte) {
	t.Helper()
	var b bytes.Buffer
	if err := like.Write(&b); err != nil {
		t.Fatal(err)
	}
	header, rest := b.Next(24), b.Bytes()
	for len(rest) > 0 {
		n := 16 + binary.LittleEndian.Uint32(rest[8:])
		records = append(records, rest[:n])
		rest = rest[n:]
	}
	return header, records
}

// save writes a capture file of these records.
func save(t testing.TB, header []byte, records [][]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.pcap")
	if err := os.WriteFile(path, bytes.Join(append([][]byte{header}, records...), nil), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// whole writes a made-up capture file.
func whole(t testing.TB, like writer) string {
	t.Helper()
	header, records := made(t, like)
	return save(t, header, records)
}

// views runs a survey and returns all that it receives.
func views(t testing.TB, s Survey) ([]diagnose.View, Source) {
	t.Helper()
	var all []diagnose.View
	s.Receive = func(_ *Source, v *diagnose.View) { all = append(all, *v) }
	source, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return all, source
}

var (
	small = traffic.Traffic{Packets: 30_000, Connections: 400, Open: 50, Snap: 96}
	// payload is read of this one, in many rounds.
	smallHTTP2 = traffic.HTTP2{Connections: 9, Streams: 30, Open: 5, Body: 40 << 10}
)

func TestWorkersGiveTheSameOfHTTP2(t *testing.T) {
	path := whole(t, smallHTTP2)
	want, _ := views(t, Survey{Files: []string{path}, Workers: 1})
	streams := 0
	for i := range want {
		if want[i].Layer.HTTP2 != nil {
			streams += len(want[i].Layer.HTTP2.Streams)
		}
	}
	if len(want) != smallHTTP2.Connections || streams == 0 {
		t.Fatalf("%d connections with %d streams, want %d with some", len(want), streams, smallHTTP2.Connections)
	}
	for _, workers := range []int{2, 3, 7} {
		got, _ := views(t, Survey{Files: []string{path}, Workers: workers})
		if diff := cmp.Diff(want, got, all); diff != "" {
			t.Errorf("%d workers (-want +got):\n%s", workers, diff)
		}
	}
}

func TestWorkersGiveTheSame(t *testing.T) {
	path := whole(t, small)
	want, source := views(t, Survey{Files: []string{path}, Workers: 1})
	if len(want) != small.Connections || source.Connections != len(want) || int(source.Packets) < small.Packets {
		t.Fatalf("%d connections and %d packets, want %d and %d", len(want), source.Packets, small.Connections, small.Packets)
	}
	for i, v := range want {
		if v.Number != i+1 {
			t.Fatalf("connection %d is received at place %d", v.Number, i+1)
		}
	}
	for _, workers := range []int{2, 3, 7} {
		got, again := views(t, Survey{Files: []string{path}, Workers: workers})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d workers (-want +got):\n%s", workers, diff)
		}
		if diff := cmp.Diff(source, again); diff != "" {
			t.Errorf("%d workers, the source (-want +got):\n%s", workers, diff)
		}
	}
}

// TestLiveGivesTheSame holds the analysis of a file to that of the same packets
// one by one.
func TestLiveGivesTheSame(t *testing.T) {
	t.Run("TCP", func(t *testing.T) { liveGivesTheSame(t, small) })
	t.Run("HTTP/2", func(t *testing.T) { liveGivesTheSame(t, smallHTTP2) })
}

func liveGivesTheSame(t *testing.T, like writer) {
	header, records := made(t, like)
	got, _ := views(t, Survey{Files: []string{save(t, header, records)}})
	r, err := capture.NewReader(bytes.NewReader(bytes.Join(append([][]byte{header}, records...), nil)))
	if err != nil {
		t.Fatal(err)
	}
	live := diagnose.New()
	for p, err := r.Next(); err != io.EOF; p, err = r.Next() {
		if err != nil {
			t.Fatal(err)
		}
		live.Observe(capture.Ethernet, p)
	}
	live.End(live.Last)
	for i, c := range live.Connections() {
		want := c.View(c.End, flow.Interval{}, 0)
		got := got[i]
		// Who is not over is seen until the last packet in a file.
		for d := range want.Directions {
			want.Directions[d].MeanWindow, got.Directions[d].MeanWindow = 0, 0
			want.Directions[d].Now, got.Directions[d].Now = diagnose.Now{}, diagnose.Now{}
		}
		if want.Layer.HTTP2 != nil { // its limits go on, too; what is read of it must be the same
			want, got = diagnose.View{Layer: want.Layer}, diagnose.View{Layer: got.Layer}
		}
		if diff := cmp.Diff(want, got, all); diff != "" {
			t.Fatalf("connection %d (-live +file):\n%s", i+1, diff)
		}
	}
}

func TestRingFilesAreOneCapture(t *testing.T) {
	header, records := made(t, small)
	want, _ := views(t, Survey{Files: []string{save(t, header, records)}})
	third := len(records) / 3
	files := []string{ // in any order
		save(t, header, records[third:2*third]), save(t, header, records[:third]), save(t, header, records[2*third:]),
	}
	got, source := views(t, Survey{Files: files})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-whole +ring):\n%s", diff)
	}
	if len(source.Interfaces) != 1 || source.Files[0].Name != files[1] || source.Files[2].FirstFrame != 2*third+1 {
		t.Errorf("interfaces %v, files %v; want one, and the files in order of time", source.Interfaces, source.Files)
	}
}

// TestTwoPointsAreTwoObservations reads the same packets from two files, as
// captures at two points have them.
func TestTwoPointsAreTwoObservations(t *testing.T) {
	path := whole(t, small)
	other := whole(t, small)
	all, source := views(t, Survey{Files: []string{path, other}})
	if len(all) != 2*small.Connections || len(source.Interfaces) != 2 {
		t.Fatalf("%d observations at %d interfaces, want %d at 2", len(all), len(source.Interfaces), 2*small.Connections)
	}
	near, far := all[0], all[small.Connections]
	if near.Interface == far.Interface || near.Directions[1].Resent != far.Directions[1].Resent {
		t.Errorf("the two are not told apart: interfaces %d and %d, %d and %d bytes sent again",
			near.Interface, far.Interface, near.Directions[1].Resent, far.Directions[1].Resent)
	}
}

func TestTruncatedFile(t *testing.T) {
	header, records := made(t, small)
	path := save(t, header, append(records[:1000:1000], records[1000][:50]))
	received := 0
	s := Survey{Files: []string{path}, Receive: func(*Source, *diagnose.View) { received++ }}
	source, err := s.Run(context.Background())
	if !errors.Is(err, io.ErrUnexpectedEOF) || !source.Truncated || source.Packets != 1000 || received == 0 {
		t.Errorf("%v, truncated: %v, %d packets, %d connections; want an unexpected end after 1000 packets", err, source.Truncated, source.Packets, received)
	}
}

func TestWithin(t *testing.T) {
	path := whole(t, small)
	all, _ := views(t, Survey{Files: []string{path}})
	part, _ := views(t, Survey{Files: []string{path}, Within: Span{Start: 10 * time.Millisecond, End: 30 * time.Millisecond}})
	for i := range part {
		for d := range part[i].Directions {
			here, ever := part[i].Directions[d].Limits.Total(), all[i].Directions[d].Limits.Total()
			if here > 20*time.Millisecond || here > ever {
				t.Fatalf("connection %d lived for %v of 20 ms, and %v in all", i+1, here, ever)
			}
		}
	}
}

func TestFramesNumberAsConnectionsDo(t *testing.T) {
	path := whole(t, small)
	all, _ := views(t, Survey{Files: []string{path}})
	s := Survey{Files: []string{path}}
	frames := 0
	_, err := s.RunFrames(context.Background(), func(_ *Source, f *Frame) {
		frames++
		if v := all[f.Connection-1]; f.Number != frames || v.ID != f.ID {
			t.Fatalf("frame %d is %d of connection %d (%v), which is %v", frames, f.Number, f.Connection, f.ID, v.ID)
		}
	})
	if err != nil || frames < small.Packets {
		t.Errorf("%d frames, %v", frames, err)
	}
}

func TestCancelled(t *testing.T) {
	path := whole(t, small)
	ctx, cancel := context.WithCancel(context.Background())
	s := Survey{Files: []string{path}, Receive: func(*Source, *diagnose.View) {}, Progress: func(int64, int64) { cancel() }}
	if source, err := s.Run(ctx); !errors.Is(err, context.Canceled) || source.Packets >= int64(small.Packets) {
		t.Errorf("%d packets, %v; want to be cancelled early", source.Packets, err)
	}
}

func BenchmarkSurvey(b *testing.B) {
	path := whole(b, traffic.Traffic{Packets: 500_000, Connections: 1000, Open: 300, Snap: 96})
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			packets := int64(0)
			for range b.N {
				s := Survey{Files: []string{path}, Workers: workers, Receive: func(*Source, *diagnose.View) {}}
				source, err := s.Run(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				packets += source.Packets
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/packet")
		})
	}
}
