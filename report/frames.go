package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"flowlab/diagnose/survey"
	"flowlab/flow"
	"flowlab/h2flow"
	"flowlab/tcpwin"
)

// FramesHead writes the heads of the columns that [Frames] writes.
func FramesHead(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%8s %16s %6s %-11s %10s %10s %6s %8s %9s  %s\n",
		"frame", "time s", "conn", "flags", "seq", "ack", "length", "window", "in flight", "from → to  marks")
	return err
}

// Frames writes packets as text, a line each. Sequence numbers count from the
// first of each side, as Wireshark's relative ones do.
type Frames struct {
	w     io.Writer
	line  []byte
	bases []bases // by connection
}

// NewFrames returns a Frames that writes to w, a line at a time.
func NewFrames(w io.Writer) *Frames { return &Frames{w: w} }

// bases are where the sequence numbers of the two sides begin.
type bases struct {
	seq   [2]flow.Seq
	known [2]bool
}

// Write writes a packet of a source. The error is that of the writer.
func (f *Frames) Write(src *survey.Source, p *survey.Frame) error {
	f.line = fmt.Appendf(f.line[:0], "%8d %16s ", p.Number, nanoseconds(p.Time.Sub(src.First)))
	if p.Segment == nil {
		f.line = fmt.Appendf(f.line, "%6s %-11s %10s %10s %6d %8s %9s  %s\n", "-", "-", "-", "-", p.Length, "-", "-", "no TCP")
	} else {
		f.segment(p)
	}
	_, err := f.w.Write(f.line)
	return err
}

func (f *Frames) segment(p *survey.Frame) {
	s := p.Segment
	for len(f.bases) <= p.Connection {
		f.bases = append(f.bases, bases{})
	}
	seq, ack := f.bases[p.Connection].relative(s)
	acked, flight := "-", "-"
	if s.Has(tcpwin.ACK) {
		acked = strconv.FormatUint(uint64(ack), 10)
	}
	if p.Marked.BytesInFlight > 0 {
		flight = strconv.FormatUint(uint64(p.Marked.BytesInFlight), 10)
	}
	f.line = fmt.Appendf(f.line, "%6d %-11s %10d %10s %6d %8d %9s  %v → %v",
		p.Connection, flagNames(s.Flags), seq, acked, s.Len, p.Marked.Window, flight,
		p.ID.Addr(s.From), p.ID.Addr(s.From.Peer()))
	if p.Marked.Marks != 0 {
		f.line = append(f.line, "  "...)
		f.line, _ = p.Marked.Marks.AppendText(f.line)
	}
	for i := range p.HTTP {
		if e := &p.HTTP[i]; e.Kind != h2flow.FrameBegun && e.Kind != h2flow.StreamOpened && e.Kind != h2flow.StreamDone {
			f.line = fmt.Appendf(f.line, "  [%v]", e)
		}
	}
	f.line = append(f.line, '\n')
}

// relative returns how far a segment's numbers are from the first of each side.
// The first number of a side whose SYN was not seen is 1.
func (b *bases) relative(s *tcpwin.Segment) (seq, ack flow.Seq) {
	own, peer := s.From, s.From.Peer()
	if !b.known[own] || s.Has(tcpwin.SYN) {
		b.known[own], b.seq[own] = true, s.Seq
		if !s.Has(tcpwin.SYN) {
			b.seq[own]--
		}
	}
	if !b.known[peer] && s.Has(tcpwin.ACK) {
		b.known[peer], b.seq[peer] = true, s.Ack-1
	}
	return s.Seq - b.seq[own], s.Ack - b.seq[peer]
}

// flagNames names the control bits, in the order in which people say them.
func flagNames(f tcpwin.Flags) string {
	text := ""
	for _, flag := range []struct {
		bit  tcpwin.Flags
		name string
	}{{tcpwin.SYN, "SYN"}, {tcpwin.FIN, "FIN"}, {tcpwin.RST, "RST"}, {tcpwin.PSH, "PSH"}, {tcpwin.ACK, "ACK"}} {
		if f&flag.bit == 0 {
			continue
		}
		if text != "" {
			text += ","
		}
		text += flag.name
	}
	if text == "" {
		return "none"
	}
	return text
}

// FramesJSON writes packets as JSON, a line each, by the schema flowlab/frame/1.
type FramesJSON struct{ encoder *json.Encoder }

// NewFramesJSON returns a FramesJSON that writes to w, a line at a time.
func NewFramesJSON(w io.Writer) *FramesJSON {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return &FramesJSON{encoder}
}

// frame is docs/schema/frame-1.json. What only TCP has is null where there is
// none.
type frame struct {
	Frame         int       `json:"frame"`
	Time          exact     `json:"time"`
	Interface     string    `json:"interface"`
	Connection    *int      `json:"connection"`
	From          *string   `json:"from"`
	Flags         []string  `json:"flags"`
	Window        *uint32   `json:"window"`
	BytesInFlight *uint32   `json:"bytes_in_flight"`
	H2            []h2Frame `json:"h2,omitempty"`
}

// h2Frame is a frame of HTTP/2 that ends in a packet.
type h2Frame struct {
	Type      string  `json:"type"`
	From      string  `json:"from"`
	Stream    uint32  `json:"stream"`
	Length    int     `json:"length"`
	Flags     uint8   `json:"flags"`
	Increment *uint32 `json:"increment,omitempty"`
}

// Write writes a packet of a source. The error is that of the writer.
func (f *FramesJSON) Write(src *survey.Source, p *survey.Frame) error {
	out := frame{
		Frame: p.Number, Time: exact(p.Time.Sub(src.First)),
		Interface: src.Interfaces[p.Interface].Name, Flags: []string{},
	}
	if s := p.Segment; s != nil {
		from := s.From.String()
		out.Connection, out.From = &p.Connection, &from
		out.Flags = append(out.Flags, p.Marked.Marks.Names()...)
		out.Window, out.BytesInFlight = &p.Marked.Window, &p.Marked.BytesInFlight
	}
	for i := range p.HTTP {
		e := &p.HTTP[i]
		if e.Kind != h2flow.FrameEnded {
			continue
		}
		h := h2Frame{Type: e.Frame.Type.String(), From: e.From.String(), Stream: e.Frame.Stream, Length: e.Frame.Length, Flags: uint8(e.Frame.Flags)}
		if e.Frame.Type == h2flow.WindowUpdate {
			h.Increment = &e.Frame.Increment
		}
		out.H2 = append(out.H2, h)
	}
	return f.encoder.Encode(&out)
}
