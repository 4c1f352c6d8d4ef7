// The questions of a script, and how somebody does with them.

package play

import (
	"context"
	"fmt"

	"flowlab/scenarios"
)

// Quiz is how somebody does with the questions of a script.
type Quiz struct {
	Of       int                 // how many the script has; 0 if the run is no quiz
	Number   int                 // which of them came last, from 1; 0 before the first
	Open     *scenarios.Question // for which the script waits; nil if for none
	Chosen   int                 // the answer that was given to it, from 1; 0 before
	Answered int                 // how many were
	Right    int                 // how many of these rightly
}

// IsRight tells whether the right answer was given to the open question.
func (q *Quiz) IsRight() bool { return q.Open != nil && q.Chosen == q.Open.Right }

// ask opens a question, and lets the script wait until it is answered and somebody goes
// on. It is false if the run was stopped before.
func (r *Run) ask(ctx context.Context, q *scenarios.Question) bool {
	r.mu.Lock()
	r.quiz.Number++
	r.quiz.Open, r.quiz.Chosen = q, 0
	r.wait("waits for an answer")
	r.mu.Unlock()
	for {
		select {
		case <-ctx.Done():
			r.mu.Lock()
			r.quiz.Open = nil
			r.mu.Unlock()
			return false
		case <-r.moved:
		}
		r.mu.Lock()
		open := r.quiz.Open != nil
		r.mu.Unlock()
		if !open {
			return true
		}
	}
}

// Answer answers the open question. The script waits on, so that there is time to read
// why, until [Run.Next]. The error is a [scenarios.Mistake]: there is no open question, it
// was answered before, or it has no such answer.
func (r *Run) Answer(n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	q := r.quiz.Open
	switch {
	case q == nil:
		return &scenarios.Mistake{Problem: "no question is open", Hint: "answer when the script asks"}
	case r.quiz.Chosen != 0:
		return &scenarios.Mistake{Problem: "the question is answered", Hint: "go on"}
	case n < 1 || n > len(q.Answers):
		return &scenarios.Mistake{Problem: fmt.Sprintf("there is no answer %d", n), Hint: fmt.Sprintf("answer with 1 to %d", len(q.Answers))}
	}
	r.quiz.Chosen = n
	r.quiz.Answered++
	if r.quiz.IsRight() {
		r.quiz.Right++
	}
	return nil
}

// goOn closes the open question, if it is answered; r.mu is held.
func (r *Run) goOn() error {
	if r.quiz.Chosen == 0 {
		return &scenarios.Mistake{Problem: "the script waits for an answer", Hint: fmt.Sprintf("answer with 1 to %d", len(r.quiz.Open.Answers))}
	}
	r.quiz.Open, r.quiz.Chosen = nil, 0
	r.wait("goes on, answered")
	return nil
}

// wait holds the script as long as a question is open or somebody holds it, and tells why
// that is another now; r.mu is held.
func (r *Run) wait(why string) {
	at := r.elapsed()
	r.script.hold(r.held || r.quiz.Open != nil, at)
	r.steered(at, why)
}
