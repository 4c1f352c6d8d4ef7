package jdk

import (
	"context"
	"time"

	"flowlab/peers/story"
)

const (
	capacity = 64  // messages of a subscriber's buffer
	rate     = 500 // messages a second that the subscriber processes
)

// Stories are those of the JDK.
func Stories() []*story.Story {
	const install = "apt-get install default-jdk-headless"
	return []*story.Story{{
		Name: "jdk-flow", Title: "Java's SubmissionPublisher, faster than its subscriber",
		Teaches: "The subscriber's request(n) bounds what it is sent, the buffer's capacity what waits: submit() then blocks, offer() drops.",
		Wire:    "Nothing: publisher and subscriber are in one process. Backpressure is the time in submit().",
		Needs:   []story.Program{{Name: "java", Install: install}, {Name: "javac", Install: install}},
		Lasts:   8 * time.Second,
		Tell: func(ctx context.Context, s *story.Stage) error {
			o := &overload{Stage: s}
			return o.run(ctx)
		},
	}}
}
