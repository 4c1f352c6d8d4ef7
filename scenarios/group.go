// The scenarios that somebody can pick: the built-in ones, and their own files.

package scenarios

import (
	"bytes"
	"os"
	"path/filepath"

	"flowlab/peers/story"
)

// Group is a part of what there is to pick from.
type Group struct {
	Name    string // TCP, HTTP/2 or gRPC, or that of [Own]
	Entries []Entry
}

// Entry is a scenario, of the lab or on real systems, or a file that is none.
type Entry struct {
	Scenario *Scenario    // of the lab; nil if it is a story, or the file does not load
	Story    *story.Story // on real systems
	File     string       // its path; empty for what is built in
	Mistake  error        // why the file does not load: as of [Load]
}

// Name is what flowlab run calls it.
func (e *Entry) Name() string {
	switch {
	case e.File != "":
		return e.File
	case e.Story != nil:
		return e.Story.Name
	}

	return e.Scenario.Name
}

// About is its title, and in one line what it teaches; both are empty of a file that does
// not load.
func (e *Entry) About() (title, teaches string) {
	switch {
	case e.Story != nil:
		return e.Story.Title, e.Story.Teaches
	case e.Scenario != nil:
		return e.Scenario.Title, e.Scenario.Teaches
	}
	return "", ""
}

// Groups returns the built-in scenarios by their groups, in teaching order.
func Groups() []Group {
	groups := make([]Group, len(builtinGroups))
	for i, g := range builtinGroups {
		groups[i].Name = g.name
		for _, name := range g.names {
			groups[i].Entries = append(groups[i].Entries, Entry{Scenario: mustBuiltin(name)})
		}
	}
	return groups
}

// Own returns the files in folders whose names end in .yaml or .yml, folder by folder
// in the order of their names. One that does not load is among them, with its mistake, if
// it has a title: other YAML is no scenario. A folder that cannot be read has none.
func Own(folders ...string) Group {
	g := Group{Name: "Your own"}
	for _, folder := range folders {
		files, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, f := range files {
			if ext := filepath.Ext(f.Name()); f.IsDir() || ext != ".yaml" && ext != ".yml" {
				continue
			}
			e := Entry{File: filepath.Join(folder, f.Name())}
			if e.Scenario, e.Mistake = Load(e.File); e.Scenario != nil || titled(e.File) {
				g.Entries = append(g.Entries, e)
			}
		}
	}
	return g
}

// titled tells whether a file has a title as a scenario has one.
func titled(file string) bool {
	data, err := readFile(file)
	return err == nil && bytes.Contains(append([]byte("\n"), data...), []byte("\ntitle:"))
}

// OwnFolders returns where somebody's scenarios are looked for: the current folder, and
// flowlab/scenarios in XDG_DATA_HOME, which is ~/.local/share unless it is set to an
// absolute path (XDG Base Directory Specification).
func OwnFolders() []string {
	folders := []string{"."}
	data := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(data) {
		home, err := os.UserHomeDir()
		if err != nil {
			return folders
		}
		data = filepath.Join(home, ".local", "share")
	}
	return append(folders, filepath.Join(data, "flowlab", "scenarios"))
}
