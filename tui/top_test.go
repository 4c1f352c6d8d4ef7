package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"flowlab/flow"
	"flowlab/sockets"
	"flowlab/sockets/looks"
	"flowlab/tui/parts"
)

// testSockets are five sockets at a look, so many seconds after the first.
func testSockets(second int) []sockets.Verdict {
	at := testStart.Add(time.Duration(second) * time.Second)
	socket := func(cookie uint64, local, remote string, sendQ, recvQ int64) *sockets.Socket {
		return &sockets.Socket{
			At: at, Cookie: cookie, Local: endpoint(local), Remote: endpoint(remote), State: sockets.Established, Inode: uint32(cookie),
			SendQ: sendQ, RecvQ: recvQ, RecvBuffer: 128 << 10, SendBuffer: 4 << 20,
			Info: sockets.Info{
				RTT: 12 * time.Millisecond, MinRTT: 9 * time.Millisecond, MSS: 1448, CWnd: 10 + second, SSThresh: 0x7fffffff,
				SndWnd: int64(40+10*(second%3)) << 10, RcvWnd: 64 << 10, Unacked: second % 8, NotSent: sendQ / 2, PacingRate: -1, DeliveryRate: 3e6,
			},
		}
	}
	verdict := func(s *sockets.Socket, c flow.Cause, by flow.HeldBy, share int) sockets.Verdict {
		v := sockets.Verdict{Socket: s, Length: time.Second, Cause: c, HeldBy: by, Acked: int64(100_000 * (1 + second%4))}
		v.Limits[c] = time.Duration(share) * time.Second / 100
		v.Limits[flow.Application] += time.Second - v.Limits[c]
		if c != flow.Application {
			v.Busy = v.Limits[c]
		}
		return v
	}
	held, by := flow.ReceiveWindow, flow.Reader
	if second < 3 {
		held, by = flow.Congestion, flow.Path
	}
	reading := verdict(socket(3, "192.0.2.1:443", "198.51.100.7:51000", 0, 300_000), flow.Application, flow.SenderApplication, 100)
	reading.Unread, reading.Growing, reading.Acked, reading.Came = 300_000, true, 0, 250_000
	repairing := socket(5, "[2001:db8::1]:40005", "[2001:db8:0:1::200]:443", 20_000, 0)
	repairing.Info.CAState, repairing.Info.TotalRetrans = sockets.Recovery, 17
	idle := verdict(socket(4, "192.0.2.1:22", "198.51.100.8:50022", 0, 0), flow.Application, flow.SenderApplication, 100)
	idle.Acked = 0
	return []sockets.Verdict{
		verdict(socket(1, "192.0.2.1:40001", "198.51.100.7:443", 3<<20, 0), held, by, 93),
		verdict(socket(2, "192.0.2.1:40002", "198.51.100.200:5432", 900_000, 0), flow.SendBuffer, flow.SenderSocket, 60),
		reading, idle,
		verdict(repairing, flow.LossRecovery, flow.Path, 40),
	}
}

// testHolder is who holds a socket.
func testHolder(inode uint32) *sockets.Process { return testProcesses[inode] }

var testProcesses = map[uint32]*sockets.Process{
	1: {PID: 4711, Name: "backup", CGroup: "/system.slice/backup.service"},
	2: {PID: 812, Name: "worker-with-a-long-name", Container: "3f2a00112233"},
	3: {PID: 97, Name: "nginx", CGroup: "/"},
}

func testLooks() *looks.Looks {
	l := looks.New()
	for second := range 13 {
		l.Add(testStart.Add(time.Duration(second)*time.Second), testSockets(second), testHolder)
	}
	return l
}

// pressed is the screen of these sockets after some keys.
func pressed(screen *screen, keys ...string) *top {
	s := newTop(screen, testLooks())
	for _, k := range keys {
		s.press(s.meaning(k))
	}
	s.look()
	return s
}

// topAfter shows sockets on a terminal of a size, after some keys.
func topAfter(t testing.TB, width, height int, keys ...string) (*top, tcell.SimulationScreen) {
	screen, terminal := testScreen(t, width, height)
	s := pressed(screen, keys...)
	s.tick()
	return s, terminal
}

// TestTopScreens has what is drawn of a host's sockets in every size and look.
func TestTopScreens(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
	}{
		{"sockets", nil},
		{"sockets-all", []string{"i", "s", "down", "down"}},
		{"sockets-typed", []string{"/", "n", "g", "i", "n", "x", "enter"}},
		{"sockets-past", []string{"home"}},
		{"socket", []string{"enter"}},
		{"socket-past", []string{"enter", "["}},
		{"sockets-help", []string{"?"}},
	} {
		goldenView(t, c.name, func(s *screen) func(*parts.Canvas) { return pressed(s, c.keys...).draw })
		name := c.name + "-50x10"
		t.Run(name, func(t *testing.T) {
			_, terminal := topAfter(t, 50, 10, c.keys...)
			golden(t, name, shownOn(terminal))
		})
	}
}

// TestTopMasked: no address is shown, now, before or of one socket, nor one that was typed.
func TestTopMasked(t *testing.T) {
	s, terminal := topAfter(t, 200, 60, "/", "1", "9", "8", ".", "5", "1", ".", "1", "0", "0", ".", "7", "enter", "enter")
	real := []string{"198.51.100.200", "198.51.100.7", "2001:db8:0:1::200"}
	if got := shownOn(terminal); !strings.Contains(got, real[1]) {
		t.Fatalf("the address is not shown unmasked:\n%s", got)
	}
	for _, key := range []string{"M", "left", "esc", "home", "i"} {
		s.press(key)
		s.tick()
		got := shownOn(terminal)
		for _, address := range real {
			if strings.Contains(got, address+":") {
				t.Errorf("after %s %s is shown in\n%s", key, address, got)
			}
		}
		if !strings.Contains(got, "MASKED") {
			t.Errorf("after %s nothing says that it is masked", key)
		}
	}
	if n := len(s.all.rows); n != 5 {
		t.Errorf("%d rows are shown; the filter was an address", n)
	}
	s.press("M")
	s.tick()
	if got := shownOn(terminal); !strings.Contains(got, real[0]) || strings.Contains(got, "MASKED") {
		t.Errorf("the addresses are not shown again:\n%s", got)
	}
}

// TestTopBeforeFirstLook: there is something to see before anything is known.
func TestTopBeforeFirstLook(t *testing.T) {
	screen, terminal := testScreen(t, 80, 24)
	s := newTop(screen, looks.New())
	for _, k := range []string{"left", "enter", "home", "[", "space", "s", "i"} {
		s.press(k)
	}
	s.tick()
	if got := shownOn(terminal); !strings.Contains(got, "after the first interval") {
		t.Errorf("shown is\n%s", got)
	}
}

// TestTopInTime: keys go from look to look, and the socket that is selected stays so.
func TestTopInTime(t *testing.T) {
	s, terminal := topAfter(t, 120, 40, "down")
	if s.all.chosen != 2 {
		t.Fatalf("socket %d is selected", s.all.chosen)
	}
	at := func() time.Duration { s.tick(); return s.snapshot.At.Sub(testStart) / time.Second }
	for _, c := range []struct {
		key  string
		want time.Duration
	}{
		{"space", 12}, {"left", 11}, {"left", 10}, {"right", 11}, {"shift-left", 1}, {"right", 2}, {"]", 3}, {"[", 0}, {"home", 0}, {"left", 0}, {"shift-right", 10}, {"end", 12},
	} {
		s.press(c.key)
		if got := at(); got != c.want {
			t.Errorf("%s leads to look %d, want %d", c.key, got, c.want)
		}
		if s.all.chosen != 2 || s.all.selected().Cookie != 2 {
			t.Errorf("after %s socket %d is selected", c.key, s.all.chosen)
		}
	}
	if s.instant.held {
		t.Error("the present is held")
	}
	s.press("left")
	s.press("left")
	if at() != 10 {
		t.Errorf("two keys before a picture lead to look %d", at())
	}
	s.press("right")
	s.press("right")
	if at() != 12 || s.instant.held {
		t.Errorf("back at look %d, held %v", at(), s.instant.held)
	}
	s.press("space")
	s.source.Add(testStart.Add(13*time.Second), testSockets(13), testHolder)
	if at() != 12 || !strings.Contains(shownOn(terminal), "1 s ago") {
		t.Errorf("frozen, look %d is shown:\n%s", at(), shownOn(terminal))
	}
	s.press("space")
	if at() != 13 {
		t.Errorf("not frozen, look %d is shown", at())
	}
}

// TestTopSortMark: the mark at a title points where the values of its column do.
func TestTopSortMark(t *testing.T) {
	s, terminal := topAfter(t, 120, 40)
	for _, want := range []string{"process ▲", "process ▼", "process ▲"} {
		s.click(Mouse{X: 2, Y: 1, Button: LeftButton}) // the title of the first column
		s.tick()
		title := strings.Split(shownOn(terminal), "\n")[1]
		first, last := s.all.rows[0].Name(), s.all.rows[len(s.all.rows)-1].Name()
		if !strings.Contains(title, want) || (first < last) != strings.HasSuffix(want, "▲") {
			t.Errorf("from %q to %q the title is %q, want %q", first, last, title, want)
		}
	}
	before, _, _ := strings.Cut(strings.Split(shownOn(terminal), "\n")[1], "send-q")
	s.click(Mouse{X: len([]rune(before)), Y: 1, Button: LeftButton})
	s.tick()
	title := strings.Split(shownOn(terminal), "\n")[1]
	if first, last := s.all.rows[0].SendQ, s.all.rows[len(s.all.rows)-1].SendQ; !strings.Contains(title, "▼ send-q") || first <= last {
		t.Errorf("from %d to %d bytes the title is %q", first, last, title)
	}
}

// TestTopMouse: a click selects, opens, sorts, and goes to an instant of the chart.
func TestTopMouse(t *testing.T) {
	s, terminal := topAfter(t, 120, 40)
	rows := strings.Split(shownOn(terminal), "\n")
	y := slices.IndexFunc(rows, func(row string) bool { return strings.Contains(row, "198.51.100.200") })
	s.click(Mouse{X: 20, Y: y, Button: LeftButton})
	if s.all.chosen != 2 || s.one != nil {
		t.Fatalf("socket %d is selected", s.all.chosen)
	}
	s.click(Mouse{X: 2, Y: 1, Button: LeftButton}) // the title of the first column
	if s.all.by != looks.ByProcess {
		t.Errorf("sorted by %v", s.all.by)
	}
	s.tick()
	rows = strings.Split(shownOn(terminal), "\n")
	y = slices.IndexFunc(rows, func(row string) bool { return strings.Contains(row, "198.51.100.200") })
	s.click(Mouse{X: 20, Y: y, Button: LeftButton})
	s.tick()
	if s.one == nil || s.one.cookie != 2 {
		t.Fatal("the socket is not opened")
	}
	s.click(Mouse{X: 117, Y: 20, Button: LeftButton}) // some four seconds ago
	s.tick()
	if ago := testStart.Add(12 * time.Second).Sub(s.snapshot.At); !s.instant.held || ago < time.Second || ago > 2*time.Second {
		t.Errorf("%v ago is shown", ago)
	}
	s.press("esc")
	if s.one != nil {
		t.Error("the table is not shown again")
	}
	if !s.press("esc") {
		t.Error("esc does not leave the table")
	}
}

// TestTopSizes draws in every size there may be, and must not panic.
func TestTopSizes(t *testing.T) {
	s, _ := topAfter(t, 120, 40)
	c := parts.Canvas{Glyphs: &parts.Braille}
	for _, key := range []string{"home", "enter"} {
		s.press(key)
		for n := range 100 {
			for _, size := range [][2]int{{n, 30}, {90, n}} {
				c.Reset(size[0], size[1])
				s.draw(&c)
			}
		}
	}
}

// BenchmarkTop draws a table of 10,000 sockets of which each look has others come first, on
// a terminal of 200x60, and enters the look.
func BenchmarkTop(b *testing.B) {
	screen, to := costScreen(b)
	l := looks.New()
	s := newTop(screen, l)
	list := make([]sockets.Socket, 10_000)
	verdicts := make([]sockets.Verdict, len(list))
	frames := 0
	b.ReportAllocs()
	for b.Loop() {
		at := testStart.Add(time.Duration(frames) * time.Second)
		for i := range list {
			list[i] = sockets.Socket{At: at, Cookie: uint64(i + 1), Remote: endpointNumber(i), SendQ: int64((i * 7919) % 3000)}
			verdicts[i] = sockets.Verdict{Socket: &list[i], Length: time.Second, Cause: flow.ReceiveWindow, HeldBy: flow.Reader}
			verdicts[i].Limits[flow.ReceiveWindow] = time.Duration((i*7919+frames*31)%1000) * time.Millisecond
		}
		l.Add(at, verdicts, testHolder)
		s.tick()
		frames++
	}
	b.ReportMetric(float64(to.sent)/float64(frames), "bytes-sent/op")
}

func endpointNumber(i int) flow.Endpoint {
	return flow.Endpoint{IP: [16]byte{10, 0, byte(i >> 8), byte(i)}, Port: 443, IPv4: true}
}
