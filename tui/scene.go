package tui

import (
	"fmt"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// scene is all that a picture of a run shows.
type scene struct {
	scenario *scenarios.Scenario
	snapshot *play.Snapshot
	frozen   bool
	outcome  *outcome // nil until the run is over
	notice   string   // what a key led to, if anything is wrong with it
}

// outcome is what a run came to.
type outcome struct {
	result *play.Result
	err    error
}

const (
	leastWidth  = 60
	leastHeight = 16
	lineHeight  = 20 // below, each sentence has one row only
	airyHeight  = 32 // from here on there is room for empty rows
)

// draw makes a picture of the scene. What every size has is drawn first; the
// chart and the log share the rest.
func (s *scene) draw(f *frame) {
	rest := f.area()
	if rest.w < leastWidth || rest.h < leastHeight {
		s.drawSmall(rest)
		return
	}
	air, said := 0, 2
	switch {
	case rest.h >= airyHeight:
		air = 1
	case rest.h < lineHeight:
		said = 1
	}
	s.drawHeader(rest.take(1))
	rest.take(air)
	s.drawPipe(rest.take(3))
	s.drawVerdict(rest.take(said))
	rest.take(air)
	const besides = 7 // the chart's title and what is below it, the legend, the footer
	half := (rest.h - besides - said - 2*air + 1) / 2
	s.drawChart(rest.take(half + half%2 + 5))
	s.drawLegend(rest.take(1))
	rest.take(air)
	s.drawCaption(rest.take(said))
	rest.take(air)
	s.drawLog(rest.take(rest.h - 1))
	s.drawFooter(rest)
}

// drawSmall says which size is needed, and no less than the verdict.
func (s *scene) drawSmall(a area) {
	a.put(0, 0, faint, a.fit(fmt.Sprintf("needs %dx%d, has %dx%d; q quits", leastWidth, leastHeight, a.w, a.h), a.w))
	for i, line := range wrap(s.verdict().text(), a.w) {
		a.put(0, 1+i, strong, line)
	}
}

// sender is the producer's direction as its own host sees it; nil before the
// connection is there.
func (s *scene) sender() *diagnose.DirectionView {
	if v := s.view(); v != nil {
		return &v.Directions[flow.Client]
	}
	return nil
}

// view is the connection as the producer's host sees it, or nil.
func (s *scene) view() *diagnose.View {
	for i := range s.snapshot.Views {
		if s.snapshot.Views[i].Interface == play.ProducerPort {
			return &s.snapshot.Views[i]
		}
	}
	return nil
}
