package scenarios

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/net/http2"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/lab"
	"flowlab/tcpwin"
)

func TestFormatIsWhatAPersonWouldWrite(t *testing.T) {
	want, err := os.ReadFile("builtin/reader-stops.yaml")
	if err != nil {
		t.Fatal(err)
	}
	// It does not name what has its default.
	shorter := strings.NewReplacer("rtt: 20ms, ", "", "producer: {protocol: tcp, rate: unlimited}\n", "", ", read-rate: unlimited}\n", "}\n")
	if diff := cmp.Diff(shorter.Replace(string(want)), string(Format(mustBuiltin("reader-stops")))); diff != "" {
		t.Error(diff)
	}
}

func TestFormatLoadsAsItWas(t *testing.T) {
	for _, s := range Builtins() {
		loadsAsItWas(t, s)
	}
	for seed := range uint64(400) {
		loadsAsItWas(t, anyScenario(rand.New(rand.NewPCG(seed, 1))))
	}
}

// TestFormatKeepsWhatALibraryIsTold: a window that was set has no effect on flowlab where
// it is the default, but takes a library's own from it.
func TestFormatKeepsWhatALibraryIsTold(t *testing.T) {
	const text = "title: A\nproducer: {protocol: h2}\nconsumer: {implementation: net-http, stream-window: 65535B}\nend: 1s\n"
	s, err := parse("a.yaml", "a", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(Format(s)); got != text {
		t.Errorf("got %s", got)
	}
}

func loadsAsItWas(t *testing.T, s *Scenario) {
	t.Helper()
	text := Format(s)
	got, err := parse("written.yaml", s.Name, text)
	if err != nil {
		t.Fatalf("%s: %v\n%s", s.Name, err, text)
	}
	knobs := cmp.Comparer(func(a, b Knobs) bool {
		for _, name := range KnobNames() {
			if a.Get(name) != b.Get(name) {
				return false
			}
		}
		return true
	})
	if diff := cmp.Diff(s, got, knobs, cmpopts.IgnoreFields(Scenario{}, "Group", "Explain")); diff != "" {
		t.Fatalf("%s: %s\n%s", s.Name, diff, text)
	}
}

// chance makes parts of scenarios at random, such as a file can say.
type chance struct {
	*rand.Rand
	end   time.Duration
	paths []string
}

func anyScenario(r *rand.Rand) *Scenario {
	texts := []string{"Plain", "With, a comma", "A colon: here", `"Quoted" \ it`, "null", "true", "12", "- a dash", "# no comment", "ünïcode …", "'a'", "{a}", "it's"}
	c := &chance{Rand: r, end: time.Duration(1+r.Int64N(1e7)) * time.Microsecond}
	s := &Scenario{Name: "any", Title: pick(c, texts...), Teaches: pick(c, append(texts, "")...), Knobs: DefaultKnobs(), End: c.end}
	if c.IntN(2) == 0 {
		s.Knobs.Producer.Protocol = H2
	}
	c.turn(&s.Knobs, func(k Knob) bool {
		return k.Name != "producer.protocol" && !strings.HasSuffix(k.Name, ".implementation")
	})
	at := time.Duration(0)
	for range c.IntN(5) {
		at += time.Duration(c.Int64N(int64(c.end-at)+1) / 2)
		if at < c.end {
			s.Script = append(s.Script, c.step(at, &s.Knobs, pick(c, texts...)))
		}
	}
	for range c.IntN(9) {
		s.Expect = append(s.Expect, c.expectation(&s.Knobs))
	}
	return s
}

func pick[T any](c *chance, of ...T) T { return of[c.IntN(len(of))] }

// turn sets some knobs to values that they take.
func (c *chance) turn(k *Knobs, is func(Knob) bool) (set []Setting) {
	values := []string{"0", "1", "4", "6", "true", "false", "unlimited", "13ms", "1500us", "7.5%", "99%", "3MB/s", "1200B/s",
		"64KiB", "70001B", "200B", "1300B", "8Mbit/s", "bbr", "at-read", "by-hand", "on-receipt", "oldest-first", "window-overflow"}
	for _, knob := range AllKnobs() {
		value := pick(c, values...)
		if is(knob) && k.Set(knob.Name, value) == nil {
			set = append(set, Setting{knob.Name, value})
		}
	}
	return set
}

func (c *chance) step(at time.Duration, k *Knobs, say string) Step {
	s := Step{At: at, Say: say}
	knobs := *k
	s.Set = c.turn(&knobs, func(k Knob) bool { return !k.Fixed && !strings.HasSuffix(k.Name, ".implementation") && c.IntN(3) == 0 })
	if c.IntN(3) == 0 {
		s.Drop = &DropRule{What: pick(c, lab.Any, lab.Data, lab.WindowUpdate), From: pick(c, Producer, Consumer), First: 1 + c.IntN(3)}
		s.Drop.Last = pick(c, 0, s.Drop.First+2)
		s.Drop.Until = pick(c, lab.Any, lab.Data, lab.WindowProbe)
	}
	if k.IsHTTP2() {
		s.Do = c.actions()
	}
	if c.IntN(3) == 0 {
		s.Ask = c.question(say)
	}
	return s
}

func (c *chance) question(text string) *Question {
	q := &Question{Text: text, Answers: []string{"one", "null", "with, a comma", "2", text + "!"}[c.IntN(4):], Why: text + " why"}
	q.Right = 1 + c.IntN(len(q.Answers))
	return q
}

func (c *chance) actions() []Action {
	open := Open{
		Path: pick(c, "/a", "/log.Log/Put", "/odd,{path}:#"), Count: pick(c, 1, 7), Request: c.body(),
		Reads: pick(c, AsKnob, 0, Unlimited, 1000), Answer: Answer{When: pick(c, AtEnd, AtOnce), Body: c.body(), Reads: pick(c, AsKnob, 0)},
	}
	switch c.IntN(3) {
	case 0:
		open.Answer = Answer{Reads: 5e6, Echo: true, Body: Body{Rate: Unlimited, Ends: true}}
	case 1:
		open.Answer = Answer{When: Never, Reads: AsKnob, Body: Body{Rate: Unlimited, Ends: true}}
	}
	c.paths = append(c.paths, open.Path)
	path, who := pick(c, c.paths...), pick(c, Producer, Consumer)
	all := []Action{
		open,
		Read{Path: path, Role: who, Rate: pick[ByteRate](c, 0, 1234, Unlimited)},
		Send{Path: path, From: who, Bytes: pick[Bytes](c, 1, 1<<20), Message: pick[Bytes](c, 0, 1000)},
		Reset{Path: path, From: who, Code: pick(c, http2.ErrCodeCancel, http2.ErrCodeInternal)},
		Credit{Path: pick(c, "", path), From: who, Bytes: pick[Bytes](c, 0, 70_000)},
		GoAway{From: who, Last: pick(c, "", path), Code: pick(c, http2.ErrCodeNo, http2.ErrCodeProtocol)},
	}
	do := all[:1]
	for _, a := range all[1:] {
		if c.IntN(2) == 0 {
			do = append(do[:len(do):len(do)], a)
		}
	}
	return do
}

func (c *chance) body() Body {
	b := Body{Sends: pick[Bytes](c, 0, 65_535, 2e6, Unlimited), Rate: pick[ByteRate](c, 1e6, Unlimited), Message: pick[Bytes](c, 0, 1000)}
	b.Ends = b.Sends != Unlimited && c.IntN(2) == 0
	return b
}

func (c *chance) expectation(k *Knobs) Expectation {
	during := pick(c, Span{}, Span{To: c.end}, Span{From: c.end / 3, To: c.end/2 + 1})
	who, least := pick(c, Producer, Consumer), c.IntN(3)
	most := pick(c, math.MaxInt, least+c.IntN(2))
	if least == 0 && most == math.MaxInt {
		most = 0
	}
	common := []Expectation{
		EventCount{Event: pick(c, tcpwin.ZeroWindow, tcpwin.WindowProbe), From: who, Between: during, AtLeast: least, AtMost: most},
		FindingCount{Rule: pick(c, diagnose.FindingRules()...), AtLeast: least, AtMost: most},
		LimitShare{Cause: flow.ReceiveWindow, Of: who, During: during, AtLeast: pick[Percent](c, 1, 95.5), AtMost: pick[Percent](c, 96, 100), HeldBy: pick(c, flow.Nobody, flow.Reader)},
		LimitShare{Cause: flow.Congestion, Of: who, During: during, AtMost: pick[Percent](c, 0, 5)},
		Goodput{During: during, AtLeast: 1, AtMost: pick[ByteRate](c, 1e6, Unlimited)},
		Goodput{During: during, AtMost: 5},
		GoodputOfWindow{During: during, Within: 12.5},
	}
	if !k.IsHTTP2() {
		return pick(c, common...)
	}
	path := pick(c, append(c.paths, "")...)
	return pick(c, append(common,
		LimitShare{Cause: flow.StreamWindow, Of: who, Stream: path, During: during, AtLeast: 5, AtMost: 100},
		FindingCount{Rule: diagnose.FindingRules()[0], Stream: path, AtMost: 0},
		SentBytes{Of: who, Stream: path, At: pick(c, c.end, c.end/2+1), AtLeast: 7, AtMost: pick[Bytes](c, 7, 1<<20, Unlimited)},
		WindowSize{Of: who, Stream: path, At: pick(c, c.end, c.end/2+1), Bytes: pick[int64](c, -65_525, 0, 5)},
	)...)
}

func TestSaveOverwritesOnlyWhatItIsToldTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.yaml")
	first, second := mustBuiltin("healthy"), mustBuiltin("reader-stops")
	if err := Save(path, first, false); err != nil {
		t.Fatal(err)
	}
	if err := Save(path, second, false); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file: %v, want that it is there", err)
	}
	if s, err := Load(path); err != nil || s.Title != first.Title {
		t.Errorf("the file has changed: %v, %v", s, err)
	}
	if err := Save(path, second, true); err != nil {
		t.Fatal(err)
	}
	if s, err := Load(path); err != nil || s.Title != second.Title || s.Name != "mine" {
		t.Errorf("loaded %v, %v", s, err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}
