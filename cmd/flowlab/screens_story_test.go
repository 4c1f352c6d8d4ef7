//go:build unix

package main

import "testing"

// TestPickStory picks a scenario on real systems: it is told without a screen, and then
// there is the list again.
func TestPickStory(t *testing.T) {
	if testing.Short() {
		t.Skip("lives through a scenario")
	}
	t.Parallel()
	s := newTerminal(t, "80", "24")
	s.types(built(t), "Enter")
	s.sees("choose a scenario")
	s.types("/", "k", "a", "f", "k", "a", "Space", "p", "o", "l", "l")
	s.sees("kafka-slow-poll")
	s.types("Enter", "Enter")                // the words, and the scenario
	s.sees("records of 1024 bytes a second") // while it is told
	s.sees("promises: ")
	s.sees("press enter for the list")
	s.types("Enter")
	s.sees("choose a scenario")
	s.types("q")
	s.sees("ready$")
}
