package tui

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/mask"
	"flowlab/flow"
)

// still is a source that stands still.
type still struct {
	snapshot *board.Snapshot
	past     map[flow.Time]*board.Snapshot
	view     *diagnose.View
	chosen   int
}

func (s *still) Snapshot() *board.Snapshot { return s.with(s.snapshot) }

func (s *still) At(t flow.Time) *board.Snapshot {
	if p := s.past[t]; p != nil {
		return s.with(p)
	}
	n := *s.snapshot
	n.At, n.Live = t, false
	return s.with(&n)
}

func (s *still) with(n *board.Snapshot) *board.Snapshot {
	if s.chosen == 0 {
		return n
	}
	m := *n
	m.Chosen = s.view
	return &m
}

func (s *still) Choose(number int) { s.chosen = number }
func (s *still) Span() flow.Interval {
	return flow.Interval{Start: testStart, End: s.snapshot.At}
}
func (s *still) Marks() []flow.Time { return []flow.Time{testStart.Add(time.Second)} }

// testRow is a connection of which one side is held.
func testRow(number int, client, server string, c flow.Cause, by flow.HeldBy, held time.Duration) board.Row {
	r := board.Row{
		Number: number, Interface: "eth0", Start: testStart, End: testStart.Add(3 * time.Second), State: board.Flowing,
		ID: flow.Conn{Client: endpoint(client), Server: endpoint(server)},
	}
	r.Sides[flow.Client] = board.Side{Bytes: int64(number) << 20, Cause: c, HeldBy: by, Since: testStart.Add(3200*time.Millisecond - held)}
	r.Sides[flow.Server] = board.Side{Cause: flow.Application, HeldBy: flow.SenderApplication, Since: testStart}
	if c != flow.Application {
		s := &r.Sides[flow.Client]
		s.Held, s.Stalled, s.Longest, s.Stalls = true, held+time.Second, held, 2
		r.State = board.Held
	}
	return r
}

func endpoint(text string) flow.Endpoint { return flow.EndpointOf(netip.MustParseAddrPort(text)) }

// testSource has four connections, one of them of IPv6 and one of HTTP/2.
func testSource() *still {
	v := *httpScene().view()
	v.Number, v.ID = 2, flow.Conn{Client: endpoint("10.0.0.7:40002"), Server: endpoint("10.0.0.2:50051")}
	v.Directions[flow.Client].Bytes = 2 << 20
	h := v.Layer.HTTP2
	h.Streams[0].Opened, h.Streams[0].Seen = testStart.Add(300*time.Millisecond), true
	for side := range h.Directions {
		h.Directions[side].Limit = exactly(100)
	}
	h.Limit.Lowered = -1
	h.Directions[flow.Server].Window = exactly(65_535)
	v.Directions[flow.Server].Window, v.Directions[flow.Server].WindowKnown = 64<<10, true
	for i := range h.Streams {
		h.Streams[i].Halves[flow.Server].Window = exactly(65_535)
	}
	h.Streams[1].Halves[flow.Client].Window = exactly(32_767)
	h.Streams[0].Halves[flow.Client].Sent = 65_535
	h.Streams[0].Halves[flow.Client].Limits[flow.StreamWindow] = 2700 * time.Millisecond
	h.Streams[0].Halves[flow.Client].Now = v.Directions[flow.Client].Now
	stall := diagnose.Stall{
		Interval: flow.Interval{Start: testStart.Add(500 * time.Millisecond), End: testStart.Add(3200 * time.Millisecond)},
		Cause:    flow.StreamWindow, HeldBy: flow.Reader, Frames: []int{12, 40, 57},
	}
	v.Directions[flow.Client].Stalls, v.Directions[flow.Client].Count = []diagnose.Stall{stall}, 1
	h.Streams[0].Halves[flow.Client].Stalls = []diagnose.Stall{stall}
	rows := []board.Row{
		testRow(1, "10.0.0.7:40001", "10.0.0.2:443", flow.ReceiveWindow, flow.Reader, 1200*time.Millisecond),
		testRow(2, "10.0.0.7:40002", "10.0.0.2:50051", flow.StreamWindow, flow.Reader, 2700*time.Millisecond),
		testRow(3, "[2001:db8::7]:40003", "[2001:db8::2]:443", flow.Application, flow.SenderApplication, 0),
		testRow(4, "10.0.0.9:40004", "10.0.0.2:443", flow.Congestion, flow.Path, 300*time.Millisecond),
	}
	rows[1].Protocol, rows[1].Streams = board.HTTP2, 1
	return &still{view: &v, snapshot: &board.Snapshot{
		At: testStart.Add(3200 * time.Millisecond), Live: true, Rows: rows,
		Source: board.Source{First: testStart, Last: testStart.Add(3 * time.Second), Packets: 12_345, Connections: 4, Interfaces: 1},
	}}
}

// testSubject is a source that can be exported.
func testSubject(s Source) Subject {
	return Subject{
		Source: s, Title: "watching eth0 host 10.0.0.2", Plain: "watching eth0", Mask: mask.New(),
		Export: func(_ context.Context, number int, file string) (string, error) {
			if file != "" {
				return "", fmt.Errorf("%s exists already", file)
			}
			return fmt.Sprintf("wrote connection-%d.pcapng: 120 packets, 12 of them with comments", number), nil
		},
	}
}

// TestSelectionStays: the connection that is selected stays so when the order changes.
func TestSelectionStays(t *testing.T) {
	screen, _ := testScreen(t, 80, 24)
	w := newWatch(screen, testSubject(testSource()))
	w.tick(time.Now())
	w.press("down")
	number := w.all.chosen
	for range board.ByNames() {
		w.press("s")
		w.press("r")
		if r := w.all.selected(); r == nil || uint64(r.Number) != number {
			t.Fatalf("sorted by %v: %+v is selected, want connection %d", w.all.by, r, number)
		}
	}
}

// TestClicks: a click on a title sorts, one on a row selects it, and another opens it.
func TestClicks(t *testing.T) {
	screen, terminal := testScreen(t, 80, 24)
	source := testSource()
	w := newWatch(screen, testSubject(source))
	w.tick(time.Now())
	row := func(text string) int {
		for y, line := range strings.Split(rowsOf(terminal), "\n") {
			if strings.Contains(line, text) {
				return y
			}
		}
		t.Fatalf("%s is not shown", text)
		return 0
	}
	w.click(Mouse{X: 2, Y: 1, Button: LeftButton}) // the title of the first column
	if w.all.by != board.ByClient {
		t.Errorf("sorted by %v", w.all.by)
	}
	w.tick(time.Now())
	y := row("10.0.0.9:40004")
	w.click(Mouse{X: 5, Y: y, Button: LeftButton})
	if w.all.chosen != 4 || w.one != nil {
		t.Errorf("connection %d is selected", w.all.chosen)
	}
	w.click(Mouse{X: 5, Y: y, Button: LeftButton})
	if w.one == nil || source.chosen != 4 {
		t.Errorf("connection %d was opened", source.chosen)
	}
	w.press("esc")
	if w.one != nil || source.chosen != 0 {
		t.Error("the table is not shown again")
	}
}

// BenchmarkConnections draws a table of 10,000 connections whose rows are others each
// time, on a terminal of 200x60.
func BenchmarkConnections(b *testing.B) {
	screen, to := costScreen(b)
	source := testSource()
	var snapshots [2]*board.Snapshot
	for i := range snapshots {
		n := *source.snapshot
		n.Rows = nil
		for k := range 10_000 {
			r := testRow(k+1, fmt.Sprintf("10.0.%d.%d:%d", k/250, k%250, 40_000+i), "10.0.0.2:443", flow.Cause(k%flow.NumCauses), flow.Reader, time.Duration((k*7919+i*31)%3000)*time.Millisecond)
			n.Rows = append(n.Rows, r)
		}
		snapshots[i] = &n
	}
	w := newWatch(screen, testSubject(source))
	frames := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		source.snapshot = snapshots[i%2]
		w.tick(time.Now())
		frames++
	}
	b.ReportMetric(float64(to.sent)/float64(frames), "bytes-sent/op")
}
