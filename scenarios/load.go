package scenarios

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

const mostFileBytes = 1 << 20

// Load reads a scenario file of at most 1 MiB. The error is one [FileError], or
// several joined by [errors.Join], in the order of the file.
func Load(path string) (*Scenario, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(path)
	return parse(path, strings.TrimSuffix(name, filepath.Ext(name)), data)
}

func readFile(path string) ([]byte, error) {
	wrong := func(hint, problem string, args ...any) error {
		return &FileError{File: path, Mistake: mistake(hint, problem, args...)}
	}
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, wrong("check the path; flowlab list has the built-in scenarios", "no such file")
	case errors.Is(err, fs.ErrPermission):
		return nil, wrong("make the file readable for this user", "not allowed to read it")
	case err != nil:
		return nil, wrong("give the path of a scenario file", "%v", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, wrong("give the path of one file in it", "is a directory")
	}
	data, err := io.ReadAll(io.LimitReader(f, mostFileBytes+1))
	switch {
	case err != nil:
		return nil, wrong("give the path of a scenario file", "%v", err)
	case len(data) > mostFileBytes:
		return nil, wrong("a scenario has a few dozen lines", "more than 1 MiB")
	}
	return data, nil
}

// parse reads a scenario. The file is named in errors.
func parse(file, name string, data []byte) (*Scenario, error) {
	r := &reader{file: file}
	s := &Scenario{Name: name, Knobs: DefaultKnobs()}
	if body := r.document(data); body != nil {
		r.scenario(body, s)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// sections are the keys that hold knobs; the name of a knob begins with one.
var sections = []string{"network", "producer", "consumer", "proxy"}

func (r *reader) scenario(n ast.Node, s *Scenario) {
	known := slices.Concat([]string{"title", "teaches"}, sections, []string{"script", "end", "expect"})
	o, ok := r.object(n, "the scenario", known)
	if !ok {
		return
	}
	if o.has("title") {
		s.Title, _ = r.line(o.values["title"])
	} else {
		r.fail(n, mistake("add a line such as title: The reader stops", "no title"))
	}
	if o.has("teaches") {
		s.Teaches, _ = r.line(o.values["teaches"])
	}
	for _, section := range sections {
		if o.has(section) {
			r.section(o.values[section], section, &s.Knobs)
		}
	}
	r.protocol = s.Knobs.Producer.Protocol
	r.libraries(&s.Knobs)
	// The end comes first, as the times of everything else are held against it.
	if o.has("end") {
		s.End = r.end(o.values["end"])
	} else {
		r.fail(n, mistake("add a line such as end: 6s", "no end"))
	}
	if o.has("script") {
		s.Script = r.script(o.values["script"], s.End)
	}
	if o.has("expect") {
		s.Expect = r.expectations(o.values["expect"], s.End)
	}
}

// section reads the knobs whose names begin with the section's.
func (r *reader) section(n ast.Node, section string, knobs *Knobs) {
	var known []string
	for _, name := range KnobNames() {
		if key, ok := strings.CutPrefix(name, section+"."); ok {
			known = append(known, key)
		}
	}
	o, _ := r.object(n, "the "+section+" section", known)
	for _, key := range known {
		if o.has(key) {
			name := section + "." + key
			if _, ok := r.set(o.values[key], name, knobs); ok {
				r.given = append(r.given, given{name, o.keys[key]})
			}
		}
	}
}

// given is a knob that a section sets, and where.
type given struct {
	name string
	key  ast.Node
}

// libraries notes what the knobs want of libraries that do not have it.
func (r *reader) libraries(knobs *Knobs) {
	r.knobs = knobs
	pair := knobs.stockPair()
	for _, g := range r.given {
		switch m := knobs.stockLacks(g.name); {
		case m != nil:
			r.fail(g.key, m)
		case pair != nil && strings.HasSuffix(g.name, ".implementation"):
			r.fail(g.key, pair)
			pair = nil
		}
	}
}

// set turns a knob to the value of a node.
func (r *reader) set(n ast.Node, name string, knobs *Knobs) (text string, ok bool) {
	return value(r, n, func(text string) (string, error) { return text, knobs.Set(name, text) })
}

// end returns 0 if the end is unknown; what depends on it is then not checked.
func (r *reader) end(n ast.Node) time.Duration {
	end, ok := value(r, n, durationUnit.read)
	if ok && end == 0 {
		r.fail(n, mistake("write a duration such as 6s", "a run that ends as it begins"))
	}
	return end
}
