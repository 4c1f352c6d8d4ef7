// What a step asks whoever watches.

package scenarios

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// Question is what a step asks. A run that is a quiz waits at the step, before anything of
// it is done, until somebody has answered.
type Question struct {
	Text    string   // at most 150 characters
	Answers []string // two to five, each of at most 60 characters
	Right   int      // which of them is right, from 1
	Why     string   // it is; at most 200 characters
}

// What a question may have, so that the smallest screen has room for it.
const (
	leastAnswers, mostAnswers         = 2, 5
	mostQuestion, mostAnswer, mostWhy = 150, 60, 200 // characters
)

// Questions returns those of the script, in the order of its steps.
func (s *Scenario) Questions() []*Question {
	var all []*Question
	for i := range s.Script {
		if q := s.Script[i].Ask; q != nil {
			all = append(all, q)
		}
	}
	return all
}

// OnlyAsks tells whether a step does nothing but ask.
func (s *Step) OnlyAsks() bool {
	return s.Ask != nil && len(s.Set) == 0 && s.Drop == nil && len(s.Do) == 0 && s.Say == ""
}

// question reads what a step asks.
func (r *reader) question(n ast.Node) *Question {
	q := &Question{}
	o, ok := r.object(n, "ask", []string{"question", "answers", "right", "why"})
	if !ok {
		return q
	}
	need := func(key, hint string) bool {
		if !o.has(key) {
			r.fail(n, mistake(hint, "ask without %s", key))
		}
		return o.has(key)
	}
	if need("question", `add what is asked, such as question: "Who must act?"`) {
		q.Text = r.short(o.values["question"], "question", mostQuestion)
	}
	if need("answers", "add two to five, such as answers: [the consumer, nobody]") {
		q.Answers = r.answers(o.values["answers"])
	}
	if need("right", "add which answer is right, such as right: 1 for the first") {
		q.Right, ok = value(r, o.values["right"], number(1))
		if ok && len(q.Answers) > 0 && q.Right > len(q.Answers) {
			r.fail(o.values["right"], mistake("write the number of an answer, from 1", "answer %d of %d is right", q.Right, len(q.Answers)))
		}
	}
	if need("why", "add a sentence that tells why, for after the answer") {
		q.Why = r.short(o.values["why"], "why", mostWhy)
	}
	return q
}

// answers reads those among which somebody chooses.
func (r *reader) answers(n ast.Node) []string {
	var all []string
	for _, entry := range r.list(n, "answers") {
		text := r.short(entry, "answer", mostAnswer)
		if text != "" && slices.Contains(all, text) {
			r.fail(entry, mistake("write each answer once", "the answer %s stands twice", quote(text)))
		}
		all = append(all, text)
	}
	if _, list := n.(*ast.SequenceNode); list && (len(all) < leastAnswers || len(all) > mostAnswers) {
		r.fail(n, mistake("write two to five, such as answers: [the consumer, nobody]", "a choice of %d", len(all)))
	}
	return all
}

// short reads a line of at most so many characters; empty if it is none.
func (r *reader) short(n ast.Node, what string, most int) string {
	text, ok := r.line(n)
	if !ok {
		return ""
	}
	if long := utf8.RuneCountInString(text); long > most {
		r.fail(n, mistake("say it shorter: the screen has room for "+strconv.Itoa(most), "%s of %d characters", what, long))
	}
	return text
}
