package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"flowlab/report"
	"flowlab/scenarios"
	"flowlab/scenarios/solo"
)

// usualPort is where serve listens and send connects to if nothing is said.
const usualPort = "7007"

// single is what the flags of serve and send say of their end of a connection.
type single struct {
	role     scenarios.Role
	script   string
	set      map[string]*string // values of knobs, by their names
	duration time.Duration
	asJSON   bool
	given    func(flag string) bool

	writing sync.Mutex // of the outputs
}

// knob defines a flag that turns a knob.
func (s *single) knob(verb *cobra.Command, flag, knob, usage string) {
	if s.set == nil {
		s.set = map[string]*string{}
	}
	s.set[knob] = verb.Flags().String(flag, "", usage)
}

// flags defines those that both ends have.
func (s *single) flags(verb *cobra.Command) {
	flags := verb.Flags()
	s.given = flags.Changed
	flags.StringVar(&s.script, "script", "", "play this end of a scenario: a built-in `NAME` or a file")
	flags.DurationVar(&s.duration, "duration", 0, "end after this `TIME`")
	flags.BoolVar(&s.asJSON, "json", false, "the account as JSON, an object a line (docs/schema/endpoint-1.json)")
}

// part reads the flags: what this end is to do.
func (s *single) part() (*solo.Part, error) {
	p := &solo.Part{Role: s.role, Knobs: scenarios.DefaultKnobs()}
	if s.given("duration") && s.duration <= 0 {
		return nil, mistake(endless, "--duration %v: it is over already", s.duration)
	}
	if s.script != "" {
		if findStory(s.script, systems{}) != nil {
			return nil, mistake("flowlab run "+s.script+" tells it", "%s runs on real systems, and serve and send play an end of the lab", s.script)
		}
		scenario, err := scenarios.Find(s.script)
		if err != nil {
			return nil, err
		}
		if scenario.Knobs.IsHTTP2() {
			return nil, mistake("flowlab run plays both ends of it", "%s speaks HTTP/2, and serve and send only TCP", scenario.Name)
		}
		p.Knobs, p.Script, p.End = scenario.Knobs, scenario.Script, scenario.End
		if foreign := solo.Foreign(scenario, s.role); len(foreign) > 0 {
			fmt.Fprintf(os.Stderr, "flowlab: note: left out of %s, as it is not the %s's: %s\n", s.script, s.role, strings.Join(foreign, ", "))
		}
	}
	var wrong []error
	for _, knob := range scenarios.KnobNames() {
		if text := s.set[knob]; text != nil && *text != "" {
			if err := p.Knobs.Set(knob, *text); err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %w", knob, err))
			}
		}
	}
	return p, errors.Join(wrong...)
}

// tell has a part say on standard error what it does.
func (s *single) tell(p *solo.Part) {
	p.Said = func(at time.Duration, text string) { s.say("%.1f s  %s", at.Seconds(), text) }
	p.Second = func(a *solo.Account) { s.say("%s", report.EndpointLine(a)) }
}

func (s *single) say(format string, args ...any) {
	s.writing.Lock()
	defer s.writing.Unlock()
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// account writes what was done.
func (s *single) account(a *solo.Account, failure error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	var out io.Writer = os.Stdout
	if s.asJSON {
		return report.EndpointJSON(out, a, failure)
	}
	return report.Endpoint(out, a, report.Style{Color: colored()})
}

// unconnected adds a hint to why there is no connection, or none any more.
func unconnected(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ECONNREFUSED):
		return mistake("nobody listens there: start flowlab serve first, with --listen if it is another machine", "%v", err)
	case errors.Is(err, syscall.EADDRINUSE):
		return mistake("choose another port with --listen ADDRESS:PORT", "%v", err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return mistake("listen on an address of this machine, or on 0.0.0.0 for all of them", "%v", err)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return mistake("the other end has ended; what was done until then is said", "%v", err)
	case errors.Is(err, syscall.ENOENT): // of a congestion control
		return mistake("see sysctl net.ipv4.tcp_available_congestion_control for those that this kernel has", "%v", err)
	}
	return err
}
