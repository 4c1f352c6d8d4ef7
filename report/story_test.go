package report

import (
	"bytes"
	"testing"
	"time"

	"flowlab/peers/story"
)

func TestStory(t *testing.T) {
	at := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	r := &story.Result{
		Story: &story.Story{Name: "slow-poll", Title: "A consumer that polls too slowly", Wire: "No window closes: the consumer does not fetch."},
		Lines: []story.Line{{At: at(1), Text: "the member pauses"}}, Length: at(6),
		Figures: []story.Figure{{At: 0, Name: "lag", Value: 0, Unit: "messages"}, {At: at(1), Name: "lag", Value: 12_000, Unit: "messages"}, {At: at(2), Name: "lag", Value: 9_000.5, Unit: "messages"},
			{At: at(3), Name: "blocked", Value: 1.25, Unit: "s"}},
		Checks: []story.Check{{Text: "the lag grows while the member pauses", Passed: true, Found: "0 to 12,000"}, {Text: "no window closes", Found: "3 windows of zero"}},
	}
	var b bytes.Buffer
	if err := Story(&b, r, Style{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "story", b.String())
	if got := StoryLine(r.Lines[0]); got != "  1.000 s  the member pauses" {
		t.Errorf("%q", got)
	}
}
