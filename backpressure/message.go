package backpressure

import "flowlab/flow"

// Message is a piece of work on its way from a producer to a consumer.
type Message struct {
	Number    int64     // from 0, in the order of the schedule
	Scheduled flow.Time // when it was due: latency counts from here
	Arrived   flow.Time // when a queue took it
	UnderWay  int       // requests that were so with it when a [Limit] let it begin
	Priority  Priority
	Body      []byte // is carried, and only its length looked at
}

// Priority tells which messages are refused first when not all can be processed.
type Priority uint8

// The priorities, the least first.
const (
	Low Priority = iota
	Normal
	High

	numPriorities = int(High) + 1
)

var priorityNames = [numPriorities]string{"low", "normal", "high"}

func (p Priority) String() string { return priorityNames[p] }
