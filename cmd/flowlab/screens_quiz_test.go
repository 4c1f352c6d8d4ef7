//go:build unix

package main

import (
	"testing"
)

// TestQuizScreen runs a scenario as a quiz: one question is answered wrongly and one
// rightly, the script is held and moved on, and the score is told on screen and in the
// report.
func TestQuizScreen(t *testing.T) {
	if testing.Short() {
		t.Skip("lives through a scenario")
	}
	t.Parallel()
	s := newTerminal(t, "80", "24")
	program := built(t, "")
	s.types("clear", "Enter", program+" run reader-stops --quiz", "Enter")
	s.sees("question 1 of 2")
	s.sees("1/2/3 answer")
	s.types("1")
	s.sees("WRONG, it is 2. The kernel takes what the buffer has room for")
	s.sees("0 of 1 right")
	s.sees("script held") // until somebody goes on
	s.types("Enter")
	s.sees("held by RECEIVE WINDOW")
	s.sees("question 2 of 2")
	s.types("3")
	s.sees("RIGHT. A window of zero is an answer too")
	s.types("h", "n") // h is for nothing while it waits
	s.sees("The consumer stops reading.")
	s.types("h")
	s.sees("script held")
	s.types("n") // it is held, and does its next step all the same
	s.sees("One window update, and the sender is off again.")
	s.sees("script held")
	s.types("h")
	s.sees("OVER")
	s.sees("Quiz: 1 of 2 right. The run is over. Nothing was checked")
	s.types("q")
	s.sees("quiz: 1 of 2 right")
	s.sees("ready$")
}
