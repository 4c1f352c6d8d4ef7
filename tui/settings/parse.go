package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"flowlab/scenarios"
	"flowlab/tui/parts"
)

// mostBytes is far above what all settings need. The parser's time grows with the square
// of a hostile file's length.
const mostBytes = 64 << 10

// file is what stands in one.
type file struct {
	Theme *string                        `yaml:"theme"`
	Plots *string                        `yaml:"plots"`
	Mouse *bool                          `yaml:"mouse"`
	Mask  *bool                          `yaml:"mask"`
	Keys  map[string]map[string][]string `yaml:"keys"`
}

// Parse reads settings. The error is one [scenarios.FileError] that names the path, or
// several joined by [errors.Join].
func Parse(path string, data []byte) (*Settings, error) {
	r := &reader{path: path}
	if len(data) > mostBytes {
		return nil, r.wrong(nil, "all settings are about 4 KiB", "%d bytes are too many for settings", len(data))
	}
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, r.syntax(err)
	}
	r.doc = doc
	var f file
	// Nothing but comments is no document to the decoder.
	if slices.ContainsFunc(doc.Docs, func(d *ast.DocumentNode) bool { return d.Body != nil && d.Body.Type() != ast.CommentType }) {
		if err := yaml.NewDecoder(strings.NewReader(string(data)), yaml.Strict()).Decode(&f); err != nil {
			return nil, r.syntax(err)
		}
	}
	s := Default()
	r.read(&f, s)
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	return s, nil
}

// reader notes what is wrong with a file.
type reader struct {
	path string
	doc  *ast.File
	errs []error
}

// wrong is a mistake, at a node if it is not nil.
func (r *reader) wrong(n ast.Node, hint, problem string, args ...any) error {
	e := &scenarios.FileError{File: r.path, Mistake: &scenarios.Mistake{Problem: fmt.Sprintf(problem, args...), Hint: hint}}
	if n != nil {
		at := n.GetToken().Position
		e.Line, e.Column = at.Line, at.Column
	}
	return e
}

// syntax is an error of the YAML library, whose own text shows the source around it.
func (r *reader) syntax(err error) error {
	const hint = "flowlab config prints a file with every setting"
	e := &scenarios.FileError{File: r.path, Mistake: &scenarios.Mistake{Problem: quoted(err.Error()), Hint: hint}}
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		e.Line, e.Column = at.GetToken().Position.Line, at.GetToken().Position.Column
		e.Problem = printable(at.GetMessage())
	}
	return e
}

// node is what stands in the file under some keys; nil if it is not found.
func (r *reader) node(keys ...string) ast.Node {
	b := (&yaml.PathBuilder{}).Root()
	for _, key := range keys {
		b = b.Child(key)
	}
	n, err := b.Build().FilterFile(r.doc)
	if err != nil {
		return nil
	}
	return n
}

// fail notes a mistake at what stands under some keys.
func (r *reader) fail(keys []string, err error, hint string) {
	if m, ok := errors.AsType[*scenarios.Mistake](err); ok {
		hint = m.Hint
	}
	r.errs = append(r.errs, r.wrong(r.node(keys...), hint, "%s", err))
}

// read takes over what a file says.
func (r *reader) read(f *file, s *Settings) {
	var err error
	if f.Theme != nil {
		if s.Theme, err = parts.ThemeNamed(*f.Theme); err != nil {
			r.fail([]string{"theme"}, err, "write one of them")
		}
	}
	if f.Plots != nil && *f.Plots != automatic {
		if s.Plots, err = parts.GlyphsNamed(*f.Plots); err != nil {
			r.fail([]string{"plots"}, err, "write one of them, or auto")
		}
	}
	if f.Mouse != nil {
		s.Mouse = *f.Mouse
	}
	if f.Mask != nil {
		s.Mask = *f.Mask
	}
	s.Keys = r.keys(f.Keys)
}

// automatic is what the file calls plots of what the terminal can show.
const automatic = "auto"

// keys reads which keys are for which action.
func (r *reader) keys(views map[string]map[string][]string) Keys {
	all := Keys{}
	for _, view := range sorted(views) {
		v := slices.Index(viewNames[:], view)
		if v < 0 {
			r.fail([]string{"keys", view}, fmt.Errorf("no view is called %s", quoted(view)), "the views are "+strings.Join(viewNames[:], ", "))
			continue
		}
		for _, name := range sorted(views[view]) {
			at := []string{"keys", view, name}
			if !slices.Contains(View(v).actions(), name) {
				r.fail(at, fmt.Errorf("no action of %s is called %s", view, quoted(name)), "they are "+strings.Join(View(v).actions(), ", "))
				continue
			}
			keys := []string{}
			for _, text := range views[view][name] {
				key, err := ParseKey(text)
				if err != nil {
					r.fail(at, err, "")
					continue
				}
				keys = append(keys, key)
			}
			all[Bound{View(v), name}] = keys
		}
	}
	if len(r.errs) == 0 {
		r.conflicts(all)
	}
	return all
}

// conflicts refuses keys that are for two actions of a view.
func (r *reader) conflicts(all Keys) {
	for v := range View(numViews) {
		owner := map[string]Bound{}
		for i := range lines {
			l := &lines[i]
			if !v.has(l.view) {
				continue
			}
			for j := range l.actions {
				this := Bound{l.view, l.actions[j].name}
				for _, key := range all.of(l.view, &l.actions[j]) {
					other, taken := owner[key]
					owner[key] = this
					if !taken {
						continue
					}
					at := this
					if _, chosen := all[this]; !chosen {
						at = other
					}
					r.fail([]string{"keys", at.View.String(), at.Action}, fmt.Errorf("%s is for both %s and %s", key, other.Action, this.Action),
						"choose another key for one of them")
					return
				}
			}
		}
	}
}

// actions are the names of what stands in a view's own lines.
func (v View) actions() (names []string) {
	for i := range lines {
		if lines[i].view != v {
			continue
		}
		for j := range lines[i].actions {
			names = append(names, lines[i].actions[j].name)
		}
	}
	return names
}
