package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowlab/flow"
	"flowlab/sockets"
)

// TopRow is a socket, what limited it in an interval, and who holds it.
type TopRow struct {
	*sockets.Verdict
	Process *sockets.Process // nil if not known
}

// SortTop puts the sockets first that were kept from sending the longest, then
// those whose own application does not read, then those that the path holds.
func SortTop(rows []TopRow) {
	slices.SortStableFunc(rows, func(a, b TopRow) int {
		return cmp.Or(
			cmp.Compare(b.Held(), a.Held()), cmp.Compare(b.Unread, a.Unread),
			cmp.Compare(b.Busy, a.Busy), cmp.Compare(b.Socket.SendQ, a.Socket.SendQ),
			cmp.Compare(a.Socket.Cookie, b.Socket.Cookie),
		)
	})
}

// TopSum counts sockets, by what limited them longest.
type TopSum struct {
	All     int
	By      [flow.NumCauses]int
	Reading int // whose own application leaves bytes unread
	Unnamed int // of the rows, those whose process is not known
}

// Add counts a socket.
func (s *TopSum) Add(v *sockets.Verdict) {
	s.All++
	if v.Cause != flow.Application {
		s.By[v.Cause]++
	}
	if v.Unread > 0 {
		s.Reading++
	}
}

// Top writes a table of sockets. Some columns are narrower than what may stand in them;
// the JSON has it whole.
func Top(w io.Writer, rows []TopRow, sum *TopSum, style Style) error {
	p := &page{style: style}
	p.line("%s", wrap(topHead(sum), 0, 2))
	if len(rows) > 0 {
		const remote = 22
		row := func(cells ...string) string {
			return fmt.Sprintf("%-10s %-6s %-*s %-14s %5s %8s %8s", fit(cells[0], 10), cells[1], remote, fit(cells[2], remote),
				cells[3], cells[4], cells[5], cells[6])
		}
		p.line("")
		p.line("%s", style.bold(row("process", "port", "other end", "held by", "share", "unread", "unacked")))
		for _, r := range rows {
			p.line("%s", row(topCells(&r)...))
		}
	}
	if sum.Unnamed > 0 {
		p.line("")
		p.line("%s", wrap(fmt.Sprintf("The processes of %s are not known: they are other users'. Root sees them all.", socketCount(sum.Unnamed)), 0, 0))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// topHead says in a sentence how many sockets there are and what limits them.
func topHead(s *TopSum) string {
	var parts []string
	for _, c := range []flow.Cause{flow.ReceiveWindow, flow.SendBuffer, flow.LossRecovery, flow.Handshake, flow.Congestion, flow.Unknown} {
		if n := s.By[c]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s by %v", flow.Grouped(n), c))
		}
	}
	text := socketCount(s.All)
	if len(parts) > 0 {
		text += "; held: " + strings.Join(parts, ", ")
	}
	if s.Reading > 0 {
		text += fmt.Sprintf("; %s left unread by this host's own applications", flow.Grouped(s.Reading))
	}
	return text
}

func socketCount(n int) string {
	if n == 1 {
		return "1 connection"
	}
	return flow.Grouped(n) + " connections"
}

func topCells(r *TopRow) []string {
	name := "?"
	if r.Process != nil {
		name = r.Process.Name
	}
	share := float64(r.Limits[r.Cause]) / float64(max(1, r.Length))
	unread := short(r.Socket.RecvQ)
	if r.Growing {
		unread = "+" + unread
	}
	return []string{name, strconv.Itoa(int(r.Socket.Local.Port)), r.Socket.Remote.String(), sockets.LimitOf(r.Cause, r.Unread),
		fmt.Sprintf("%.0f %%", 100*share), unread, short(r.Socket.SendQ)}
}

// fit cuts a text that is too long in its middle, of which ends tell apart.
func fit(text string, columns int) string {
	letters := []rune(text)
	if len(letters) <= columns {
		return text
	}
	tail := columns / 2
	return string(letters[:columns-tail-1]) + "…" + string(letters[len(letters)-tail:])
}

// short writes bytes in at most six columns.
func short(bytes int64) string {
	if bytes < 10_000 {
		return strconv.FormatInt(bytes, 10)
	}
	size, unit := float64(bytes)/1024, "KiB"
	for _, larger := range []string{"MiB", "GiB"} {
		if size < 1000 {
			break
		}
		size, unit = size/1024, larger
	}
	return fmt.Sprintf("%.0f%s", size, unit)
}

// topSocket is a line of docs/schema/top-1.json.
type topSocket struct {
	Time          time.Time        `json:"time"`
	Local         string           `json:"local"`
	Remote        string           `json:"remote"`
	State         string           `json:"state"`
	Process       *string          `json:"process"`
	PID           *int             `json:"pid"`
	CGroup        string           `json:"cgroup,omitempty"`
	Container     string           `json:"container,omitempty"`
	UID           uint32           `json:"uid"`
	Limit         flow.Cause       `json:"limit"`
	HeldBy        flow.HeldBy      `json:"held_by"`
	Interval      exact            `json:"interval"`
	Busy          exact            `json:"busy"`
	RwndLimited   exact            `json:"rwnd_limited"`
	SndbufLimited exact            `json:"sndbuf_limited"`
	Limits        map[string]exact `json:"limits"`
	RecvQ         int64            `json:"recv_q"`
	SendQ         int64            `json:"send_q"`
	NotSent       int64            `json:"not_sent"`
	Unread        int64            `json:"unread"`
	Growing       bool             `json:"growing"`
	Acked         int64            `json:"acked"`
	RTT           exact            `json:"rtt"`
	CWnd          int              `json:"cwnd"`
	MSS           int              `json:"mss"`
	SndWnd        int64            `json:"snd_wnd"`
	Retransmitted int64            `json:"retransmitted"`
	Congestion    string           `json:"congestion_control"`
}

// TopJSON writes sockets as JSON objects, a line each, of the schema flowlab/top/1.
func TopJSON(w io.Writer, rows []TopRow) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for i := range rows {
		if err := out.Encode(topSocketOf(&rows[i])); err != nil {
			return err
		}
	}
	return nil
}

func topSocketOf(r *TopRow) *topSocket {
	s, i := r.Socket, &r.Socket.Info
	t := &topSocket{
		Time: instant(s.At), Local: s.Local.String(), Remote: s.Remote.String(), State: s.State.String(), UID: s.UID,
		Limit: r.Cause, HeldBy: r.HeldBy, Interval: exact(r.Length), Busy: exact(r.Busy),
		RwndLimited: exact(r.Limits[flow.ReceiveWindow]), SndbufLimited: exact(r.Sndbuf),
		Limits: map[string]exact{}, RecvQ: s.RecvQ, SendQ: s.SendQ, NotSent: i.NotSent, Unread: r.Unread, Growing: r.Growing,
		Acked: r.Acked, RTT: exact(i.RTT), CWnd: i.CWnd, MSS: i.MSS, SndWnd: i.SndWnd,
		Retransmitted: i.TotalRetrans, Congestion: s.Congestion(),
	}
	for c, d := range r.Limits {
		if d > 0 {
			t.Limits[flow.Cause(c).String()] = exact(d)
		}
	}
	if p := r.Process; p != nil {
		t.Process, t.PID, t.CGroup, t.Container = &p.Name, &p.PID, p.CGroup, p.Container
	}
	return t
}
