package play

import (
	"testing"
	"time"

	"flowlab/scenarios"
)

// asking is a scenario of 600 ms that asks twice: once with a step to follow, once not.
func asking(t *testing.T) *scenarios.Scenario {
	s := with(t, 600*time.Millisecond, "network.rtt", "2ms", "network.rate", "50Mbit/s")
	question := func(text string) *scenarios.Question {
		return &scenarios.Question{Text: text, Answers: []string{"one", "two", "three"}, Right: 2, Why: "so"}
	}
	s.Script = []scenarios.Step{
		{At: 200 * time.Millisecond, Ask: question("first"), Say: "done"},
		{At: 300 * time.Millisecond, Ask: question("second")},
	}
	s.Expect = []scenarios.Expectation{
		neverProbes(scenarios.Span{To: 200 * time.Millisecond}), neverProbes(scenarios.Span{}),
	}
	return s
}

// TestQuiz: the script waits at a question, before its step, until it is answered and
// somebody goes on; the answers are counted.
func TestQuiz(t *testing.T) {
	t.Parallel()
	run, err := Start(t.Context(), asking(t), Options{Quiz: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Answer(1); !isMistake(err) {
		t.Errorf("an answer to no question: %v, want a mistake", err)
	}
	until(t, run, "the first question is open, and all waits for it", func(s *Snapshot) bool { return s.At > 900*time.Millisecond && s.Quiz.Open != nil })
	s := run.Snapshot()
	if q := s.Quiz; q.Open == nil || q.Open.Text != "first" || q.Number != 1 || q.Of != 2 || q.Chosen != 0 || !s.Held || s.Caption != "" {
		t.Fatalf("%+v, held %v, %q", q, s.Held, s.Caption)
	}
	for _, wrong := range []error{run.Next(), run.Answer(0), run.Answer(4)} {
		if !isMistake(wrong) {
			t.Errorf("%v, want a mistake", wrong)
		}
	}
	if err := run.Answer(2); err != nil {
		t.Fatal(err)
	}
	until(t, run, "the answer is right", func(s *Snapshot) bool { return s.Quiz.IsRight() && s.Quiz.Right == 1 && s.Held })
	if err := run.Answer(1); !isMistake(err) {
		t.Errorf("a second answer: %v, want a mistake", err)
	}
	if err := run.Next(); err != nil {
		t.Fatal(err)
	}
	until(t, run, "the second question is open", func(s *Snapshot) bool { return s.Quiz.Number == 2 })
	if s := run.Snapshot(); s.Caption != "done" || s.Quiz.Open.Text != "second" || s.Quiz.Chosen != 0 {
		t.Errorf("%+v, %q", s.Quiz, s.Caption)
	}
	if err := run.Answer(3); err != nil {
		t.Fatal(err)
	}
	run.Hold() // it waits anyway
	if err := run.Next(); err != nil {
		t.Fatal(err)
	}
	until(t, run, "it goes on", func(s *Snapshot) bool { return s.Quiz.Open == nil && !s.Held })
	r, err := run.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if q := r.Quiz; q != (Quiz{Of: 2, Number: 2, Answered: 2, Right: 1}) {
		t.Errorf("it came to %+v", q)
	}
	if !r.Checks[0].Passed || !r.Checks[1].Unchecked || !r.Passed || r.Stopped {
		t.Errorf("checks %+v, passed %v, stopped %v", r.Checks, r.Passed, r.Stopped)
	}
}

// TestNoQuiz: what a step asks changes nothing, unless the run is a quiz.
func TestNoQuiz(t *testing.T) {
	t.Parallel()
	s := asking(t)
	r := play(t, s)
	if r.End != s.End || r.Stopped || r.Quiz != (Quiz{}) || r.Checks[1].Unchecked || !r.Passed {
		t.Errorf("%v of %v, quiz %+v, checks %+v", r.Length, s.End, r.Quiz, r.Checks)
	}
}

// TestQuizIsStopped: who does not answer can leave.
func TestQuizIsStopped(t *testing.T) {
	t.Parallel()
	run, err := Start(t.Context(), asking(t), Options{Quiz: true})
	if err != nil {
		t.Fatal(err)
	}
	until(t, run, "a question is open", func(s *Snapshot) bool { return s.Quiz.Open != nil })
	run.Stop()
	r, err := run.Wait()
	if err != nil || !r.Stopped || r.Quiz.Answered != 0 || run.Snapshot().Quiz.Open != nil {
		t.Errorf("stopped %v, %+v, %v", r.Stopped, r.Quiz, err)
	}
}
