package tui

import (
	"fmt"

	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/scenarios/play"
	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

// scene is all that a picture of a run shows.
type scene struct {
	scenario *scenarios.Scenario
	snapshot *play.Snapshot // of the instant that is shown
	latest   *play.Snapshot // whose chart is shown
	instant  instant
	knobs    knobs
	keys     settings.Keys
	line     commandLine
	quiz     play.Quiz // of now, also while an earlier instant is shown
	help     bool      // is shown
	rates    bool      // are shown where there is room for one chart
	outcome  *outcome  // nil until the run is over
	notice   string    // what a key led to, if anything is wrong with it
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
	twoCharts   = 20 // rows of charts from which on there are two
)

// draw makes a picture of the scene. What every size has is drawn first; the
// chart and the log share the rest.
func (s *scene) draw(c *parts.Canvas) {
	rest := c.Area()
	if rest.W < leastWidth || rest.H < leastHeight {
		s.drawSmall(rest)
		return
	}
	air, said := 0, 2
	switch {
	case rest.H >= airyHeight:
		air = 1
	case rest.H < lineHeight:
		said = 1
	}
	s.drawHeader(rest.Take(1))
	below := rest
	rest.Take(air)
	s.drawPipe(rest.Take(3))
	s.drawVerdict(rest.Take(said))
	rest.Take(air)
	const besides = 7 // the chart's title and what is below it, the legend, the footer
	half := (rest.H - besides - said - 2*air + 1) / 2
	chart := rest.Take(half + half%2 + 5)
	switch {
	case chart.H >= twoCharts:
		s.drawRates(chart.Take(chart.H / 3))
		s.drawChart(chart)
	case s.rates:
		s.drawRates(chart)
	default:
		s.drawChart(chart)
	}
	s.drawLegend(rest.Take(1))
	rest.Take(air)
	s.drawCaption(rest.Take(said))
	rest.Take(air)
	s.drawLog(rest.Take(rest.H - 1))
	s.drawFooter(rest)
	if s.asked() {
		drawQuiz(below.Rows(0, below.H-1), &s.quiz)
	}
	if s.knobs.open && s.outcome == nil {
		above := air + 3 + said // pipe and verdict stay in sight
		s.knobs.draw(below.Rows(above, below.H-above-1), &s.latest.Knobs)
	}
	if s.line.open {
		s.line.draw(c.Area())
	}
	if s.help {
		parts.Help(c.Area(), "keys", s.keys.Help(c.Glyphs, settings.Lab))
	}
}

// asked tells whether a question is open.
func (s *scene) asked() bool { return s.quiz.Open != nil && s.outcome == nil }

// drawSmall says which size is needed, and no less than the verdict.
func (s *scene) drawSmall(a parts.Area) {
	a.Put(0, 0, parts.Faint, a.Fit(fmt.Sprintf("needs %dx%d, has %dx%d; q quits", leastWidth, leastHeight, a.W, a.H), a.W))
	for i, line := range parts.Wrap(s.verdict().text(), a.W) {
		a.Put(0, 1+i, parts.Strong, line)
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
func (s *scene) view() *diagnose.View { return viewOf(s.snapshot) }

func viewOf(s *play.Snapshot) *diagnose.View {
	for i := range s.Views {
		if s.Views[i].Interface == play.ProducerPort {
			return &s.Views[i]
		}
	}
	return nil
}
