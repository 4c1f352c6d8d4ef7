package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"flowlab/peers/grpcgo/slowstream"
	"flowlab/peers/jdk"
	"flowlab/peers/kafka"
	"flowlab/peers/nginx"
	"flowlab/peers/node"
	"flowlab/peers/rabbitmq"
	"flowlab/peers/rsocket"
	"flowlab/peers/story"
	"flowlab/report"
	"flowlab/scenarios"
)

// storyGroup is what scenarios on real systems are listed under.
const storyGroup = "Real systems"

// systems are those that are there already, for stories that would start one of their own.
type systems struct {
	brokers []string // of Kafka
	amqpURL string
}

// stories are all scenarios on real systems.
func stories(s systems) []*story.Story {
	return slices.Concat(
		kafka.Stories(kafka.Options{Brokers: s.brokers}), rabbitmq.Stories(rabbitmq.Options{URL: s.amqpURL}),
		slowstream.Stories(), node.Stories(), jdk.Stories(), rsocket.Stories(rsocket.Options{}), nginx.Stories(),
	)
}

// findStory returns the story of that name; nil if there is none.
func findStory(name string, on systems) *story.Story {
	for _, s := range stories(on) {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// storyNames are their names.
func storyNames() (names []string) {
	for _, s := range stories(systems{}) {
		names = append(names, s.Name)
	}
	return names
}

// tell runs a scenario on real systems, and reports. What it says goes to said while it is
// told.
func (r *running) tell(ctx context.Context, s *story.Story, said io.Writer) error {
	ctx, hurry, stop := interruptibleTwice(ctx)
	defer stop()
	s.Hurry = hurry
	result, err := s.Run(ctx, func(l story.Line) { fmt.Fprintln(said, report.StoryLine(l)) })
	switch {
	case result == nil:
		return missing(err)
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted after %.2f s", result.Length.Seconds())
	}
	if writing := r.reportStory(result, said); writing != nil {
		return writing
	}
	if err != nil {
		return err
	}
	if !result.Passed {
		kept := 0
		for _, c := range result.Checks {
			if c.Passed {
				kept++
			}
		}
		return failed(fmt.Sprintf("%s: %d of %d promises not kept", s.Name, len(result.Checks)-kept, len(result.Checks)))
	}
	return nil
}

func (r *running) reportStory(result *story.Result, said io.Writer) error {
	if r.asJSON {
		return report.StoryJSON(os.Stdout, result)
	}
	fmt.Fprintln(said)
	return report.Story(os.Stdout, result, report.Style{Color: colored()})
}

// Flags of run that only the lab has, and those that only some stories have.
var (
	labFlags    = []string{"set", "write", "force", "quiz", "network", "seed", "metrics"}
	systemFlags = []string{"brokers", "amqp-url"}
)

// fits refuses what is for the lab alone, and systems that the story would not use.
func (r *running) fits(s *story.Story) error {
	if flag := r.given(labFlags); flag != "" {
		return mistake("leave it out", "--%s is for scenarios of the lab, and %s runs on real systems", flag, s.Name)
	}
	others := slices.DeleteFunc(slices.Clone(systemFlags), func(flag string) bool { return flag == s.There })
	if flag := r.given(others); flag != "" {
		return mistake("leave it out", "--%s: %s does not use it", flag, s.Name)
	}
	return nil
}

// inLab refuses what is for stories alone.
func (r *running) inLab(name string) error {
	if flag := r.given(systemFlags); flag != "" {
		return mistake("leave it out", "--%s is for scenarios on real systems, and %s runs in the lab", flag, name)
	}
	return nil
}

// given returns the first of some flags that was given, "" if none was.
func (r *running) given(flags []string) string {
	if i := slices.IndexFunc(flags, r.changed); i >= 0 {
		return flags[i]
	}
	return ""
}

// missing gives each program that a story lacks its hint.
func missing(err error) error {
	var all []error
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	for _, one := range several.Unwrap() {
		if m, ok := errors.AsType[*story.Missing](one); ok {
			one = &scenarios.Mistake{Problem: m.Error(), Hint: m.Hint()}
		}
		all = append(all, one)
	}
	return errors.Join(all...)
}
