// How the screen of a run saves what was done by hand.

package tui

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"flowlab/scenarios"
)

// byHandEnding is the end of the name of a scenario that was saved.
const byHandEnding = "-by-hand"

// save writes what was done as a scenario to a new file, of the current folder unless it
// has a path, and tells its name.
func (l *lab) save(file string, now time.Time) {
	s, err := l.run.AsScenario()
	if err != nil {
		l.notifyOf(err, now)
		return
	}
	if file != "" {
		err = scenarios.Save(file, s, false)
	} else {
		file, err = saveNew(strings.TrimSuffix(s.Name, byHandEnding)+byHandEnding, s)
	}
	if err != nil {
		l.notify(err.Error(), now)
		return
	}
	l.notify("saved as "+file, now)
}

// saveNew saves a scenario as NAME.yaml, or if there is such a file as NAME-2.yaml and
// so on.
func saveNew(name string, s *scenarios.Scenario) (path string, err error) {
	const most = 100 // files of one name
	path = name + ".yaml"
	for n := 2; ; n++ {
		err = scenarios.Save(path, s, false)
		if !errors.Is(err, os.ErrExist) || n > most {
			return path, err
		}
		path = fmt.Sprintf("%s-%d.yaml", name, n)
	}
}
