// What somebody's keys mean.

package settings

import (
	"slices"
	"strings"

	"flowlab/tui/parts"
)

// Keys are the keys that somebody has chosen for actions. Without any, the usual ones
// hold.
type Keys map[Bound][]string

// Bound is an action of a view.
type Bound struct {
	View   View
	Action string
}

// of returns the keys of an action.
func (k Keys) of(v View, a *action) []string {
	if keys, chosen := k[Bound{v, a.name}]; chosen {
		return keys
	}
	return a.keys
}

// Meaning returns the key that a screen knows for what a key does there; empty if the key
// was taken from its action. A key without an action is what it is.
func (k Keys) Meaning(v View, key string) string {
	taken := false
	for i := range lines {
		l := &lines[i]
		if !v.has(l.view) {
			continue
		}
		for j := range l.actions {
			a := &l.actions[j]
			keys := k.of(l.view, a)
			if slices.Contains(keys, key) {
				if slices.Contains(a.keys, key) {
					return key
				}
				return a.keys[0]
			}
			taken = taken || slices.Contains(a.keys, key)
		}
	}
	if taken {
		return ""
	}
	return key
}

// Shown returns the first key of each of a view's actions, as a screen shows them:
// arrows as arrows, with a stroke between two.
func (k Keys) Shown(g *parts.Glyphs, v View, names ...string) string {
	var keys []string
	for i := range lines {
		for j := range lines[i].actions {
			a := &lines[i].actions[j]
			if all := k.of(lines[i].view, a); v.has(lines[i].view) && slices.Contains(names, a.name) && len(all) > 0 {
				keys = append(keys, glyphed(g, all[0]))
			}
		}
	}
	return strings.Join(keys, "/")
}

// Help returns what the help of a view says: the usual keys with shift go without saying.
func (k Keys) Help(g *parts.Glyphs, v View) (help []parts.KeyHelp) {
	for i := range lines {
		l := &lines[i]
		if !v.has(l.view) {
			continue
		}
		var keys []string
		for j := range l.actions {
			a := &l.actions[j]
			for _, key := range k.of(l.view, a) {
				if !strings.HasPrefix(key, "shift-") || !slices.Contains(a.keys, key) {
					keys = append(keys, glyphed(g, key))
				}
			}
		}
		if len(keys) > 0 || len(l.actions) == 0 {
			help = append(help, parts.KeyHelp{Keys: strings.Join(keys, " "), Does: l.does})
		}
	}
	return help
}

// glyphed writes a key as short as this terminal can.
func glyphed(g *parts.Glyphs, key string) string {
	for _, arrow := range [...]struct{ name, glyph string }{{"left", g.Decrease}, {"right", g.Increase}} {
		if rest, ok := strings.CutSuffix(key, arrow.name); ok {
			return rest + arrow.glyph
		}
	}
	return key
}
