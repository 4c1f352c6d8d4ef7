package report

import (
	"encoding/json"
	"io"
	"time"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/diagnose/watch"
	"flowlab/flow"
	"flowlab/tcpwin"
)

// watched is a line of docs/schema/watch-1.json.
type watched struct {
	Type         string         `json:"type"`
	Time         time.Time      `json:"time"`
	Interface    string         `json:"interface,omitempty"`
	Connection   int            `json:"connection,omitempty"`
	Client       string         `json:"client,omitempty"`
	Server       string         `json:"server,omitempty"`
	From         string         `json:"from,omitempty"`
	Event        string         `json:"event,omitempty"`
	Window       *int           `json:"window,omitempty"`
	More         int            `json:"more,omitempty"`
	Cause        *flow.Cause    `json:"cause,omitempty"`
	HeldBy       *flow.HeldBy   `json:"held_by,omitempty"`
	Stream       uint32         `json:"stream,omitempty"`
	Path         string         `json:"path,omitempty"`
	Unread       *int64         `json:"unread,omitempty"`
	Holders      []holding      `json:"holders,omitempty"`
	Rule         string         `json:"rule,omitempty"`
	Severity     string         `json:"severity,omitempty"`
	Text         string         `json:"text,omitempty"`
	Since        *time.Time     `json:"since,omitempty"`
	Seconds      *exact         `json:"seconds,omitempty"`
	Packets      *int64         `json:"packets,omitempty"`
	Bytes        *int64         `json:"bytes,omitempty"`
	Resent       *int           `json:"resent,omitempty"`
	Open         *int           `json:"open,omitempty"`
	Stalled      map[string]int `json:"stalled,omitempty"`
	Streams      *int           `json:"streams,omitempty"`
	Hidden       *int           `json:"hidden,omitempty"`
	Dropped      *int64         `json:"dropped,omitempty"`
	Connections  *int           `json:"connections,omitempty"`
	HTTP2        *int           `json:"http2,omitempty"`
	HTTP2Streams *int           `json:"http2_streams,omitempty"`
	Error        string         `json:"error,omitempty"`
}

// LiveJSON writes what happens on a source that is watched as JSON objects, a
// line each, of the schema flowlab/watch/1.
type LiveJSON struct {
	out     *json.Encoder
	http2   int // connections that are over
	streams int // of these
	err     error
}

// NewLiveJSON returns a LiveJSON that writes to w.
func NewLiveJSON(w io.Writer) *LiveJSON {
	l := &LiveJSON{out: json.NewEncoder(w)}
	l.out.SetEscapeHTML(false)
	return l
}

// Err is the first error of the writer.
func (l *LiveJSON) Err() error { return l.err }

// Event writes what happened.
func (l *LiveJSON) Event(e *watch.Event) {
	line := watched{
		Time: instant(e.Time), Interface: e.Interface, Connection: e.Connection,
		Client: e.ID.Client.String(), Server: e.ID.Server.String(), From: e.From.String(),
	}
	switch e.What {
	case watch.Shown:
		line.Type, line.Event, line.More = "event", e.Shown.Kind.String(), e.More
		if e.Shown.Kind == tcpwin.ZeroWindow || e.Shown.Kind == tcpwin.WindowOpened {
			line.Window = &e.Shown.Window
		}
	case watch.Stalled:
		line.Type = "stalled"
		line.stall(e)
	case watch.Released:
		line.Type = "released"
		line.stall(e)
	case watch.Found:
		line.Type, line.Stream = "finding", e.Stream
		line.Rule, line.Severity, line.Text = e.Finding.Rule, string(e.Finding.Severity), e.Finding.Text
	case watch.Hidden:
		line.Type, line.Text = "hidden", e.Problem.String()
	}
	l.write(&line)
}

func (w *watched) stall(e *watch.Event) {
	since, length := instant(e.Stall.Start), exact(e.Stall.Length())
	w.Cause, w.HeldBy, w.Since, w.Seconds = &e.Stall.Cause, &e.Stall.HeldBy, &since, &length
	w.Stream, w.Path = e.Stream, e.Path
	if e.Stream != 0 {
		w.Unread = &e.Unread
	}
	for _, s := range e.Holders.Streams {
		w.Holders = append(w.Holders, holding{Stream: s.Stream, Path: s.Path, Bytes: s.Bytes})
	}
}

// Second writes how things stand.
func (l *LiveJSON) Second(s *watch.Second) {
	stalled := map[string]int{}
	for c, n := range s.Stalled {
		if n > 0 {
			stalled[flow.Cause(c).String()] = n
		}
	}
	l.write(&watched{
		Type: "second", Time: instant(s.Time), Packets: &s.Packets, Bytes: &s.Bytes, Resent: &s.Resent,
		Open: &s.Open, Stalled: stalled, Streams: &s.Streams, Hidden: &s.Hidden, Dropped: &s.Dropped,
	})
}

// Ended counts a connection that is over.
func (l *LiveJSON) Ended(v *diagnose.View) {
	if h := v.Layer.HTTP2; h != nil {
		l.http2++
		l.streams += h.Count
	}
}

// End writes what was seen in all, and what went wrong if that is not nil.
func (l *LiveJSON) End(src *survey.Source, failure error) {
	line := watched{
		Type: "end", Time: instant(src.Last), Packets: &src.Packets, Bytes: &src.Bytes,
		Connections: &src.Connections, Dropped: &src.Dropped, HTTP2: &l.http2, HTTP2Streams: &l.streams,
	}
	if failure != nil {
		line.Error = failure.Error()
	}
	l.write(&line)
}

func (l *LiveJSON) write(line *watched) {
	if l.err == nil {
		l.err = l.out.Encode(line)
	}
}
