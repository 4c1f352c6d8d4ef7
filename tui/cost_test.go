package tui

import (
	"math"
	"strconv"
	"testing"

	"github.com/gdamore/tcell/v2"

	"flowlab/tui/parts"
	"flowlab/tui/settings"
)

// sink is a terminal of 200x60 that counts what it is sent.
type sink struct {
	sent   int
	closed chan struct{}
}

func (s *sink) Start() error        { return nil }
func (s *sink) Stop() error         { return nil }
func (s *sink) Drain() error        { close(s.closed); return nil }
func (s *sink) NotifyResize(func()) {}
func (s *sink) Close() error        { return nil }

func (s *sink) WindowSize() (tcell.WindowSize, error) {
	return tcell.WindowSize{Width: 200, Height: 60}, nil
}

func (s *sink) Read([]byte) (int, error) {
	<-s.closed
	return 0, nil
}

func (s *sink) Write(b []byte) (int, error) {
	s.sent += len(b)
	return len(b), nil
}

// costScreen is a screen on a real terminal's code, and where its bytes go.
func costScreen(t testing.TB) (*screen, *sink) {
	t.Helper()
	t.Setenv("TERM", "xterm-256color")
	t.Setenv("LC_ALL", "C.UTF-8")
	to := &sink{closed: make(chan struct{})}
	terminal, err := tcell.NewTerminfoScreenFromTty(to)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newScreen(terminal, "xterm-256color", settings.Default())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s, to
}

// fourCharts draws a picture with four charts of so many columns, an area and a
// line over it in each, that begin so many columns into the data; and a number
// that is new in each frame.
func fourCharts(c *parts.Canvas, frame, from, columns int) {
	g := c.Glyphs
	area, line := make([]parts.Sample, g.Samples(columns)), make([]parts.Sample, g.Samples(columns))
	for i := range area {
		at := float64(from) + float64(i)/float64(g.Samples(1))
		area[i] = parts.Is(40 + 40*math.Sin(at/9))
		line[i] = parts.Is(60 + 40*math.Cos(at/7))
	}
	plot := parts.Plot{Top: 100, Label: "100", Half: "50", Curves: []parts.Curve{
		{Filled: true, Ink: parts.Flight, Samples: area},
		{Ink: parts.Window, Over: parts.WindowOnFlight, Samples: line},
	}}
	rest := c.Area()
	rest.Take(1).PutRight(0, parts.Plain, strconv.Itoa(frame))
	for range 4 {
		plot.Draw(rest.Take(14))
	}
}

const (
	chartColumns = 200 - parts.Gutter

	// aColumn is how many frames there are until a chart of the last minute moves
	// by a column.
	aColumn = 30 * 60 / chartColumns
)

// changing are the ways in which charts change while something runs.
var changing = map[string]func(c *parts.Canvas, frame int){
	"the run so far":  func(c *parts.Canvas, frame int) { fourCharts(c, frame, 0, 1+frame%chartColumns) },
	"the last minute": func(c *parts.Canvas, frame int) { fourCharts(c, frame, frame/aColumn, chartColumns) },
}

// TestFrameCost: what a frame sends on 200x60, with four charts that change, and
// where nothing has changed.
func TestFrameCost(t *testing.T) {
	const frames, atMost, still = 90, 8000, 300
	for name, charts := range changing {
		for _, g := range []*parts.Glyphs{&parts.Block, &parts.Braille} {
			s, to := costScreen(t)
			s.glyphs = g
			draw := func(frame int) int {
				before := to.sent
				s.draw(func(c *parts.Canvas) { charts(c, frame) })
				return to.sent - before
			}
			draw(0)
			sum, most := 0, 0
			for i := range frames {
				n := draw(1 + i)
				sum, most = sum+n, max(most, n)
			}
			same := draw(frames)
			t.Logf("%s, %s: %d bytes a frame, %d at most, %d where nothing has changed", name, g.Name, sum/frames, most, same)
			if sum/frames > atMost || same > still {
				t.Errorf("%s, %s: %d bytes a frame and %d where nothing has changed; want %d and %d at most",
					name, g.Name, sum/frames, same, atMost, still)
			}
		}
	}
}

func BenchmarkFrameWithFourCharts(b *testing.B) {
	for name, charts := range changing {
		for _, g := range []*parts.Glyphs{&parts.Block, &parts.Braille} {
			b.Run(name+", "+g.Name, func(b *testing.B) {
				s, to := costScreen(b)
				s.glyphs = g
				b.ReportAllocs()
				frame := 0
				for ; b.Loop(); frame++ {
					s.draw(func(c *parts.Canvas) { charts(c, frame) })
				}
				b.ReportMetric(float64(to.sent)/float64(frame), "bytes-sent/op")
			})
		}
	}
}

// BenchmarkFrameWithTable scrolls through ten thousand connections.
func BenchmarkFrameWithTable(b *testing.B) {
	s, to := costScreen(b)
	names := make([]string, 10_000)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	table := parts.Table{Rows: len(names), Value: func(row, column int) parts.Value {
		if column < 2 {
			return parts.Value{Text: "192.168.100.200:40000"}
		}
		return parts.Value{Text: names[row], Ink: parts.Line(row), Part: int64(row % 64), Whole: 64}
	}}
	for range 6 {
		table.Columns = append(table.Columns, parts.Column{Title: "column", Width: 24, Grows: true})
	}
	b.ReportAllocs()
	frame := 0
	for ; b.Loop(); frame++ {
		table.Choose(59 * frame % table.Rows) // every row is new
		s.draw(func(c *parts.Canvas) { table.Draw(c.Area()) })
	}
	b.ReportMetric(float64(to.sent)/float64(frame), "bytes-sent/op")
}
