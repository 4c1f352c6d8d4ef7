// The questions of a script, in a panel on the screen of its run.

package tui

import (
	"fmt"
	"strconv"
	"strings"

	"flowlab/scenarios/play"
	"flowlab/tui/parts"
)

// widestQuiz is how wide the panel of a question is at the most: longer lines are hard to
// read.
const widestQuiz = 92

// rightly is what a right answer is told with.
const rightly = "RIGHT. "

// The regions of the panel: an answer, with its number behind, and all of it once it is
// answered.
const (
	answerRegion = "answer "
	goOnRegion   = "go on"
)

// drawQuiz draws the open question at the bottom of an area, and once it is answered,
// whether that was right and why. Both take as many rows, so that nothing moves.
func drawQuiz(a parts.Area, q *play.Quiz) {
	w := min(a.W, widestQuiz)
	a = a.Columns((a.W-w)/2, w)
	const frame = 2                      // rows of it
	text := parts.Wrap(q.Open.Text, w-4) // beside it is a column of air on either side
	why := max(len(parts.Wrap(rightly+q.Open.Why, w-4)), len(parts.Wrap(wrongly(q)+q.Open.Why, w-4)))
	answers := answersOf(q, w-4)
	rows, air := len(text)+why+frame, 1
	for _, lines := range answers {
		rows += len(lines)
	}
	if rows+2*air > a.H {
		air = 0
	}
	panel := a.TakeLast(rows + 2*air)
	box := panel.Box(fmt.Sprintf("question %d of %d", q.Number, q.Of))
	if q.Answered > 0 {
		panel.Columns(0, w-2).Rows(0, 1).PutRight(0, parts.Plain, fmt.Sprintf(" %d of %d right ", q.Right, q.Answered))
	}
	if q.Chosen != 0 {
		panel.Name(goOnRegion)
	}
	for _, line := range text {
		box.Take(1).Put(0, 0, parts.Strong, line)
	}
	box.Take(air)
	for i, lines := range answers {
		drawAnswer(box.Take(len(lines)), q, i+1, lines)
	}
	box.Take(air)
	drawWhy(box, q)
}

// answerIndent is where the text of an answer begins.
const answerIndent = 5

// answersOf are the lines of each answer.
func answersOf(q *play.Quiz, width int) [][]string {
	lines := make([][]string, len(q.Open.Answers))
	for i, answer := range q.Open.Answers {
		lines[i] = parts.Wrap(answer, width-answerIndent)
	}
	return lines
}

// drawAnswer draws the nth answer. Once there is one, a sign stands before it, and what was
// neither chosen nor right is faint.
func drawAnswer(a parts.Area, q *play.Quiz, n int, lines []string) {
	number, ink := parts.Accent, parts.Plain
	switch {
	case q.Chosen == 0:
		a.Name(answerRegion + strconv.Itoa(n))
	case n == q.Open.Right:
		number, ink = parts.Good, parts.Good
	case n == q.Chosen:
		number, ink = parts.Alarm, parts.Alarm
	default:
		number, ink = parts.Faint, parts.Faint
	}
	if n == q.Chosen {
		a.Put(0, 0, ink, a.Glyphs().Chosen)
	}
	a.Put(2, 0, number, strconv.Itoa(n))
	for y, line := range lines {
		a.Put(answerIndent, y, ink, line)
	}
}

// drawWhy tells what came of the answer; before there is one, what is waited for.
func drawWhy(a parts.Area, q *play.Quiz) {
	result, ink := wrongly(q), parts.Alarm
	switch {
	case q.Chosen == 0:
		a.Put(0, 0, parts.Faint, a.Fit("The script waits for your answer; the lab goes on.", a.W))
		return
	case q.IsRight():
		result, ink = rightly, parts.Good
	}
	for y, line := range parts.Wrap(result+q.Open.Why, a.W) {
		a.Put(0, y, parts.Plain, line)
	}
	a.Put(0, 0, ink, result)
}

// wrongly is what any other is told with.
func wrongly(q *play.Quiz) string { return fmt.Sprintf("WRONG, it is %d. ", q.Open.Right) }

// quizKey says which keys are for the open question.
func quizKey(q *play.Quiz, key func(does string, actions ...string) parts.KeyHelp) parts.KeyHelp {
	if q.Chosen != 0 {
		return key("go on", "go-on")
	}
	return key("answer", answerActions[:len(q.Open.Answers)]...)
}

// answerActions are the names of the actions that answer.
var answerActions = [...]string{"answer-1", "answer-2", "answer-3", "answer-4", "answer-5"}

// answer does what a key is for while a question is open; false if it is for nothing then.
func (l *lab) answer(key string) bool {
	q := &l.scene.quiz
	if q.Open == nil {
		return false
	}
	if key == "enter" && q.Chosen != 0 {
		l.done(l.run.Next())
		return true
	}
	n, err := strconv.Atoi(key)
	if err != nil || n == 0 || q.Chosen != 0 {
		return false
	}
	l.done(l.run.Answer(n))
	return true
}

// clickQuiz does what the mouse is for on the panel; false if the region is none of it.
func (l *lab) clickQuiz(region string) bool {
	l.scene.quiz = l.run.Snapshot().Quiz
	if n, ok := strings.CutPrefix(region, answerRegion); ok {
		return l.answer(n)
	}
	return region == goOnRegion && l.answer("enter")
}

// score is how a quiz was done; empty if there was none.
func score(q *play.Quiz) string {
	if q.Of == 0 {
		return ""
	}
	return fmt.Sprintf("Quiz: %d of %d right. ", q.Right, q.Answered)
}
