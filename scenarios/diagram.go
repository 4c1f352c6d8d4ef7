// A picture of a scenario's lab in three lines.

package scenarios

import (
	"fmt"
	"strings"
)

// Diagram draws what a scenario's lab is made of as it begins, from the producer over
// the path to the consumer: three lines of ASCII, none longer than width. What does not
// fit ends in "...".
func Diagram(s *Scenario, width int) []string {
	k := &s.Knobs
	columns := [][3]string{
		{"producer", k.writer(), list(k.sending())},
		{"path", k.Network.Rate.String() + ", " + knobText(k.Network.RTT.String()), list(k.trouble())},
	}
	if k.HasProxy() {
		columns = append(columns, [3]string{"proxy", "holds " + k.Proxy.Buffer.String(), "then the same path"})
	}
	columns = append(columns, [3]string{"consumer", reads(k.Consumer.ReadRate), list(k.granting())})
	return beside(columns, width)
}

// beside writes columns beside each other, with arrows on the second line.
func beside(columns [][3]string, width int) []string {
	lines := make([]string, 3)
	for i, c := range columns {
		wide := max(len(c[0]), len(c[1]), len(c[2]))
		for row := range lines {
			if i > 0 {
				lines[row] += []string{"    ", " -> ", "    "}[row]
			}
			lines[row] += fmt.Sprintf("%-*s", wide, c[row])
		}
	}
	for row := range lines {
		lines[row] = cut(strings.TrimRight(lines[row], " "), width)
	}
	return lines
}

func cut(line string, width int) string {
	const more = "..."
	switch {
	case len(line) <= width:
		return line
	case width <= len(more):
		return more[:max(width, 0)]
	}
	return line[:width-len(more)] + more
}

func list(of []string) string { return strings.Join(of, ", ") }

// writer says who sends.
func (k *Knobs) writer() string {
	switch {
	case k.Stock(Producer):
		return k.Producer.HTTP2.Library + " client"
	case k.IsHTTP2():
		return "HTTP/2 client"
	case k.Producer.Rate == Unlimited:
		return "writes all it can"
	case k.Producer.Rate == 0:
		return "writes nothing"
	}
	return "writes " + k.Producer.Rate.String()
}

// sending says by what rules the producer sends, if they are not the usual.
func (k *Knobs) sending() (rules []string) {
	if k.Producer.Nagle {
		rules = append(rules, "Nagle")
	}
	if k.IsHTTP2() {
		if h := k.HTTP2(Producer); h.Scheduler != defaultHTTP2().Scheduler {
			rules = append(rules, h.Scheduler.String())
		}
		return append(rules, k.broken(Producer)...)
	}
	if k.Producer.Chunk != DefaultKnobs().Producer.Chunk {
		rules = append(rules, k.Producer.Chunk.String()+" at a time")
	}
	if k.Producer.Total > 0 {
		rules = append(rules, k.Producer.Total.String()+" in all")
	}
	return rules
}

// trouble says what may happen to packets on the path.
func (k *Knobs) trouble() (what []string) {
	if k.Network.Loss > 0 {
		what = append(what, "loses "+k.Network.Loss.String())
	}
	if k.Network.Queue != Unlimited {
		what = append(what, "queue "+k.Network.Queue.String())
	}
	return what
}

// granting says what the consumer lets the producer send, and by what rules. A stock
// library has windows of its own.
func (k *Knobs) granting() (what []string) {
	h := k.HTTP2(Consumer)
	switch {
	case k.Stock(Consumer):
		what = append(what, h.Library)
	case k.IsHTTP2():
		what = append(what, fmt.Sprintf("windows %s, %s", h.StreamWindow, h.ConnectionWindow))
	default:
		what = append(what, "window "+k.Consumer.Window.String())
	}
	if k.Consumer.DelayedACK > 0 {
		what = append(what, "ACKs wait "+knobText(k.Consumer.DelayedACK.String()))
	}
	if !k.IsHTTP2() {
		return what
	}
	if h.MaxStreams != Unlimited {
		what = append(what, "streams "+h.MaxStreams.String())
	}
	if h.MaxUpdate != Unlimited {
		what = append(what, "updates of "+h.MaxUpdate.String())
	}
	return append(what, k.broken(Consumer)...)
}

// broken says what a role does not do as RFC 9113 has it.
func (k *Knobs) broken(of Role) []string {
	if rule := k.HTTP2(of).Break; rule != NoRule {
		return []string{rule}
	}
	return nil
}

func reads(rate ByteRate) string {
	switch rate {
	case 0:
		return "reads nothing"
	case Unlimited:
		return "reads all it can"
	}
	return "reads " + rate.String()
}
