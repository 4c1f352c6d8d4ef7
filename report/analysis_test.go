package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// trace is a source of one file, or of several.
func trace(files ...string) *survey.Source {
	src := &survey.Source{
		First: start, Last: start.Add(6 * time.Second), Packets: 16_949, Bytes: 17_127_870,
		Interfaces: []survey.Interface{{Interface: capture.Interface{Name: "eth0", LinkType: capture.Ethernet}}},
	}
	for i, name := range files {
		src.Files = append(src.Files, survey.File{Name: name, FirstFrame: 1 + 1000*i, Packets: 1000})
	}
	return src
}

// observed are so many connections, of which each has its stall, if it has one,
// a second longer than the one before.
func observed(n int, stalled flow.Cause) []*diagnose.View {
	var views []*diagnose.View
	for i := range n {
		v := stopped().Views[0]
		v.Number = i + 1
		d := &v.Directions[flow.Client]
		d.Stalls, d.Count = nil, 0
		if stalled != flow.Application {
			d.Stalls = []diagnose.Stall{{
				Interval: during(1000, 2000+1000*i), Cause: stalled, HeldBy: flow.Path, Frames: []int{1 + i, 20 + i},
			}}
			d.Count = 1
		} else {
			d.Limits = flow.Limits{flow.Application: 6 * time.Second}
		}
		views = append(views, &v)
	}
	return views
}

func TestAnalysisText(t *testing.T) {
	reader := stopped().Views[0]
	rich := trace("client.pcapng", "server.pcapng")
	rich.Interfaces = append(rich.Interfaces, survey.Interface{Interface: capture.Interface{LinkType: capture.LinuxCooked}, File: 1})
	rich.Dropped, rich.Truncated, rich.Late = 3, true, 1
	rich.Skipped = survey.Skipped{Skipped: diagnose.Skipped{NotTCP: 1, Fragments: 2, Cut: 3, Malformed: 4}, Unmatched: 1000}
	tests := []struct {
		name  string
		src   *survey.Source
		views []*diagnose.View
		style Style
	}{
		{"reader", trace("trace.pcap"), []*diagnose.View{&reader}, Style{}},
		{"rich", rich, []*diagnose.View{&reader}, Style{}},
		{"thousands", trace("trace.pcap"), append(observed(4000, flow.Application), &reader), Style{}},
		{"colour", trace("trace.pcap"), observed(1, flow.LossRecovery), Style{Color: true}},
		{"idle", trace("trace.pcap"), observed(2, flow.Application), Style{}},
		{"no-tcp", trace("trace.pcap"), nil, Style{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var d Digest
			for _, v := range test.views {
				d.Add(v)
			}
			var got bytes.Buffer
			if err := Analysis(&got, test.src, &d, diagnose.MinStall, test.style); err != nil {
				t.Fatal(err)
			}
			golden(t, "analysis-"+test.name, got.String())
			for line := range strings.Lines(got.String()) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width && !test.style.Color {
					t.Errorf("a line of %d columns: %s", n, line)
				}
			}
		})
	}
}

// TestHandshakeStallText is about a client that was kept by nothing but its handshake, and one
// that sent nothing at all.
func TestHandshakeStallText(t *testing.T) {
	text := func(change func(d *diagnose.DirectionView)) string {
		v := observed(1, flow.Handshake)[0]
		d := &v.Directions[flow.Client]
		d.Stalls[0].Start = start.Add(-time.Microsecond)
		d.Limits = flow.Limits{flow.Handshake: 2 * time.Second, flow.Application: 4 * time.Second}
		change(d)
		var digest Digest
		digest.Add(v)
		var b bytes.Buffer
		if err := Analysis(&b, trace("trace.pcap"), &digest, diagnose.MinStall, Style{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	silent := func(d *diagnose.DirectionView) { d.Bytes, d.Segments, d.Acked = 0, 0, 0 }
	for _, test := range []struct {
		name       string
		change     func(d *diagnose.DirectionView)
		has, lacks []string
	}{
		{"it sent later", func(*diagnose.DirectionView) {},
			[]string{"1.35 MB/s; application\n", "    0.000    2.000    2.000  handshake", "from 0.00 s to 2.00 s"}, []string{"nothing held it", "-0.0"}},
		{"it sent nothing", silent,
			[]string{"client → server: no payload; application 66.7 %, handshake 33.3 %", "stalls longer than"}, []string{" 0 bytes in", " 0 segments", "nothing held it"}},
		{"nobody knows that it wanted to send", func(d *diagnose.DirectionView) {
			silent(d)
			d.Stalls[0].Cause = flow.Unknown
		}, []string{"no sender was stalled"}, []string{"client → server"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := text(test.change)
			for _, want := range test.has {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in it:\n%s", want, got)
				}
			}
			for _, no := range test.lacks {
				if strings.Contains(got, no) {
					t.Errorf("%q is in it:\n%s", no, got)
				}
			}
		})
	}
}

// TestDigestRanks: the worst come first, and those of a path that is full after
// those that somebody could have helped.
func TestDigestRanks(t *testing.T) {
	var d Digest
	full := observed(30, flow.Congestion)
	lost := observed(3, flow.LossRecovery)
	for i, v := range append(full, lost...) {
		v.Number = i + 1
		d.Add(v)
	}
	var got []int
	for _, r := range d.worst {
		got = append(got, r.view.Number)
	}
	if diff := cmp.Diff([]int{33, 32, 31, 30, 29, 28, 27, 26, 25, 24}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if d.first.view.Number != 33 {
		t.Errorf("the answer is about connection %d, want 33", d.first.view.Number)
	}
	if n := d.Stalls(flow.Congestion); n != 30 {
		t.Errorf("%d stalls of congestion, want 30", n)
	}
}

func TestAnalysisJSONKeepsToItsSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../docs/schema/analysis-1.json")
	if err != nil {
		t.Fatal(err)
	}
	reader := stopped().Views[0]
	cut := trace("a.pcap", "b.pcap")
	cut.Truncated = true
	tests := []struct {
		name    string
		src     *survey.Source
		views   []*diagnose.View
		failure error
		want    string // in it
	}{
		{"one", trace("trace.pcap"), []*diagnose.View{&reader}, nil, `"rule":"reader-slow"`},
		{"none", trace("trace.pcap"), nil, nil, `"findings": [],`},
		{"several files", cut, []*diagnose.View{&reader}, errors.New("damaged"), `"error":"damaged"`},
		{"nothing read", &survey.Source{}, nil, nil, `"files":[]`},
		{"very many", trace("trace.pcap"), slow(mostFindings + 5), nil, `"findings_omitted": 5`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			a := NewAnalysisJSON(&out)
			for _, v := range test.views {
				if err := a.Add(test.src, v); err != nil {
					t.Fatal(err)
				}
			}
			if err := a.End(test.src, test.failure); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), test.want) {
				t.Errorf("no %s in it", test.want)
			}
			document, err := jsonschema.UnmarshalJSON(&out)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Error(err)
			}
		})
	}
}

// slow are so many connections whose server reads too slowly.
func slow(n int) (views []*diagnose.View) {
	for i := range n {
		v := stopped().Views[0]
		v.Number = i + 1
		views = append(views, &v)
	}
	return views
}

// failing fails after so many bytes.
type failing int

func (f *failing) Write(p []byte) (int, error) {
	if *f -= failing(len(p)); *f < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(p), nil
}

func TestAnalysisJSONTellsOfAFullDisk(t *testing.T) {
	w := failing(100)
	a := NewAnalysisJSON(&w)
	v := stopped().Views[0]
	if err := a.Add(trace("trace.pcap"), &v); err == nil {
		t.Error("no error")
	}
	if err := a.End(trace("trace.pcap"), nil); err == nil {
		t.Error("no error at the end")
	}
}

func TestFrames(t *testing.T) {
	src := trace("trace.pcap")
	id := stopped().Views[0].ID
	frames := []*survey.Frame{
		{Number: 1, Time: start, Length: 60},
		{Number: 2, Time: start.Add(1), Connection: 1, ID: id, Segment: &tcpwin.Segment{Seq: 0xFFFFFFFF, Flags: tcpwin.SYN}, Marked: tcpwin.Marked{Window: 64240}},
		{Number: 3, Time: start.Add(2), Connection: 1, ID: id, Segment: &tcpwin.Segment{From: flow.Server, Seq: 9, Ack: 0, Flags: tcpwin.SYN | tcpwin.ACK}, Marked: tcpwin.Marked{Window: 0, Marks: tcpwin.MarkZeroWindow}},
		{Number: 4, Time: start.Add(-3), Connection: 1, ID: id, Segment: &tcpwin.Segment{Seq: 5, Ack: 10, Len: 100, Flags: tcpwin.ACK | tcpwin.PSH}, Marked: tcpwin.Marked{Window: 500, BytesInFlight: 105}},
		{Number: 5, Time: start.Add(2 * time.Second), Connection: 2, ID: id, Segment: &tcpwin.Segment{From: flow.Server, Seq: 700, Ack: 300, Len: 1, Flags: tcpwin.ACK}, Marked: tcpwin.Marked{Window: 1}},
	}
	tests := []struct {
		name  string
		write func(*bytes.Buffer) func(*survey.Source, *survey.Frame) error
		want  string
	}{
		{"text", func(b *bytes.Buffer) func(*survey.Source, *survey.Frame) error { return NewFrames(b).Write }, `
       1      0.000000000      - -                    -          -     60        -         -  no TCP
       2      0.000000001      1 SYN                  0          -      0    64240         -  192.0.2.1:49152 → 192.0.2.2:9
       3      0.000000002      1 SYN,ACK              0          1      0        0         -  192.0.2.2:9 → 192.0.2.1:49152  zero_window
       4     -0.000000003      1 PSH,ACK              6          1    100      500       105  192.0.2.1:49152 → 192.0.2.2:9
       5      2.000000000      2 ACK                  1          1      1        1         -  192.0.2.2:9 → 192.0.2.1:49152
`},
		{"JSON", func(b *bytes.Buffer) func(*survey.Source, *survey.Frame) error { return NewFramesJSON(b).Write }, `
{"frame":1,"time":0.000000000,"interface":"eth0","connection":null,"from":null,"flags":[],"window":null,"bytes_in_flight":null}
{"frame":2,"time":0.000000001,"interface":"eth0","connection":1,"from":"client","flags":[],"window":64240,"bytes_in_flight":0}
{"frame":3,"time":0.000000002,"interface":"eth0","connection":1,"from":"server","flags":["zero_window"],"window":0,"bytes_in_flight":0}
{"frame":4,"time":-0.000000003,"interface":"eth0","connection":1,"from":"client","flags":[],"window":500,"bytes_in_flight":105}
{"frame":5,"time":2.000000000,"interface":"eth0","connection":2,"from":"server","flags":[],"window":1,"bytes_in_flight":0}
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got bytes.Buffer
			write := test.write(&got)
			for _, f := range frames {
				if err := write(src, f); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got.String()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestFrameSchemaHasAllMarks: what a packet can be marked with is what is
// published.
func TestFrameSchemaHasAllMarks(t *testing.T) {
	text, err := os.ReadFile("../docs/schema/frame-1.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tcpwin.MarkNames() {
		if !bytes.Contains(text, fmt.Appendf(nil, "%q", name)) {
			t.Errorf("docs/schema/frame-1.json has no %s", name)
		}
	}
}

func TestProgress(t *testing.T) {
	tests := []struct {
		name        string
		read, total int64
		columns     int
		want        string
	}{
		{"begun", 0, 2_000_000, 79, "  0 %                                  read 0.0 MB of 2.0 MB"},
		{"half", 1_000_000, 2_000_000, 79, " 50 %  ███████████████                 read 1.0 MB of 2.0 MB"},
		{"the file grew", 3_000_000, 2_000_000, 79, "100 %  ██████████████████████████████  read 3.0 MB of 2.0 MB"},
		{"pipe", 1_234_567, 0, 79, "read 1.2 MB"},
		{"narrow", 1_000_000, 2_000_000, 8, " 50 %  █"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Progress(test.read, test.total, test.columns); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
