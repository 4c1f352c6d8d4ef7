package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tui/parts"
)

// asked is a scene at which the first question of reader-stops is open, and answered if
// chosen is not 0.
func asked(s *scene, chosen int) *scene {
	all, _ := scenarios.Find("reader-stops")
	s.snapshot.Held, s.snapshot.End = true, 7*time.Second
	s.quiz = play.Quiz{Of: 2, Number: 1, Open: all.Questions()[0], Chosen: chosen}
	if chosen != 0 {
		s.quiz.Answered = 1
	}
	if s.quiz.IsRight() {
		s.quiz.Right = 1
	}
	return s
}

// TestQuestionsFit: the smallest screen has room for every word of a built-in's questions,
// before the answer and after it.
func TestQuestionsFit(t *testing.T) {
	for _, s := range scenarios.Builtins() {
		for _, q := range s.Questions() {
			for chosen := range len(q.Answers) + 1 {
				for _, size := range [][2]int{{leastWidth, leastHeight}, {80, 24}} {
					screen, terminal := testScreen(t, size[0], size[1])
					w := testScene(950 * time.Millisecond)
					w.quiz = play.Quiz{Of: 2, Number: 1, Open: q, Chosen: chosen}
					screen.draw(w.draw)
					shown := strings.Join(strings.Fields(strings.NewReplacer("│", " ", "▶", " ").Replace(shownOn(terminal))), " ")
					want := append([]string{q.Text}, q.Answers...)
					if chosen != 0 {
						want = append(want, q.Why)
					}
					for _, text := range want {
						if !strings.Contains(shown, text) {
							t.Errorf("%s at %v, %d chosen: not all of %q is shown:\n%s", s.Name, size, chosen, text, shownOn(terminal))
						}
					}
				}
			}
		}
	}
}

// quizRun is a run that asks at once, and again with its last step.
func quizRun(t *testing.T) (*play.Run, *scenarios.Scenario) {
	t.Helper()
	ask := func(text string) *scenarios.Question {
		return &scenarios.Question{Text: text, Answers: []string{"the consumer", "nobody"}, Right: 1, Why: "It does not read."}
	}
	s := &scenarios.Scenario{Name: "short", Title: "A short quiz", Knobs: scenarios.DefaultKnobs(), End: 400 * time.Millisecond, Script: []scenarios.Step{
		{At: 100 * time.Millisecond, Ask: ask("Who must act?"), Say: "first done"}, {At: 200 * time.Millisecond, Ask: ask("And now?")},
	}}
	s.Knobs.Network.Rate = 10_000_000
	run, err := play.Start(t.Context(), s, play.Options{Quiz: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Stop(); <-run.Done() })
	return run, s
}

// TestQuiz: keys and the mouse answer and go on, also while an earlier instant is shown; the
// final caption has the score.
func TestQuiz(t *testing.T) {
	run, s := quizRun(t)
	screen, terminal := testScreen(t, 80, 24)
	w := newLab(screen, run, s)
	sees := func(what string) {
		t.Helper()
		waitFor(t, what, func() bool {
			w.tick(time.Now())
			return strings.Contains(shownOn(terminal), what)
		})
	}
	sees("Who must act?")
	w.press("n")
	sees("the script waits for an answer: answer with 1 to 2")
	w.press("3")
	sees("there is no answer 3")
	w.press("space")
	sees("FROZEN")
	w.press("2")
	sees("WRONG, it is 1. It does not read.")
	w.press("2") // is answered
	w.press("enter")
	sees("FROZEN") // still
	w.press("end")
	sees("And now?")
	waitFor(t, "what the step says", func() bool { return run.Snapshot().Caption == "first done" })
	click(t, w, terminal, "the consumer")
	sees("RIGHT.")
	sees("1 of 2 right")
	click(t, w, terminal, "RIGHT.")
	waitFor(t, "the end", func() bool { return run.Snapshot().Over })
	<-run.Done()
	result, err := run.Wait()
	if got, want := (&outcome{result, err}).text(), "Quiz: 1 of 2 right. The run is over. The scenario expects nothing."; got != want {
		t.Errorf("the caption is %q, want %q", got, want)
	}
}

// click clicks where a text is shown.
func click(t *testing.T, w *lab, terminal tcell.SimulationScreen, text string) {
	t.Helper()
	for y, row := range strings.Split(shownOn(terminal), "\n") {
		if before, _, ok := strings.Cut(row, text); ok {
			w.click(Mouse{X: parts.Width(before), Y: y, Button: LeftButton})
		}
	}
}
