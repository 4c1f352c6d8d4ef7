package report

import (
	"bytes"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tcpwin"
	"flowlab/tcpwin/endpoint"
)

var update = flag.Bool("update", false, "write the golden files")

const start = flow.Time(1_700_000_000_000_000_000)

// stopped is a run of six seconds in which the consumer did not read for three.
func stopped() *play.Result {
	limits := flow.Limits{
		flow.Handshake: 20 * time.Millisecond, flow.ReceiveWindow: 3010 * time.Millisecond,
		flow.Congestion: 2900 * time.Millisecond, flow.Application: 70 * time.Millisecond,
	}
	producing := diagnose.DirectionView{
		From: flow.Client, Window: 65_536, WindowKnown: true, MaxWindow: 131_072, MeanWindow: 64_000.4,
		Bytes: 8_145_688, Acked: 8_078_732, Segments: 5966, MSS: 1448, Limits: limits, Count: 2,
		Stalls: []diagnose.Stall{
			{Interval: during(400, 700), Cause: flow.Congestion, HeldBy: flow.Path, Frames: []int{20, 41}},
			{Interval: during(1010, 4020), Cause: flow.ReceiveWindow, HeldBy: flow.Reader,
				Frames: []int{14472, 14471, 14473, 14475, 14477, 14479, 14481, 14800}},
		},
	}
	producing.Events[tcpwin.WindowProbe] = 3
	consuming := diagnose.DirectionView{From: flow.Server, WindowKnown: true, MaxWindow: 65_535, Limits: flow.Limits{flow.Application: 6 * time.Second}}
	consuming.Events[tcpwin.ZeroWindow], consuming.Events[tcpwin.WindowOpened] = 4, 1
	view := diagnose.View{
		Number: 1, ID: flow.Conn{Client: flow.EndpointOf(netip.MustParseAddrPort("192.0.2.1:49152")), Server: flow.EndpointOf(netip.MustParseAddrPort("192.0.2.2:9"))}, Start: start, End: start.Add(6 * time.Second), Handshake: true, RTT: 20_730 * time.Microsecond,
		Directions: [2]diagnose.DirectionView{producing, consuming},
	}
	far := view
	far.Number, far.Interface = 2, play.ConsumerPort
	return &play.Result{
		Scenario: &scenarios.Scenario{
			Name: "reader-stops", Title: "The reader stops", Knobs: scenarios.DefaultKnobs(), End: 6 * time.Second,
		},
		Network: play.Userspace, Seed: 7, Knobs: scenarios.DefaultKnobs(), Start: start, Length: 6 * time.Second, End: 6 * time.Second, Passed: true,
		Checks: []play.Check{
			{Text: "the consumer shows zero-window at least once in 1 s to 2 s", Passed: true, Found: "4"},
			{Text: "the producer is held by receive-window at least 95 % of 2 s to 4 s, where reader could let it go", Passed: true, Found: "100.0 %"},
		},
		Interfaces: []capture.Interface{{Name: "producer", LinkType: capture.RawIP}, {Name: "consumer", LinkType: capture.RawIP}},
		Source:     play.Source{Packets: 16_949, Bytes: 17_127_870, First: start, Last: start.Add(6 * time.Second)},
		Views:      []diagnose.View{view, far},
		Truth:      play.Truth{Producer: limits, Sent: endpoint.Sent{Written: 8_536_064, Blocked: 5 * time.Second}, Read: 8_078_732},
	}
}

func during(from, to int) flow.Interval {
	return flow.Interval{
		Start: start.Add(time.Duration(from) * time.Millisecond),
		End:   start.Add(time.Duration(to) * time.Millisecond),
	}
}

// smallWindow is the same run, held by a window that is too small for its path.
func smallWindow() *play.Result {
	r := stopped()
	d := &r.Views[0].Directions[flow.Client]
	d.Stalls[1].HeldBy = flow.WindowSize
	r.Scenario.Knobs.Network.RTT = 100 * time.Millisecond
	r.Knobs.Network.Rate = 50_000_000
	return r
}

// idle is a run in which nothing held the producer.
func idle() *play.Result {
	r := stopped()
	for i := range r.Views {
		d := &r.Views[i].Directions[flow.Client]
		d.Limits = flow.Limits{flow.Handshake: 20 * time.Millisecond, flow.Congestion: 10 * time.Millisecond, flow.Application: 5970 * time.Millisecond}
		d.Stalls, d.Count = nil, 0
	}
	for i := range r.Views[0].Directions {
		r.Views[0].Directions[i].Events = [tcpwin.NumKinds]int{}
	}
	return r
}

// unmet is a run that was not as expected.
func unmet() *play.Result {
	r := stopped()
	r.Passed, r.Checks[0].Passed, r.Checks[0].Found = false, false, "0"
	return r
}

// interrupted is a run that did not come to its end.
func interrupted() *play.Result {
	r := unmet()
	r.Stopped, r.Length = true, 1234*time.Millisecond
	return r
}

// moved is a quiz, so a run whose script was held, after 1.5 s.
func moved() *play.Result {
	r := stopped()
	r.Checks[1] = play.Check{Text: r.Checks[1].Text, Unchecked: true, Found: "the script was held or moved on at 1.50 s"}
	r.Quiz = play.Quiz{Of: 3, Number: 3, Answered: 3, Right: 2}
	return r
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got\n%s", file, diff)
	}
}

func TestText(t *testing.T) {
	tests := []struct {
		name   string
		result *play.Result
		style  Style
	}{
		{"stopped", stopped(), Style{}},
		{"small-window", smallWindow(), Style{}},
		{"idle", idle(), Style{}},
		{"unmet", unmet(), Style{Color: true}},
		{"interrupted", interrupted(), Style{}},
		{"moved", moved(), Style{}},
		{"nothing-seen", &play.Result{Network: play.Userspace, Scenario: &scenarios.Scenario{Name: "none", Title: "None", End: time.Second}}, Style{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got bytes.Buffer
			if err := Run(&got, test.result, test.style); err != nil {
				t.Fatal(err)
			}
			golden(t, test.name, got.String())
			if test.style.Color {
				return
			}
			for line := range strings.Lines(got.String()) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
					t.Errorf("a line of %d columns: %s", n, line)
				}
			}
		})
	}
}

// claimed is a run with a claim.
func claimed(r *play.Result) *play.Result {
	r.Claim = &play.Claim{
		Cause: flow.ReceiveWindow, Of: scenarios.Producer, Span: scenarios.Span{From: 2 * time.Second, To: 4 * time.Second},
		Found: flow.ReceiveWindow, Share: 1, Truth: 0.998,
	}
	return r
}

func TestRuns(t *testing.T) {
	wrong := claimed(unmet())
	wrong.Claim.Found, wrong.Claim.Share = flow.Congestion, 0.123
	results := []*play.Result{claimed(stopped()), wrong, idle()}
	var got bytes.Buffer
	if err := Runs(&got, results, Style{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "runs", got.String())
}

// A sender whose library sleeps on its credit is not one that has nothing to send.
func TestVerdictNamesTheSendersLibrary(t *testing.T) {
	r := idle()
	v := producerView(r)
	v.Layer.HTTP2 = &diagnose.HTTPView{Streams: make([]diagnose.StreamView, 1)}
	if got := verdict(r); !strings.Contains(got, "nothing held it") {
		t.Errorf("of a stream with nothing to send: %s", got)
	}
	v.Layer.HTTP2.Streams[0].Halves[flow.Client].Asleep = true
	const want = "no window held it, but its HTTP/2 library, which has credit for more and does not use it"
	if got := verdict(r); !strings.Contains(got, want) {
		t.Errorf("got  %s\nwant ...%s", got, want)
	}

	// What held it before counts if it did so for longer.
	v.Directions[flow.Client].Limits[flow.StreamWindow] = time.Second
	v.Layer.HTTP2.Streams[0].Halves[flow.Client].Unused = 2 * time.Second
	if got := verdict(r); !strings.Contains(got, want) {
		t.Errorf("after a second of stream-window, got  %s\nwant ...%s", got, want)
	}
	v.Layer.HTTP2.Streams[0].Halves[flow.Client].Unused = time.Second / 2
	if got := verdict(r); !strings.Contains(got, "was held by stream-window for 1.00 s") {
		t.Errorf("after longer in stream-window than asleep, got  %s", got)
	}
}
