package floors

import (
	"fmt"
	"slices"
	"strings"
)

// plan is what the packages of a module are held to.
type plan struct {
	module  string
	rooms   map[string]room   // by folder
	allowed map[arrow]bool    // on one floor, nevertheless
	onlyIn  map[string]string // a module of others, and the one folder that imports it
}

type room struct {
	floor    int
	pure     bool
	testOnly bool // stands on no floor: only tests import it
}

// arrow is an import of one room by another.
type arrow struct{ from, to string }

// pkg is what there is to know of a package.
type pkg struct {
	path    string
	imports []string
	clock   []string // where it asks for the time
}

// check returns what is wrong with a package, a sentence each.
func (pl plan) check(p pkg) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, p.path+" "+fmt.Sprintf(format, args...)) }

	name, here, ok := pl.roomOf(p.path)
	if !ok {
		say("stands on no floor: give it one in internal/floors/floors_test.go")
		return wrong
	}
	for _, path := range p.imports {
		if owner, folder := pl.ownerOf(path); owner != "" && !within(p.path, pl.module+"/"+folder) {
			say("imports %s: only %s/%s imports %s", path, pl.module, folder, owner)
		}
		if here.pure && impure(path) {
			say("(pure) imports %s: a pure package knows no network, no system and no chance", path)
		}
		if !within(path, pl.module) {
			continue
		}
		toName, to, ok := pl.roomOf(path)
		switch {
		case !ok: // said where that package is checked
		case toName == name || pl.allowed[arrow{name, toName}]:
		case here.testOnly && to.testOnly:
		case here.testOnly:
			say("imports %s: what is there for tests stands alone", path)
		case to.testOnly:
			say("imports %s outside a test: it is there for tests only", path)
		case to.floor >= here.floor:
			say("(floor %d) imports %s (floor %d): a package imports only from floors below its own", here.floor, path, to.floor)
		}
	}
	if here.pure {
		for _, at := range p.clock {
			say("(pure) asks for the time, %s: a pure package is told it", at)
		}
	}
	return wrong
}

// roomOf returns the room of a package: that of the longest folder it is in.
func (pl plan) roomOf(path string) (name string, r room, ok bool) {
	for folder, at := range pl.rooms {
		if within(path, pl.module+"/"+folder) && (!ok || len(folder) > len(name)) {
			name, r, ok = folder, at, true
		}
	}
	return name, r, ok
}

// ownerOf returns the restricted module that a path belongs to, if any.
func (pl plan) ownerOf(path string) (module, folder string) {
	for module, folder := range pl.onlyIn {
		// A later major version, such as tcell/v2, is within its module too.
		if within(path, module) {
			return module, folder
		}
	}
	return "", ""
}

func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

func impure(path string) bool {
	if path == "net/netip" { // only values
		return false
	}
	return slices.ContainsFunc([]string{"net", "os", "syscall", "math/rand", "crypto/rand", "golang.org/x/sys"},
		func(folder string) bool { return within(path, folder) })
}
