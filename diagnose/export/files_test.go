package export

import (
	"bytes"
	order "cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowlab/bench/traffic"
	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/internal/need"
	"flowlab/tlsrec"
)

// most is of how many connections of a capture the export is tested.
const most = 6

// all compares what is not exported, too.
var all = cmp.Exporter(func(reflect.Type) bool { return true })

// exported writes a connection of a file to another, and returns that one's name.
func exported(t *testing.T, path string, number int) string {
	t.Helper()
	x := Files{Survey: survey.Survey{Files: []string{path}, Keys: tlsrec.NewKeys()}, Connections: []int{number}}
	if _, err := x.Analyse(t.Context()); err != nil && !damaged(err) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "exported.pcapng")
	file, err := capture.Create(to, nil, capture.FileOptions{Comment: x.Comment()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Write(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return to
}

// analysed returns all connections of a file, and the numbers of each one's packets.
func analysed(t *testing.T, path string) (views []*diagnose.View, frames map[int][]int) {
	t.Helper()
	s := survey.Survey{Files: []string{path}, Keys: tlsrec.NewKeys(), Receive: func(_ *survey.Source, v *diagnose.View) { views = append(views, v) }}
	if _, err := s.Run(context.Background()); err != nil {
		t.Logf("%s: %v", filepath.Base(path), err)
	}
	frames = map[int][]int{}
	_, _ = s.RunFrames(context.Background(), func(_ *survey.Source, f *survey.Frame) {
		frames[f.Connection] = append(frames[f.Connection], f.Number)
	})
	return views, frames
}

// packets reads all packets of a file, its interfaces, and the keys that it carries.
func packets(t *testing.T, path string) (list []capture.Packet, interfaces []capture.Interface, keys []capture.Secrets) {
	t.Helper()
	r, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		p, err := r.Next()
		if err != nil {
			keys, _ = r.Secrets()
			return list, r.Interfaces(), keys
		}
		p.Data = bytes.Clone(p.Data)
		list = append(list, p)
	}
}

// sources are captures that were made up, and those of others.
func sources(t *testing.T) (paths []string) {
	t.Helper()
	for name, like := range map[string]interface{ Write(io.Writer) error }{
		"tcp.pcap":   traffic.Traffic{Packets: 5000, Connections: 40, Open: 10, Snap: 96},
		"http2.pcap": traffic.HTTP2{Connections: 3, Streams: 10, Open: 3, Body: 40 << 10},
	} {
		var b bytes.Buffer
		if err := like.Write(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	if !testing.Short() {
		paths = append(paths, need.Captures(t)...)
	}
	return paths
}

// An exported connection has its packets as they were, each at its time and at an
// interface of its name, and flowlab says the same of it.
func TestExportIsTheConnection(t *testing.T) {
	compared := 0
	for _, path := range sources(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			views, frames := analysed(t, path)
			source, points, _ := packets(t, path)
			for _, v := range views[:min(most, len(views))] {
				own := frames[v.Number]
				last := own[len(own)-1]
				if slices.MinFunc(source[:last], byTime).Time < 0 {
					t.Logf("connection %d: pcapng cannot hold times before 1970", v.Number)
					continue
				}
				to := exported(t, path, v.Number)
				got, names, _ := packets(t, to)
				if len(got) != len(own) {
					t.Fatalf("connection %d: %d packets, want %d", v.Number, len(got), len(own))
				}
				for i, p := range got {
					want := source[own[i]-1]
					if p.Time != want.Time || p.Length != want.Length || !bytes.Equal(p.Data, want.Data) {
						t.Fatalf("connection %d: packet %d is not frame %d of the source", v.Number, i+1, own[i])
					}
					a, b := names[p.Interface], points[want.Interface]
					if a.Name != b.Name || a.LinkType != b.LinkType {
						t.Fatalf("connection %d: interface %v, want %v", v.Number, a, b)
					}
				}
				if slices.MaxFunc(source[:last], byTime).Time != source[last-1].Time {
					t.Logf("connection %d: others have later times before its last packet", v.Number)
					continue // which are not in the export
				}
				compared++
				same(t, upTo(t, path, last, v.Number), to, own)
			}
		})
	}
	if compared < most {
		t.Errorf("only %d connections were compared", compared)
	}
}

func byTime(a, b capture.Packet) int { return order.Compare(a.Time, b.Time) }

// upTo is a connection as it was when so many packets of a file had passed: the time
// after its own last one is not in an export.
func upTo(t *testing.T, path string, last, number int) *diagnose.View {
	t.Helper()
	list, interfaces, keys := packets(t, path)
	for i := range interfaces {
		interfaces[i].SnapLen = 0
	}
	to := filepath.Join(t.TempDir(), "cut.pcapng")
	file, err := capture.Create(to, interfaces, capture.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if err := file.Secrets(k); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range list[:last] {
		if err := file.Write(p, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	views, _ := analysed(t, to)
	for _, v := range views {
		if v.Number == number {
			return v
		}
	}
	t.Fatalf("no connection %d", number)
	return nil
}

// same checks that flowlab says of an exported connection what it said before, but for
// its number and those of its frames and interface.
func same(t *testing.T, want *diagnose.View, path string, own []int) {
	t.Helper()
	views, _ := analysed(t, path)
	if len(views) != 1 {
		t.Fatalf("connection %d: the export has %d connections", want.Number, len(views))
	}
	got := views[0]
	was := *want
	was.Number, was.Interface = 1, 0
	for i := range was.Directions {
		d := &was.Directions[i]
		d.Stalls = append([]diagnose.Stall(nil), d.Stalls...)
		for k := range d.Stalls {
			d.Stalls[k].Frames = renumbered(d.Stalls[k].Frames, own)
		}
	}
	if diff := cmp.Diff(was.Directions, got.Directions, all); diff != "" {
		t.Errorf("connection %d: -source +export\n%s", want.Number, diff)
	}
	if was.RTT != got.RTT || was.Vantage != got.Vantage || was.ID != got.ID || was.Start != got.Start || was.End != got.End {
		t.Errorf("connection %d: %+v, want %+v", want.Number, got, was)
	}
	if a, b := diagnose.Findings(&was), diagnose.Findings(got); len(a) != len(b) {
		t.Errorf("connection %d: %d findings, want %d", want.Number, len(b), len(a))
	}
}

// renumbered gives frames of a source their numbers among its own.
func renumbered(frames, own []int) []int {
	list := make([]int, 0, len(frames))
	for _, f := range frames {
		at, _ := slices.BinarySearch(own, f)
		list = append(list, at+1)
	}
	return list
}

func TestExportOfNoConnection(t *testing.T) {
	x := Files{Survey: survey.Survey{Files: sources(t)[:1]}, Connections: []int{1, 1000}}
	_, err := x.Analyse(t.Context())
	var missing *NotFoundError
	if !errors.As(err, &missing) || missing.Number != 1000 {
		t.Errorf("error %v, want that connection 1000 is not there", err)
	}
}

// The keys of an export are those of its connection that the capture carries: none of
// other sessions, and none that came from elsewhere.
func TestExportKeepsItsOwnKeys(t *testing.T) {
	path := ""
	for _, p := range need.Captures(t) {
		if filepath.Base(p) == "wireshark-4.0.17__http2-brotli.pcapng" {
			path = p
		}
	}
	list, points, carried := packets(t, path)
	if len(carried) == 0 {
		t.Fatal("the capture carries no keys")
	}
	_, _, kept := packets(t, exported(t, path, 1))
	if len(kept) == 0 {
		t.Fatal("the export has no keys")
	}
	all := carried[0].Data
	for _, k := range kept {
		for line := range bytes.Lines(k.Data) {
			if !bytes.Contains(bytes.ToLower(all), bytes.ToLower(bytes.TrimSpace(line))) {
				t.Errorf("the capture has no key %.40s", line)
			}
		}
	}
	// The same packets without the keys, which are known from elsewhere.
	bare := filepath.Join(t.TempDir(), "bare.pcapng")
	file, err := capture.Create(bare, points, capture.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if err := file.Write(p, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	known := tlsrec.NewKeys()
	if _, err := known.Write(append(all, '\n')); err != nil {
		t.Fatal(err)
	}
	x := Files{Survey: survey.Survey{Files: []string{bare}, Keys: known}, Connections: []int{1}}
	if _, err := x.Analyse(t.Context()); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to, err := capture.NewWriter(&b, nil, x.Comment())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Write(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b.Bytes(), []byte("HEADERS: stream ")) {
		t.Error("HTTP/2 is not read with the keys that are known")
	}
	if bytes.Contains(b.Bytes(), []byte("TRAFFIC_SECRET")) || bytes.Contains(b.Bytes(), []byte("CLIENT_RANDOM")) {
		t.Error("keys from elsewhere are in the export")
	}
}
