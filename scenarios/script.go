package scenarios

import (
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"

	"flowlab/lab"
)

// script reads the steps of a scenario that ends at end, which is 0 if it is
// not known.
func (r *reader) script(n ast.Node, end time.Duration) []Step {
	var steps []Step
	var last time.Duration
	known := slices.Concat([]string{"at", "ask", "set", "drop"}, actionKeys(), []string{"say"})
	for _, entry := range r.list(n, "the script") {
		o, ok := r.object(entry, "a step", known)
		if !ok {
			continue
		}
		var s Step
		if o.has("at") {
			s.At, ok = value(r, o.values["at"], durationUnit.read)
		} else {
			r.fail(entry, mistake("add when it happens, such as at: 1s", "a step without a time"))
			ok = false
		}
		switch {
		case !ok:
		case s.At < last:
			r.fail(o.values["at"], mistake("put the steps in order of time", "the step at %v stands after the one at %v", s.At, last))
		case end > 0 && s.At >= end:
			r.fail(o.values["at"], mistake("put it before the end, or the end later", "the step at %v is not before the end, %v", s.At, end))
		}
		last = max(last, s.At)

		if o.has("ask") {
			s.Ask = r.question(o.values["ask"])
		}
		if o.has("set") {
			s.Set = r.settings(o.values["set"])
		}
		if o.has("drop") {
			s.Drop = r.drop(o.values["drop"])
		}
		if o.has("say") {
			s.Say, _ = r.line(o.values["say"])
		}
		s.Do = r.actions(o)
		if len(o.values) < 2 && o.has("at") {
			r.fail(entry, mistake("add ask, set, drop or say, or with HTTP/2 what an application does", "a step that does nothing"))
		}
		steps = append(steps, s)
	}
	return steps
}

// settings reads the knobs that a step turns, and tries each.
func (r *reader) settings(n ast.Node) []Setting {
	pairs, ok := r.pairs(n, "set")
	if ok && len(pairs) == 0 {
		r.fail(n, mistake("name a knob, such as {consumer.read-rate: 0}", "nothing to set"))
	}
	// What a step can set is in its range whatever the others are: the ranges
	// that depend on each other are those of fixed knobs.
	knobs := DefaultKnobs()
	knobs.Producer.Protocol = r.protocol
	var settings []Setting
	for _, p := range pairs {
		knob, err := findKnob(p.name)
		switch {
		case err != nil:
			r.fail(p.key, err)
		case knob.Fixed:
			r.fail(p.key, mistake("set it before the run, at the top of the file", "%s is fixed while the lab runs", p.name))
		case r.knobs.stockTurns(p.name) != nil:
			r.fail(p.key, r.knobs.stockTurns(p.name))
		default:
			if text, ok := r.set(p.value, p.name, &knobs); ok {
				settings = append(settings, Setting{p.name, text})
			}
		}
	}
	return settings
}

// drop returns nil if the rule is not one.
func (r *reader) drop(n ast.Node) *DropRule {
	o, ok := r.object(n, "a drop rule", []string{"what", "from", "first", "last", "until"})
	if !ok {
		return nil
	}
	d := DropRule{First: 1}
	if o.has("what") {
		d.What, _ = value(r, o.values["what"], packetFrom(lab.Any))
	} else {
		r.fail(n, mistake("add what to drop, such as what: window-update", "a drop rule for nothing"))
	}
	if o.has("from") {
		d.From, _ = value(r, o.values["from"], parseRole)
	}
	if o.has("first") {
		d.First, _ = value(r, o.values["first"], number(1))
	}
	if o.has("last") {
		d.Last, ok = value(r, o.values["last"], number(1))
		if ok && d.Last < d.First {
			r.fail(o.values["last"], mistake("first and last are counted from 1, and both are dropped", "last, %d, is before first, %d", d.Last, d.First))
		}
	}
	if o.has("until") {
		d.Until, ok = value(r, o.values["until"], packetFrom(lab.Data))
		// With a role, what ends the rule comes from the other one.
		if ok && d.From == "" && (d.What == d.Until || d.What == lab.Any) {
			r.fail(o.values["until"], mistake("wait for a kind that the rule lets pass, or drop from one role", "%s cannot pass: the rule drops it", d.Until))
		}
	}
	return &d
}

func parseRole(name string) (Role, error) {
	if role := Role(name); role == Producer || role == Consumer {
		return role, nil
	}
	return "", unknown("role", name, []string{string(Producer), string(Consumer)})
}

// packetFrom parses a kind of packet, leaving out those before the first.
func packetFrom(first lab.Kind) func(string) (lab.Kind, error) {
	return func(name string) (lab.Kind, error) {
		var names []string
		for k := first; k <= lab.WindowProbe; k++ {
			if k.String() == name {
				return k, nil
			}
			names = append(names, k.String())
		}
		return lab.Any, unknown("packet", name, names)
	}
}
