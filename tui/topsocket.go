// One socket of this host: who holds it, what the kernel says of it, and its past.

package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowlab/diagnose/timeline"
	"flowlab/flow"
	"flowlab/sockets"
	"flowlab/sockets/looks"
	"flowlab/tui/parts"
)

// socketView is the screen of one socket.
type socketView struct {
	cookie uint64
	name   string         // who holds it, and its ends
	past   []looks.Moment // up to the latest look
	shown  flow.Interval  // of the chart that was drawn last
}

func newSocketView(r *looks.Row) *socketView {
	return &socketView{cookie: r.Cookie, name: socketName(r)}
}

func socketName(r *looks.Row) string {
	return fmt.Sprintf("%s  %v to %v", processText(r), r.Local, r.Remote)
}

// rename names the socket as a snapshot has it, or without its ends if it is not there.
func (v *socketView) rename(s *looks.Snapshot) {
	v.name = "a socket"
	if r := v.row(s); r != nil {
		v.name = socketName(r)
	}
}

// row is the socket in a snapshot; nil if it is not there.
func (v *socketView) row(s *looks.Snapshot) *looks.Row {
	for i := range s.Rows {
		if s.Rows[i].Cookie == v.cookie {
			return &s.Rows[i]
		}
	}
	return nil
}

// draw draws all there is of the socket at a look, which is held or the latest.
func (v *socketView) draw(a parts.Area, s *looks.Snapshot, held bool) {
	r := v.row(s)
	if r == nil {
		a.Take(1).PutLines(parts.Plain, "this socket is not there at this look")
	} else {
		socketSentence(r, s.At).draw(a.Take(2))
		facts := socketFacts(r)
		const label, least = 14, 38
		across := max(1, min(3, (a.W-shareWidth)/least))
		rows := (len(facts) + across - 1) / across
		block := a.Take(min(rows, max(6, 2*a.H/5)))
		drawShares(block.Columns(0, shareWidth), r)
		column := (block.W - shareWidth) / across
		for i, f := range facts {
			cell := block.Columns(shareWidth+i/rows*column, column-1).Rows(i%rows, 1)
			cell.Put(1, 0, parts.Faint, f.name)
			cell.PutFit(label, 0, cell.W-label, parts.Plain, f.text)
		}
	}
	at := flow.Time(0)
	if held {
		at = s.At
	}
	v.drawPast(a, at)
}

// shareWidth is how many columns the shares of the causes take.
const shareWidth = 34

// drawShares draws for each cause how much of the interval before the look it limited.
func drawShares(a parts.Area, r *looks.Row) {
	a.Take(1).Put(1, 0, parts.Faint, "limited in the last interval by")
	causes := make([]flow.Cause, 0, flow.NumCauses)
	for c := range flow.Cause(flow.NumCauses) {
		if r.Shares[c] > 0 {
			causes = append(causes, c)
		}
	}
	slices.SortStableFunc(causes, func(x, y flow.Cause) int { return int(r.Shares[y]) - int(r.Shares[x]) })
	for _, c := range causes {
		line := a.Take(1)
		line.Put(1, 0, inkOf(c), causeLetters[c])
		line.Put(3, 0, parts.Plain, c.String())
		parts.SmallBar(line.Columns(18, 9), parts.Flight, int64(r.Shares[c]), 100)
		line.Columns(0, shareWidth-1).PutRight(0, parts.Plain, strconv.Itoa(int(r.Shares[c]))+" %")
	}
}

// fact is a line of what the kernel says.
type fact struct{ name, text string }

// socketFacts are what of TCP_INFO tells why a socket sends as it does.
func socketFacts(r *looks.Row) []fact {
	facts := []fact{
		{"state", r.State.String()},
		{"their window", bytesText(int64(r.SndWnd))},
		{"congestion", congestionText(r)},
		{"in flight", fmt.Sprintf("%d segments of %s", r.Unacked, bytesText(int64(r.MSS)))},
		{"not sent", bytesText(int64(r.NotSent))},
		{"rtt", fmt.Sprintf("%s, least %s", rttText(micros(r.RTT)), rttText(micros(r.MinRTT)))},
		{"sends", fmt.Sprintf("%s, paced %s", rateText(float64(r.Acked)), pacingText(r.PacingRate))},
		{"delivery", deliveryText(r)},
		{"receives", rateText(float64(r.Came))},
		{"own window", bytesText(int64(r.RcvWnd))},
		{"buffers", fmt.Sprintf("send %s, receive %s", bytesText(int64(r.SendBuffer)), bytesText(int64(r.RecvBuffer)))},
		{"sent again", fmt.Sprintf("%d segments, %d lost now", r.Retransmitted, r.Lost)},
	}
	if r.Probes > 0 || r.Retransmits > 0 {
		facts = append(facts, fact{"unanswered", fmt.Sprintf("%d probes, %d timeouts; rto %s", r.Probes, r.Retransmits, rttText(micros(r.RTO)))})
	}
	if group := r.Group(); group != "" {
		facts = append(facts, fact{"container", group})
	}
	return facts
}

// endlessThreshold is what the kernel has before the first loss (TCP_INFINITE_SSTHRESH).
const endlessThreshold = 0x7fffffff

// congestionText says how large the congestion window is, and what its control does.
func congestionText(r *looks.Row) string {
	texts := []string{fmt.Sprintf("%d segments", r.CWnd), bytesText(int64(r.CWnd) * int64(r.MSS))}
	if r.Congestion != "" {
		texts = append(texts, r.Congestion)
	}
	if r.CAState != sockets.Calm {
		texts = append(texts, r.CAState.String())
	}
	if r.SSThresh < endlessThreshold {
		texts = append(texts, fmt.Sprintf("ssthresh %d", r.SSThresh))
	}
	return strings.Join(texts, ", ")
}

func pacingText(rate int64) string {
	if rate < 0 {
		return "without limit"
	}
	return rateText(float64(rate))
}

func deliveryText(r *looks.Row) string {
	text := rateText(float64(r.DeliveryRate))
	if r.AppLimited {
		text += ", with too little to send"
	}
	return text
}

// leastPast is how much time the chart has at least.
const leastPast = time.Minute

// drawPast draws the socket's windows, its rates and what limited it; at is the look that
// is held, 0 for none.
func (v *socketView) drawPast(a parts.Area, at flow.Time) {
	if len(v.past) == 0 || a.H < 6 {
		return
	}
	to := v.past[len(v.past)-1].End
	v.shown = flow.Interval{Start: min(v.past[0].Start, to.Add(-leastPast)), End: to}
	seconds, strip := a.TakeLast(1), a.TakeLast(1)
	across := max(0, a.W-parts.Gutter)
	columns := v.columns(a.Glyphs().Samples(across))
	cursor := 0
	if at != 0 {
		cursor = 1 + min(across-1, int(int64(across)*int64(at.Sub(v.shown.Start))/int64(v.shown.Length())))
	}
	rates := a.TakeLast(a.H / 2)
	a.Name(chartRegion)
	drawWindows(a, columns, across, cursor)
	rates.Name(chartRegion)
	drawSocketRates(rates, columns, across, cursor)
	drawStrip(strip, v.limits(across), across)
	p := parts.Plot{}
	p.Seconds(seconds, v.shown.Start.Sub(to), 0)
}

// limits are what limited the socket in each column of the chart.
func (v *socketView) limits(across int) []timeline.Bucket {
	buckets := make([]timeline.Bucket, across)
	for i, c := range v.columns(across) {
		for cause, share := range c.shares {
			buckets[i].Limits[cause] = time.Duration(share)
		}
	}
	return buckets
}

// at is the instant at a column of the chart.
func (v *socketView) at(x, width int) flow.Time {
	across := max(1, width-parts.Gutter)
	return v.shown.Start.Add(v.shown.Length() * time.Duration(x-parts.Gutter+1) / time.Duration(across))
}
