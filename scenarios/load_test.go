package scenarios

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flowlab/flow"
	"flowlab/lab"
	"flowlab/tcpwin"
)

var update = flag.Bool("update", false, "write the golden files")

func TestParse(t *testing.T) {
	const file = `
title: The reader stops
teaches: >
  A receiver that stops reading
  closes its window.
network: {rtt: 100ms, ip: 6}
consumer:
  window: 128KiB
script:
  - {at: 0s, say: "One, two."}
  - at: 1s
    set: {consumer.read-rate: 0, producer.rate: 2MB/s}
    drop: {what: window-update, from: consumer, first: 2, last: 3, until: window-probe}
  - {at: 1s, drop: {what: any}}
  - {at: 2s, ask: {question: "Who must act?", answers: [the consumer, nobody], right: 1, why: "It does not read, and so on."}}
end: 6s
expect:
  - {event: zero-window, from: consumer}
  - {event: window-probe, from: producer, between: [1s, 4s], at-most: 2}
  - {limit: receive-window, of: producer, during: [2s, 6s], at-least: 95%, held-by: reader}
  - {goodput: {at-most: 1MB/s}}
  - {goodput: {window-per-rtt: 10%}, during: [1s, 2s]}
`
	got, err := parse("x.yaml", "x", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	want := &Scenario{
		Name: "x", Title: "The reader stops",
		Teaches: "A receiver that stops reading closes its window.",
		Knobs:   DefaultKnobs(),
		Script: []Step{
			{Say: "One, two."},
			{
				At:   time.Second,
				Set:  []Setting{{"consumer.read-rate", "0"}, {"producer.rate", "2MB/s"}},
				Drop: &DropRule{What: lab.WindowUpdate, From: Consumer, First: 2, Last: 3, Until: lab.WindowProbe},
			},
			{At: time.Second, Drop: &DropRule{What: lab.Any, First: 1}},
			{At: 2 * time.Second, Ask: &Question{Text: "Who must act?", Answers: []string{"the consumer", "nobody"}, Right: 1, Why: "It does not read, and so on."}},
		},
		End: 6 * time.Second,
		Expect: []Expectation{
			EventCount{Event: tcpwin.ZeroWindow, From: Consumer, AtLeast: 1, AtMost: math.MaxInt},
			EventCount{Event: tcpwin.WindowProbe, From: Producer, Between: Span{time.Second, 4 * time.Second}, AtMost: 2},
			LimitShare{
				Cause: flow.ReceiveWindow, Of: Producer, During: Span{2 * time.Second, 6 * time.Second},
				AtLeast: 95, AtMost: 100, HeldBy: flow.Reader,
			},
			Goodput{AtMost: 1e6},
			GoodputOfWindow{During: Span{time.Second, 2 * time.Second}, Within: 10},
		},
	}
	want.Knobs.Network.RTT = 100 * time.Millisecond
	want.Knobs.Network.IP = 6
	want.Knobs.Consumer.Window = 128 << 10
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Knobs{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestBadFiles holds what each file of testdata/bad is refused for, with its
// hints, against the file of the same name that ends in .err.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			_, err := Load(filepath.FromSlash(file))
			if err == nil {
				t.Fatal("the file is accepted")
			}
			got := told(err)
			golden := strings.TrimSuffix(file, ".yaml") + ".err"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// told writes an error as the command line does: each problem with its hint.
func told(err error) string {
	var b strings.Builder
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		at, ok := errors.AsType[*FileError](err)
		if !ok {
			fmt.Fprintf(&b, "not a FileError: %v\n", err)
			continue
		}
		fmt.Fprintf(&b, "%s\n  hint: %s\n", strings.ReplaceAll(at.Error(), `\`, "/"), at.Hint)
	}
	return b.String()
}

func TestLoadRefusesWhatIsNoScenarioFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name, path, problem string
	}{
		{"missing", filepath.Join(dir, "none.yaml"), "no such file"},
		{"directory", dir, "is a directory"},
		{"1 MiB and a byte", write("big.yaml", make([]byte, mostFileBytes+1)), "more than 1 MiB"},
		{"not text", write("binary.yaml", []byte{0xd4, 0xc3, 0xb2, 0xa1}), "not UTF-8 text"},
		{"deep", write("deep.yaml", slices.Repeat([]byte("["), mostFileBytes)), "too many words for a scenario: 1048576"},
		{"long", write("long.yaml", slices.Repeat([]byte("a: 1\n"), mostFileBytes/5)), "too many words for a scenario: 629145"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(c.path)
			at, ok := errors.AsType[*FileError](err)
			if !ok {
				t.Fatalf("error %v is not a FileError", err)
			}
			if want := c.path + ": " + c.problem; at.Error() != want || at.Hint == "" {
				t.Errorf("got %q, hint %q\nwant %q", at.Error(), at.Hint, want)
			}
		})
	}
}

func TestLoadNamesTheScenarioByItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "our-stall.yaml")
	if err := os.WriteFile(path, []byte("\ufefftitle: Ours\r\nend: 1s\r\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Find(path)
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "our-stall" || s.Title != "Ours" {
		t.Errorf("name %q, title %q", s.Name, s.Title)
	}
}

// FuzzLoad checks that whatever is accepted can be run and checked.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"builtin/*.yaml", "testdata/bad/*.yaml"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parse("fuzz.yaml", "fuzz", data)
		if err != nil {
			if strings.Contains(told(err), "hint: \n") {
				t.Errorf("an error without a hint: %v", told(err))
			}
			return
		}
		if s.Title == "" || s.End <= 0 {
			t.Errorf("title %q, end %v", s.Title, s.End)
		}
		checkScript(t, s)
		for _, e := range s.Expect {
			checkExpectation(t, s, e)
		}
	})
}

func checkScript(t *testing.T, s *Scenario) {
	t.Helper()
	var last time.Duration
	for _, step := range s.Script {
		if step.At < last || step.At >= s.End {
			t.Errorf("a step at %v after one at %v, end %v", step.At, last, s.End)
		}
		last = step.At
		for _, set := range step.Set {
			if err := s.Knobs.Set(set.Knob, set.Value); err != nil {
				t.Errorf("%s: %v", set.Knob, err)
			}
		}
		if q := step.Ask; q != nil {
			checkQuestion(t, q)
		}
		if len(step.Do) > 0 && !s.Knobs.IsHTTP2() {
			t.Errorf("%v without HTTP/2", step.Do)
		}
		if d := step.Drop; d != nil && (d.First < 1 || d.Last != 0 && d.Last < d.First) {
			t.Errorf("drop rule %+v", *d)
		}
	}
}

func checkQuestion(t *testing.T, q *Question) {
	t.Helper()
	least := min(len(q.Text), len(q.Why))
	for _, answer := range q.Answers {
		least = min(least, len(answer))
		if utf8.RuneCountInString(answer) > 60 {
			t.Errorf("%q is too long", answer)
		}
	}
	if len(q.Answers) < 2 || len(q.Answers) > 5 || q.Right < 1 || q.Right > len(q.Answers) || least == 0 ||
		utf8.RuneCountInString(q.Text) > 150 || utf8.RuneCountInString(q.Why) > 200 {
		t.Errorf("%+v", *q)
	}
}

func checkExpectation(t *testing.T, s *Scenario, e Expectation) {
	t.Helper()
	if span := e.span(); span != (Span{}) && (span.From >= span.To || span.To > s.End) {
		t.Errorf("%v is about %v of %v", e, span, s.End)
	}
	var ok bool
	switch e := e.(type) {
	case EventCount:
		ok = e.From != "" && e.AtLeast >= 0 && e.AtLeast <= e.AtMost && (e.AtLeast > 0 || e.AtMost < math.MaxInt)
	case LimitShare:
		ok = e.Of != "" && e.AtLeast >= 0 && e.AtLeast <= e.AtMost && e.AtMost <= 100 && (e.AtLeast > 0 || e.AtMost < 100)
	case Goodput:
		ok = e.AtLeast >= 0 && e.AtLeast <= e.AtMost && (e.AtLeast > 0 || e.AtMost < Unlimited)
	case GoodputOfWindow:
		ok = e.Within > 0 && e.Within <= 100
	case FindingCount:
		ok = e.Rule != "" && e.AtLeast >= 0 && e.AtLeast <= e.AtMost && (e.AtLeast > 0 || e.AtMost < math.MaxInt)
	case SentBytes:
		ok = e.Of != "" && e.AtLeast >= 0 && e.AtLeast <= e.AtMost && (e.AtLeast > 0 || e.AtMost < Unlimited)
	case ChainOfWaits:
		ok = len(e.Parties) == 3 && s.Knobs.HasProxy()
	case WindowSize:
		ok = e.Of != "" && e.Bytes <= largestWindow
	}
	if !ok {
		t.Errorf("%#v cannot be met, or cannot fail", e)
	}
}
