// What is typed to see some of the rows.

package looks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowlab/flow"
	"flowlab/sockets"
)

// Filter chooses rows. The zero value chooses all.
type Filter struct {
	text  string
	terms []func(*Row) bool
}

// ParseFilter reads conditions, all of which a row has to meet:
//
//	10.0.0.1   10.0.0.0/8   10.0.0.1:443   port 443   either end
//	receive-window   own-reader   held-by reader      what limits it most, and who can let it go
//	held   idle                                       as the table has it
//	process nginx   pid 4711   container 3f2a         who holds it; a name or an id by its beginning
//	unread>0   unacked>1000   rate>1000000   received>0   bytes, a second the last two
//	rtt>5ms                                           a time; with < as well
//
// "not" before a condition has it not be met.
func ParseFilter(text string) (Filter, error) {
	f := Filter{text: strings.TrimSpace(text)}
	words := strings.Fields(text)
	for len(words) > 0 {
		not := words[0] == "not"
		if not {
			if words = words[1:]; len(words) == 0 {
				return Filter{}, fmt.Errorf("after %q comes a condition, such as %q", "not", "idle")
			}
		}
		holds, n, err := condition(words)
		if err != nil {
			return Filter{}, err
		}
		f.terms = append(f.terms, func(r *Row) bool { return holds(r) != not })
		words = words[n:]
	}
	return f, nil
}

func (f Filter) String() string { return f.text }

// Match tells whether a row is chosen.
func (f *Filter) Match(r *Row) bool {
	for _, holds := range f.terms {
		if !holds(r) {
			return false
		}
	}
	return true
}

// states are the conditions of one word, beside limits and addresses.
var states = map[string]func(*Row) bool{
	"held": func(r *Row) bool { return r.Held() },
	"idle": func(r *Row) bool { return r.Idle },
}

// examples are the words after which a value comes, each with one.
var examples = map[string]string{"port": "443", "held-by": "reader", "process": "nginx", "pid": "4711", "container": "3f2a"}

// condition reads the one that words begin with, and how many words it takes.
func condition(words []string) (holds func(*Row) bool, n int, err error) {
	word := words[0]
	if example, takesValue := examples[word]; takesValue {
		if len(words) < 2 {
			return nil, 0, fmt.Errorf("after %q comes a value, such as %q", word, word+" "+example)
		}
		holds, err = valued(word, words[1])
		return holds, 2, err
	}
	if at := strings.IndexAny(word, "<>"); at >= 0 {
		holds, err = comparison(word[:at], word[at] == '>', word[at+1:])
		return holds, 1, err
	}
	if holds := states[word]; holds != nil {
		return holds, 1, nil
	}
	if slices.Contains(sockets.Limits(), word) {
		return func(r *Row) bool { return sockets.LimitOf(r.Cause, int64(r.Unread)) == word }, 1, nil
	}
	if meant, err := flow.ParseEnd(word); err == nil {
		return func(r *Row) bool { return meant(r.Local) || meant(r.Remote) }, 1, nil
	}
	return nil, 0, fmt.Errorf("%q is no condition: write an address, such as 10.0.0.0/8, a limit, such as receive-window, "+
		"or held, own-reader, port 443, held-by reader, process nginx, pid 4711, unread>0, rtt>5ms", word)
}

// valued reads a condition of two words.
func valued(word, value string) (func(*Row) bool, error) {
	switch word {
	case "port":
		port, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("port %q: a port is a number from 0 to 65535", value)
		}
		return func(r *Row) bool { return r.Local.Port == uint16(port) || r.Remote.Port == uint16(port) }, nil
	case "pid":
		pid, err := strconv.Atoi(value)
		if err != nil || pid < 1 {
			return nil, fmt.Errorf("pid %q: processes have numbers from 1 on", value)
		}
		return func(r *Row) bool { return r.PID() == pid }, nil
	case "process":
		return func(r *Row) bool { return strings.HasPrefix(r.Name(), value) }, nil
	case "container":
		return func(r *Row) bool { return r.Process != nil && strings.HasPrefix(r.Process.Container, value) }, nil
	}
	for by := range flow.HeldBy(flow.NumHeldBy) {
		if by.String() == value {
			return func(r *Row) bool { return r.HeldBy == by }, nil
		}
	}
	return nil, fmt.Errorf("held-by %q: it is reader, window-size, path, sender-socket or sender-application", value)
}

// quantities are what is compared with a number, or with a time.
var quantities = map[string]struct {
	time bool
	of   func(*Row) int64
}{
	"unread":   {of: func(r *Row) int64 { return int64(r.RecvQ) }},
	"unacked":  {of: func(r *Row) int64 { return int64(r.SendQ) }},
	"rate":     {of: func(r *Row) int64 { return r.Acked }},
	"received": {of: func(r *Row) int64 { return r.Came }},
	"rtt":      {time: true, of: func(r *Row) int64 { return int64(r.RTT) * int64(time.Microsecond) }},
}

// comparison reads a condition such as rtt>5ms.
func comparison(name string, more bool, value string) (func(*Row) bool, error) {
	q, known := quantities[name]
	if !known {
		return nil, fmt.Errorf("%q cannot be compared: write unread, unacked, rate, received or rtt", name)
	}
	bound, err := strconv.ParseInt(value, 10, 64)
	hint := "a number, such as " + name + ">1000"
	if q.time {
		var d time.Duration
		d, err = time.ParseDuration(value)
		bound, hint = int64(d), "a time, such as "+name+">5ms"
	}
	if err != nil {
		return nil, fmt.Errorf("%s and %q: write %s", name, value, hint)
	}
	if more {
		return func(r *Row) bool { return q.of(r) > bound }, nil
	}
	return func(r *Row) bool { return q.of(r) < bound }, nil
}
