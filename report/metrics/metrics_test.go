package metrics

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/flow"
	"flowlab/scenarios/play"
	"flowlab/scenarios/solo"
	"flowlab/sockets"
)

const second = flow.Time(time.Second)

// at is how one connection of a run stands, whose client is held by its window from the
// first second on for so long.
func at(seconds float64, held time.Duration, over bool) *play.Snapshot {
	now := flow.Time(seconds * float64(second))
	v := diagnose.View{Number: 1}
	d := &v.Directions[flow.Client]
	d.Bytes, d.Segments, d.Window, d.InFlight, d.Resent = int64(1000*seconds), 7, 500, 200, 50
	d.Limits[flow.ReceiveWindow], d.Limits[flow.Congestion] = held, time.Second
	if held > 0 {
		stall := diagnose.Stall{Interval: flow.Interval{Start: second, End: second.Add(held)}, Cause: flow.ReceiveWindow, HeldBy: flow.Reader}
		d.Stalls, d.Count = []diagnose.Stall{stall}, 1
		d.Now = diagnose.Now{Cause: flow.ReceiveWindow, HeldBy: flow.Reader, For: held}
	}
	if over {
		d.Now = diagnose.Now{Cause: flow.Congestion, For: time.Millisecond}
	}
	v.Directions[flow.Server].From = flow.Server
	other := v // the other host's view of the same connection counts once
	other.Interface = 1
	s := &play.Snapshot{At: time.Duration(now), Views: []diagnose.View{v, other}, Consumer: play.Consumer{Read: 900, Queue: 40}}
	s.Producer.Written = int64(2000 * seconds)
	return s
}

// causes is a counter of each cause and side, of which the client's have values: all others
// are there, and 0.
func causes(name string, client map[string]string) (text string) {
	for _, cause := range flow.CauseNames() {
		text += fmt.Sprintf("%s{cause=%q,from=\"client\"} %s\n", name, cause, cmp.Or(client[cause], "0"))
		text += fmt.Sprintf("%s{cause=%q,from=\"server\"} 0\n", name, cause)
	}
	return text
}

// lasted is the histogram of how long stalls lasted, with one of the client's by some causes.
func lasted(client map[string]float64) (text string) {
	for _, cause := range flow.CauseNames() {
		for _, from := range []string{"client", "server"} {
			labels, sum, n := fmt.Sprintf("cause=%q,from=%q", cause, from), 0.0, 0
			if d := client[cause]; d > 0 && from == "client" {
				sum, n = d, 1
			}
			for _, le := range durations {
				text += fmt.Sprintf("flowlab_stall_duration_seconds_bucket{%s,le=\"%v\"} %d\n", labels, le, n*int(min(1, le/sum)))
			}
			text += fmt.Sprintf("flowlab_stall_duration_seconds_bucket{%s,le=\"+Inf\"} %d\n", labels, n)
			text += fmt.Sprintf("flowlab_stall_duration_seconds_sum{%s} %v\nflowlab_stall_duration_seconds_count{%s} %d\n", labels, sum, labels, n)
		}
	}
	return text
}

// TestRun: a stall begins, lasts, is looked at again and again, and ends: it counts once.
func TestRun(t *testing.T) {
	r := NewRun()
	r.Enter(at(1, 0, false))
	r.Enter(at(2, time.Second, false))
	r.Enter(at(3, 2*time.Second, false))
	want := `
# HELP flowlab_held_seconds For how long a stall of that cause has held a sender that held_by can let go by now: of several the longest. 0 while there is none.
# TYPE flowlab_held_seconds gauge
flowlab_held_seconds{cause="receive-window",held_by="reader"} 2
# HELP flowlab_stalls_total Stalls that began. The cause is unknown where one was over before it was looked at.
# TYPE flowlab_stalls_total counter
` + causes("flowlab_stalls_total", map[string]string{"receive-window": "1"}) + `# HELP flowlab_consumer_queue_bytes What waits in the consumer's socket to be read.
# TYPE flowlab_consumer_queue_bytes gauge
flowlab_consumer_queue_bytes 40
# HELP flowlab_sent_bytes_total Payload that a side sent, each byte counted once.
# TYPE flowlab_sent_bytes_total counter
flowlab_sent_bytes_total{from="client"} 3000
flowlab_sent_bytes_total{from="server"} 0
# HELP flowlab_written_bytes_total What the producer has written. Less what was read, it is the consumer's lag.
# TYPE flowlab_written_bytes_total counter
flowlab_written_bytes_total 6000
# HELP flowlab_limited_seconds_total How long each cause held the senders of a side. The rate by cause is the share of time, added up over connections.
# TYPE flowlab_limited_seconds_total counter
` + causes("flowlab_limited_seconds_total", map[string]string{"congestion": "1", "receive-window": "2"})
	names := []string{"flowlab_held_seconds", "flowlab_stalls_total", "flowlab_consumer_queue_bytes", "flowlab_sent_bytes_total", "flowlab_written_bytes_total", "flowlab_limited_seconds_total", "flowlab_stall_duration_seconds"}
	want += `
# HELP flowlab_stall_duration_seconds How long stalls lasted that are over.
# TYPE flowlab_stall_duration_seconds histogram
` + lasted(nil) // that under way has no duration yet
	if err := testutil.GatherAndCompare(r.gatherer(), strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
	// It ends, and what seemed to hold the sender a moment longer did not.
	r.Enter(at(4, 1900*time.Millisecond, true))
	r.Enter(at(5, 1900*time.Millisecond, true))
	over := `
# HELP flowlab_held_seconds For how long a stall of that cause has held a sender that held_by can let go by now: of several the longest. 0 while there is none.
# TYPE flowlab_held_seconds gauge
flowlab_held_seconds{cause="receive-window",held_by="reader"} 0
# HELP flowlab_stalls_total Stalls that began. The cause is unknown where one was over before it was looked at.
# TYPE flowlab_stalls_total counter
` + causes("flowlab_stalls_total", map[string]string{"receive-window": "1"}) + `# HELP flowlab_stall_duration_seconds How long stalls lasted that are over.
# TYPE flowlab_stall_duration_seconds histogram
` + lasted(map[string]float64{"receive-window": 1.9})
	if err := testutil.GatherAndCompare(r.gatherer(), strings.NewReader(over), "flowlab_held_seconds", "flowlab_stalls_total", "flowlab_stall_duration_seconds"); err != nil {
		t.Error(err)
	}
	if got := testutil.ToFloat64(r.senders.limited.WithLabelValues("receive-window", "client")); got != 2 {
		t.Errorf("the counter went from 2 s to %v s", got)
	}
}

// row is a connection that is watched.
func row(number int, client string, s board.Side) board.Row {
	return board.Row{Number: number, Interface: "eth0", State: board.Held, Sides: [2]board.Side{s}, ID: flow.Conn{Client: flow.Endpoint{IPv4: true, Port: uint16(number)}}}
}

// TestWatch: what holds senders is added up from look to look, and only as many
// connections as are asked for have labels.
func TestWatch(t *testing.T) {
	w := NewWatch(2)
	held := func(since float64, stalls int, stalled time.Duration) board.Side {
		return board.Side{Cause: flow.ReceiveWindow, HeldBy: flow.Reader, Since: flow.Time(since * float64(second)), Held: true, Shut: true, Stalls: stalls, Stalled: stalled, Bytes: 10}
	}
	look := func(seconds float64, rows ...board.Row) {
		twice := rows[0] // seen at another interface as well
		twice.Number, twice.Interface = 99, "lo"
		w.Enter(&board.Snapshot{At: flow.Time(seconds * float64(second)), Rows: append(rows, twice), Source: board.Source{Packets: int64(seconds)}})
	}
	look(2, row(1, "a", held(1, 1, time.Second)), row(2, "b", held(1.5, 1, time.Second/2)), row(3, "c", held(0.5, 1, 3*time.Second/2)))
	if n := testutil.CollectAndCount(w.worst); n != 2 {
		t.Errorf("%d connections have labels, want 2", n)
	}
	if got := testutil.ToFloat64(w.senders.limited.WithLabelValues("receive-window", "client")); got != 3 {
		t.Errorf("held for %v s in all, want 1 + 0.5 + 1.5", got)
	}
	if got := testutil.ToFloat64(w.senders.held.WithLabelValues("receive-window", "reader")); got != 1.5 {
		t.Errorf("held for %v s by now, want the 1.5 of the longest", got)
	}
	free := board.Side{Cause: flow.Congestion, Since: flow.Time(2500 * time.Millisecond), Stalls: 1, Stalled: 3 * time.Second / 2, Bytes: 30}
	look(3, row(1, "a", free), row(2, "b", held(1.5, 1, 3*time.Second/2)))
	for cause, want := range map[string]float64{"receive-window": 3 + 0.5 + 1, "congestion": 0.5} {
		if got := testutil.ToFloat64(w.senders.limited.WithLabelValues(cause, "client")); got != want {
			t.Errorf("%s held for %v s, want %v", cause, got, want)
		}
	}
	if got := testutil.ToFloat64(w.senders.stalls.WithLabelValues("receive-window", "client")); got != 3 {
		t.Errorf("%v stalls, want 3", got)
	}
	if got := testutil.ToFloat64(w.senders.sent.WithLabelValues("client")); got != 50 {
		t.Errorf("%v bytes, want 50: the connection that is gone had 10", got)
	}
	if n := testutil.CollectAndCount(w.worst); n != 1 {
		t.Errorf("%d connections have labels, want the one that is held", n)
	}
	if got := testutil.ToFloat64(w.shut.WithLabelValues("client")); got != 1 {
		t.Errorf("%v windows are shut, want that of the one that is held", got)
	}
	wantDuration := `
# HELP flowlab_connections Connections that are held, flowing, idle or closed.
# TYPE flowlab_connections gauge
flowlab_connections{state="closed"} 0
flowlab_connections{state="flowing"} 0
flowlab_connections{state="held"} 2
flowlab_connections{state="idle"} 0
`
	if err := testutil.GatherAndCompare(w.gatherer(), strings.NewReader(wantDuration), "flowlab_connections"); err != nil {
		t.Error(err)
	}
	// A stall that came and went between two looks is counted, its cause not known.
	free.Stalls, free.Stalled = 2, 2*time.Second
	look(4, row(1, "a", free))
	if got := testutil.ToFloat64(w.senders.stalls.WithLabelValues("unknown", "client")); got != 1 {
		t.Errorf("%v stalls of unknown cause, want 1", got)
	}
}

// TestWatchForgets: a connection that is seen at two interfaces counts once, also when what was
// seen at the first is forgotten before the other. One with the same addresses that follows it
// is another.
func TestWatchForgets(t *testing.T) {
	w := NewWatch(0)
	held := board.Side{Cause: flow.ReceiveWindow, HeldBy: flow.Reader, Since: 2 * second, Held: true, Stalls: 2, Stalled: 3 * time.Second / 2, Bytes: 1000}
	first := row(1, "a", held)
	first.Start = second
	twin := first
	twin.Number, twin.Interface, twin.Start = 2, "lo", second.Add(3*time.Millisecond)
	w.Enter(&board.Snapshot{At: 3 * second, Rows: []board.Row{first, twin}})
	before := counted(t, w)
	w.Enter(&board.Snapshot{At: 3 * second, Rows: []board.Row{twin}})
	if after := counted(t, w); after != before {
		t.Errorf("forgotten at one of two interfaces, %+v became %+v", before, after)
	}

	next := first // at the same addresses, while the other is still known
	next.Number, next.Interface, next.Start = 3, "lo", 5*second
	next.Sides[flow.Client] = board.Side{Cause: flow.Congestion, Since: 5 * second, Bytes: 10}
	w.Enter(&board.Snapshot{At: 6 * second, Rows: []board.Row{twin, next}})
	w.Enter(&board.Snapshot{At: 6 * second, Rows: []board.Row{next}})
	if got := testutil.ToFloat64(w.senders.sent.WithLabelValues("client")); got != 1010 {
		t.Errorf("%v bytes, want the 1,000 of the first and the 10 of the next", got)
	}
}

// counted is what was counted of senders, as Prometheus would read it.
func counted(t *testing.T, w *Watch) string {
	t.Helper()
	families, err := w.gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, f := range families {
		if strings.HasSuffix(f.GetName(), "_total") || strings.HasSuffix(f.GetName(), "_seconds") {
			text += f.String()
		}
	}
	return text
}

// TestServe: windows of connections are added up, and go with them.
func TestServe(t *testing.T) {
	s := NewServe()
	a, b := s.Begin(), s.Begin()
	a.Enter(&solo.Account{Bytes: 100, Kernel: &sockets.Info{RcvWnd: 1000}})
	b.Enter(&solo.Account{Bytes: 10, Kernel: &sockets.Info{RcvWnd: 500}})
	a.Enter(&solo.Account{Bytes: 150, Kernel: &sockets.Info{RcvWnd: 700}})
	if read, window, open := testutil.ToFloat64(s.read), testutil.ToFloat64(s.window), testutil.ToFloat64(s.connections); read != 160 || window != 1200 || open != 2 {
		t.Errorf("read %v, windows %v, %v connections", read, window, open)
	}
	a.End()
	if window, open := testutil.ToFloat64(s.window), testutil.ToFloat64(s.connections); window != 500 || open != 1 {
		t.Errorf("windows %v, %v connections", window, open)
	}
}

// TestConventions: names and helps are as Prometheus wants them.
func TestConventions(t *testing.T) {
	r := NewRun()
	r.Enter(at(2, time.Second, false))
	w := NewWatch(1)
	w.Enter(&board.Snapshot{At: 2 * second, Rows: []board.Row{row(1, "a", board.Side{Held: true, Since: second, Stalls: 1})}})
	for _, e := range []Exposed{r, w, NewServe()} {
		problems, err := testutil.GatherAndLint(e.gatherer())
		if err != nil || len(problems) > 0 {
			t.Error(problems, err)
		}
	}
}

// TestListen: a port alone is on this machine only, and there is one page.
func TestListen(t *testing.T) {
	l, err := Listen(":0", NewServe())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(l.URL(), "http://127.0.0.1:") {
		t.Errorf("it listens on %s", l.URL())
	}
	answer, err := http.Get(l.URL())
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || !strings.Contains(string(text), "\nflowlab_served_connections 0\n") {
		t.Errorf("%s, %v", text, err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := http.Get(l.URL()); err == nil {
		t.Error("it still answers")
	}
	if _, err := Listen("nonsense", NewServe()); err == nil {
		t.Error("nonsense is an address")
	}
}

// TestDocumented: docs/metrics.md has a row for each metric, and no other.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| `flowlab_") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	for _, d := range definitions {
		labels := strings.ReplaceAll(d.labels, " ", ", ")
		want = append(want, strings.Join([]string{"| `" + d.name + "`", string(d.kind), labels, strings.ReplaceAll(d.by, " ", ", "), d.help + " |"}, " | "))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the table of docs/metrics.md should be\n%s", strings.Join(want, "\n"))
	}
}

// TestDeployed: alert rules and dashboard ask for metrics that there are.
func TestDeployed(t *testing.T) {
	exist := map[string]bool{}
	for _, d := range definitions {
		exist[d.name] = true
		if d.kind == histogram {
			exist[d.name+"_bucket"] = true
		}
	}
	asked := map[string]bool{}
	for _, file := range []string{"flowlab.rules.yml", "flowlab.rules.test.yml", "grafana-dashboard.json"} {
		text, err := os.ReadFile("../../deploy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\bflowlab_[a-z_]+[a-z]\b`).FindAllString(string(text), -1) {
			if asked[name] = true; !exist[name] {
				t.Errorf("%s asks for %s, which nobody exposes", file, name)
			}
		}
	}
	for name := range exist {
		if base := name + "_bucket"; !asked[name] && !asked[base] {
			t.Errorf("no rule and no panel shows %s", name)
		}
	}
	dashboard, err := os.ReadFile("../../deploy/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var is struct {
		Panels []struct{ Title string } `json:"panels"`
	}
	if err := json.Unmarshal(dashboard, &is); err != nil || len(is.Panels) == 0 {
		t.Errorf("the dashboard has %d panels: %v", len(is.Panels), err)
	}
}
