package jdk

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"flowlab/backpressure"
	"flowlab/peers/story"
)

//go:embed Overload.java
var source []byte

// line is what the program says: a request, a message that was received, or how its account
// stands at some point.
type line struct {
	Request int64  `json:"request"`
	Next    int64  `json:"next"`
	At      string `json:"at"`

	Capacity  int64 `json:"capacity"` // messages
	Rate      int64 `json:"rate"`     // messages a second
	Submitted int64 `json:"submitted"`
	Received  int64 `json:"received"`
	Blocked   int64 `json:"blocked"` // nanoseconds in submit, without the one under way
	Waits     int64 `json:"waits"`   // nanoseconds in that
	Offered   int64 `json:"offered"`
	Dropped   int64 `json:"dropped"` // by what offer returned
	Handled   int64 `json:"handled"` // by the handler
	Longest   int64 `json:"longest"` // nanoseconds in one offer
}

// overload follows the program.
type overload struct {
	*story.Stage
	demand   backpressure.Demand // of the subscription
	received int64
	over     int64 // messages without demand, of all subscriptions
	all      int64 // messages, of all subscriptions
	capacity int64
	ended    bool // all parts have
	broken   error
}

// run runs the program until it ends.
func (o *overload) run(ctx context.Context) error {
	file := filepath.Join(o.Folder(), "Overload.java")
	if err := os.WriteFile(file, source, 0o600); err != nil {
		return fmt.Errorf("write the program: %w", err)
	}
	cmd := exec.Command("java", "-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
		file, strconv.Itoa(capacity), strconv.Itoa(rate))
	cmd.Stdout = story.NewLines(o.take)
	java, err := o.Start(cmd)
	if err != nil {
		return err
	}
	o.Say("java compiles the program, and runs it.")
	if err := java.Wait(ctx); err != nil {
		return err
	}
	if o.broken == nil && !o.ended {
		o.broken = errors.New("the program has ended before it said all")
	}
	return o.broken
}

// take enters what the program says in the account of the subscription.
func (o *overload) take(text []byte) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		o.broken = fmt.Errorf("line %q: %w", text, err)
		return
	}
	switch {
	case l.Request != 0:
		if err := o.demand.Request(l.Request); err != nil {
			o.broken = err
		}
	case l.Next != 0:
		o.received++
		o.all++
		if !o.demand.Send() {
			o.over++
		}
	default:
		o.at(&l)
	}
}

// at says and checks what has come to pass at some point of the program.
func (o *overload) at(l *line) {
	switch l.At {
	case "submits":
		o.capacity = l.Capacity
		o.Say("A publisher submits as fast as it can, to a subscriber that requests one message after the other, %d a second; the buffer has %d.", rate, l.Capacity)
	case "holds":
		o.Say("The subscriber requests nothing more.")
	case "held":
		o.held(l)
	case "complete":
		o.complete(l)
	case "offers":
		o.demand, o.received = backpressure.Demand{}, 0
		o.Say("The publisher offers %d messages a second in place of submitting, with a handler for what has no room.", l.Rate)
	case "offered":
		o.offered(l)
	default:
		o.broken = fmt.Errorf("the program is at %q, which is not known", l.At)
	}
}

func (o *overload) held(l *line) {
	waits := time.Duration(l.Waits)
	waiting := l.Submitted - l.Received
	o.Say("The publisher has been in one submit() for %.1f s; %d messages wait.", waits.Seconds(), waiting)
	o.Figure("waiting in the buffer", float64(waiting), "messages")
	o.Check(waiting == o.capacity, "The buffer is full, and holds no more than its capacity",
		"%d submitted and not received, of %d", waiting, o.capacity)
	o.Check(waits > time.Second, "submit() blocks the publisher while nothing is requested", "for %.1f s", waits.Seconds())
	o.Check(o.demand.Left() == 0 && o.received == o.demand.Requested(), "All that was requested has come, and nothing more",
		"%d received of %d requested", o.received, o.demand.Requested())
}

func (o *overload) complete(l *line) {
	blocked := time.Duration(l.Blocked)
	o.Figure("submitted", float64(l.Submitted), "messages")
	o.Figure("blocked in submit", blocked.Seconds(), "s")
	o.Say("The publisher was blocked for %.1f s in all, and nothing is lost.", blocked.Seconds())
	o.Check(l.Received == l.Submitted && o.received == l.Received, "Every message that is submitted is received",
		"%d submitted, %d received", l.Submitted, l.Received)
}

func (o *overload) offered(l *line) {
	o.ended = true
	longest := time.Duration(l.Longest)
	o.Figure("offered", float64(l.Offered), "messages")
	o.Figure("dropped", float64(l.Dropped), "messages")
	o.Say("Of %d messages %d were dropped; no offer() took more than %.0f ms.", l.Offered, l.Dropped, longest.Seconds()*1000)
	o.Check(l.Offered == l.Received+l.Dropped && o.received == l.Received, "What is offered is received or dropped",
		"%d offered, %d received, %d dropped", l.Offered, l.Received, l.Dropped)
	o.Check(l.Dropped > 0 && l.Handled == l.Dropped, "The handler is given each message that is dropped", "%d of %d", l.Handled, l.Dropped)
	o.Check(o.over == 0, "No message comes that was not requested (rule 1.1)", "%d of %d", o.over, o.all)
}
