package main

import (
	"flowlab/capture"
	"flowlab/diagnose/survey"
)

// watchSource returns what is known of a survey's source when a connection is
// received.
func watchSource(s *survey.Survey) func() *survey.Source {
	src := &survey.Source{Interfaces: make([]survey.Interface, 1<<16)}
	match := s.Match
	begun := false
	s.Match = func(link capture.LinkType, p *capture.Packet) bool {
		if !begun {
			begun, src.First = true, p.Time
		}
		return match == nil || match(link, p)
	}
	return func() *survey.Source { return src }
}
