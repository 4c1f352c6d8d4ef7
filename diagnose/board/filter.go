// What is typed to see some of the rows.

package board

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"flowlab/flow"
)

// Filter chooses rows. The zero value chooses all.
type Filter struct {
	text  string
	terms []term
}

// term is one condition.
type term struct {
	not   bool
	holds func(r *Row, at flow.Time) bool
}

// ParseFilter reads conditions, all of which a row has to meet:
//
//	10.0.0.1   10.0.0.0/8   10.0.0.1:443   port 443    an end
//	receive-window   cause receive-window              what holds a sender now
//	held-by reader                                     who can let it go
//	held  flowing  idle  closed                        what the connection does
//	tcp  tls  h2                                       what was read of it
//	interface eth0   number 7                          where it was seen, and its number
//	stalled>1s  longest>500ms  for>2s                  in all; at most; by now
//	stalls>3  streams>0  bytes>1000000                 how many; with < as well
//
// "not" before a condition has it not be met.
func ParseFilter(text string) (Filter, error) {
	f := Filter{text: strings.TrimSpace(text)}
	words := strings.Fields(text)
	for len(words) > 0 {
		t := term{}
		if words[0] == "not" {
			t.not = true
			if words = words[1:]; len(words) == 0 {
				return Filter{}, fmt.Errorf("after %q comes a condition, such as %q", "not", "idle")
			}
		}
		n, err := t.parse(words)
		if err != nil {
			return Filter{}, err
		}
		f.terms = append(f.terms, t)
		words = words[n:]
	}
	return f, nil
}

func (f Filter) String() string { return f.text }

// Match tells whether a row is chosen at an instant.
func (f *Filter) Match(r *Row, at flow.Time) bool {
	for i := range f.terms {
		if t := &f.terms[i]; t.holds(r, at) == t.not {
			return false
		}
	}
	return true
}

// examples are the words after which a value comes, each with one.
var examples = map[string]string{
	"port": "443", "cause": "receive-window", "held-by": "reader", "state": "held", "protocol": "h2",
	"interface": "eth0", "number": "7", "address": "10.0.0.0/8",
}

// FilterWords are the words that a condition may begin with.
func FilterWords() []string {
	words := []string{"not", "address", "port", "cause", "held-by", "state", "protocol", "interface", "number"}
	words = append(words, stateNames[:]...)
	words = append(words, protocolNames[:]...)
	words = append(words, flow.CauseNames()...)
	return append(words, "stalled>", "longest>", "for>", "stalls>", "streams>", "bytes>")
}

// parse reads the condition that words begin with, and returns how many it takes.
func (t *term) parse(words []string) (n int, err error) {
	word := words[0]
	if example, takesValue := examples[word]; takesValue {
		if len(words) < 2 {
			return 0, fmt.Errorf("after %q comes a value, such as %q", word, word+" "+example)
		}
		return 2, t.value(word, words[1])
	}
	if at := strings.IndexAny(word, "<>"); at >= 0 {
		return 1, t.compare(word[:at], word[at] == '>', word[at+1:])
	}
	for what, names := range map[string][]string{"state": stateNames[:], "protocol": protocolNames[:], "cause": flow.CauseNames()} {
		for _, name := range names {
			if name == word {
				return 1, t.value(what, word)
			}
		}
	}
	if t.address(word) == nil {
		return 1, nil
	}
	return 0, fmt.Errorf("%q is no condition: write an address, such as 10.0.0.0/8, a cause, such as receive-window, "+
		"a state (%s), a protocol (%s), or port 443, held-by reader, stalled>1s", word, list(stateNames[:]), list(protocolNames[:]))
}

// value reads a condition of two words.
func (t *term) value(word, value string) error {
	switch word {
	case "address":
		return t.address(value)
	case "interface":
		t.holds = func(r *Row, _ flow.Time) bool { return r.Interface == value }
	case "port":
		port, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			return fmt.Errorf("port %q: a port is a number from 0 to 65535", value)
		}
		t.holds = func(r *Row, _ flow.Time) bool {
			return r.ID.Client.Port == uint16(port) || r.ID.Server.Port == uint16(port)
		}
	case "number":
		number, err := strconv.Atoi(value)
		if err != nil || number < 1 {
			return fmt.Errorf("number %q: connections have numbers from 1 on", value)
		}
		t.holds = func(r *Row, _ flow.Time) bool { return r.Number == number }
	case "state":
		state, err := ParseState(value)
		t.holds = func(r *Row, _ flow.Time) bool { return r.State == state }
		return err
	case "protocol":
		protocol, err := ParseProtocol(value)
		t.holds = func(r *Row, _ flow.Time) bool { return r.Protocol == protocol }
		return err
	case "cause":
		cause, err := flow.ParseCause(value)
		if err != nil {
			return fmt.Errorf("%w: it is one of %s", err, list(flow.CauseNames()))
		}
		t.holds = func(r *Row, _ flow.Time) bool {
			return r.anySide(func(s *Side) bool { return s.Since != 0 && s.Cause == cause })
		}
	case "held-by":
		return t.heldBy(value)
	}
	return nil
}

func (t *term) heldBy(value string) error {
	var names []string
	for by := range flow.HeldBy(flow.NumHeldBy) {
		if by.String() == value {
			t.holds = func(r *Row, _ flow.Time) bool {
				return r.anySide(func(s *Side) bool { return s.Since != 0 && s.HeldBy == by })
			}
			return nil
		}
		names = append(names, by.String())
	}
	return fmt.Errorf("held-by %q: it is one of %s", value, list(names))
}

func (r *Row) anySide(is func(*Side) bool) bool { return is(&r.Sides[0]) || is(&r.Sides[1]) }

// address reads an address, alone, with a port, or with the length of a prefix.
func (t *term) address(text string) error {
	meant, err := flow.ParseEnd(text)
	if err != nil {
		return err
	}
	t.holds = func(r *Row, _ flow.Time) bool { return meant(r.ID.Client) || meant(r.ID.Server) }
	return nil
}

// times are the quantities that are compared with a time.
var times = map[string]func(r *Row, at flow.Time) time.Duration{
	"stalled": func(r *Row, _ flow.Time) time.Duration { return r.Stalled() },
	"longest": func(r *Row, _ flow.Time) time.Duration { return r.Longest() },
	"for": func(r *Row, at flow.Time) time.Duration {
		s := &r.Sides[r.Worse()]
		return s.For(at)
	},
}

// counts are those that are compared with a number.
var counts = map[string]func(r *Row) int64{
	"stalls":  func(r *Row) int64 { return int64(r.Stalls()) },
	"streams": func(r *Row) int64 { return int64(r.Streams) },
	"bytes":   func(r *Row) int64 { return r.Bytes() },
}

// compare reads a condition such as stalled>1s.
func (t *term) compare(name string, more bool, value string) error {
	if of, ok := times[name]; ok {
		least, err := time.ParseDuration(value)
		if err != nil {
			return fmt.Errorf("%s and %q: write a time, such as 500ms or 2s", name, value)
		}
		t.holds = func(r *Row, at flow.Time) bool { return beyond(of(r, at), least, more) }
		return nil
	}
	of, ok := counts[name]
	if !ok {
		return fmt.Errorf("%q cannot be compared: write stalled, longest, for, stalls, streams or bytes", name)
	}
	least, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return fmt.Errorf("%s and %q: write a number, such as %s>1000", name, value, name)
	}
	t.holds = func(r *Row, _ flow.Time) bool { return beyond(of(r), least, more) }
	return nil
}

func beyond[T ~int64](v, bound T, more bool) bool {
	if more {
		return v > bound
	}
	return v < bound
}

// list writes names as one reads them.
func list(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
