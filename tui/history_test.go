package tui

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// bucket is one second of a history, with the window from least to most to
// last.
func bucket(second, least, most, last int) timeline.Bucket {
	at := flow.Time(second) * 1e9
	return timeline.Bucket{
		Interval: flow.Interval{Start: at, End: at + 1e9},
		Window:   timeline.Range{Min: least, Max: most, Last: last},
	}
}

func TestColumnsOf(t *testing.T) {
	opened := bucket(3, 0, 90, 90)
	opened.Events[tcpwin.WindowOpened] = 1
	opened.Limits[flow.ReceiveWindow] = 5e8
	history := []timeline.Bucket{bucket(0, 60, 80, 70), bucket(1, 10, 70, 20), bucket(2, 0, 20, 0), opened, {}, {}, {}, {}}
	for i := 4; i < len(history); i++ {
		history[i].Interval = bucket(i, 0, 0, 0).Interval
	}

	type column struct {
		Window timeline.Range
		Opened uint32
	}
	got := func(now flow.Time, n int) (list []column) {
		for _, c := range columnsOf(history, now, n) {
			list = append(list, column{c.Window, c.Events[tcpwin.WindowOpened]})
		}
		return list
	}
	for _, c := range []struct {
		name string
		now  flow.Time
		n    int
		want []column
	}{
		{"nothing yet", 0, 4, nil},
		{"two in each", 4e9, 4, []column{{timeline.Range{Min: 10, Max: 80, Last: 20}, 0}, {timeline.Range{Min: 0, Max: 90, Last: 90}, 1}}},
		{"held since the latest packet", 7e9, 4, []column{
			{timeline.Range{Min: 10, Max: 80, Last: 20}, 0}, {timeline.Range{Min: 0, Max: 90, Last: 90}, 1},
			{timeline.Range{Min: 90, Max: 90, Last: 90}, 0}, {timeline.Range{Min: 90, Max: 90, Last: 90}, 0},
		}},
		{"no more than there are", 1e9, 100, []column{{timeline.Range{Min: 60, Max: 80, Last: 70}, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, got(c.now, c.n)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if held := columnsOf(history, 8e9, 4)[1].Limits[flow.ReceiveWindow]; held != 5e8 {
		t.Errorf("the second column's limits are %v", held)
	}
}
