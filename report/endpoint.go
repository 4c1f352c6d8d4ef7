package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"flowlab/scenarios"
	"flowlab/scenarios/solo"
	"flowlab/sockets"
)

// EndpointLine says in a line how one end of a connection stands.
func EndpointLine(a *solo.Account) string {
	verb := "read"
	if a.Role == scenarios.Producer {
		verb = "wrote"
	}
	text := fmt.Sprintf("%.0f s  %v: %s %s, %s in all", a.Length.Seconds(), a.Remote, verb, byteRate(a.Rate), size(a.Bytes))
	if a.Role == scenarios.Producer {
		text += fmt.Sprintf(", blocked %s", seconds(a.Blocked))
	}
	return text
}

// Endpoint says what one end of a connection did, and what its kernel says of it.
func Endpoint(w io.Writer, a *solo.Account, style Style) error {
	p := &page{style: style}
	verb, gerund := "read", "the consumer"
	if a.Role == scenarios.Producer {
		verb, gerund = "wrote", "the producer"
	}
	p.line("%s %s %s in %s, %s: %v ↔ %v", style.bold(gerund), verb, size(a.Bytes), seconds(a.Length),
		byteRate(float64(a.Bytes)/max(a.Length.Seconds(), 1e-9)), a.Local, a.Remote)
	if a.Role == scenarios.Producer {
		p.line("  its writes waited for room for %s", seconds(a.Blocked))
	}
	if k := a.Kernel; k != nil && a.Role == scenarios.Producer {
		p.line("  %s", wrap(heldByKernel(k, a.Length), 2, 2))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// heldByKernel says what held a sender by its kernel's count.
func heldByKernel(k *sockets.Info, length time.Duration) string {
	if !k.Has(sockets.HasLimited) {
		return "its kernel does not count what held it"
	}
	path := max(0, k.Busy-k.RwndLimited-k.SndbufLimited)
	parts := []string{}
	for _, held := range []struct {
		by   string
		time time.Duration
	}{
		{"receive-window", k.RwndLimited}, {"send-buffer", k.SndbufLimited}, {"the path", path},
		{"its application", max(0, length-k.Busy)},
	} {
		if held.time > 0 {
			parts = append(parts, fmt.Sprintf("%s %s (%s)", held.by, seconds(held.time), percent(min(1, float64(held.time)/float64(max(length, 1))))))
		}
	}
	text := "by its kernel's count it was held by " + strings.Join(parts, ", ")
	if k.TotalRetrans > 0 {
		text += fmt.Sprintf("; %s sent again", segments(k.TotalRetrans))
	}
	return text
}

// account is docs/schema/endpoint-1.json.
type account struct {
	Schema  string      `json:"schema"`
	Role    string      `json:"role"`
	Local   string      `json:"local"`
	Remote  string      `json:"remote"`
	Start   time.Time   `json:"start"`
	Seconds exact       `json:"seconds"`
	Bytes   int64       `json:"bytes"`
	Blocked exact       `json:"blocked"`
	Kernel  *kernelSays `json:"kernel"`
	Error   string      `json:"error,omitempty"`
}

// kernelSays is what is of interest of TCP_INFO.
type kernelSays struct {
	Busy          exact `json:"busy"`
	RwndLimited   exact `json:"rwnd_limited"`
	SndbufLimited exact `json:"sndbuf_limited"`
	RTT           exact `json:"rtt"`
	MSS           int   `json:"mss"`
	Retransmitted int64 `json:"retransmitted"`
	BytesAcked    int64 `json:"bytes_acked"`
	BytesReceived int64 `json:"bytes_received"`
}

// EndpointJSON writes the account of one end as a JSON object in a line.
func EndpointJSON(w io.Writer, a *solo.Account, failure error) error {
	out := account{
		Schema: "flowlab/endpoint/1", Role: string(a.Role), Local: a.Local.String(), Remote: a.Remote.String(),
		Start: a.Start.UTC(), Seconds: exact(a.Length), Bytes: a.Bytes, Blocked: exact(a.Blocked),
	}
	if k := a.Kernel; k != nil {
		out.Kernel = &kernelSays{
			Busy: exact(k.Busy), RwndLimited: exact(k.RwndLimited), SndbufLimited: exact(k.SndbufLimited),
			RTT: exact(k.RTT), MSS: k.MSS, Retransmitted: k.TotalRetrans, BytesAcked: k.BytesAcked, BytesReceived: k.BytesReceived,
		}
	}
	if failure != nil {
		out.Error = failure.Error()
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(&out)
}
