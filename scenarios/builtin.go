package scenarios

import (
	"embed"
	"path/filepath"
	"slices"
	"strings"
)

// builtin holds, for each built-in scenario, NAME.yaml and its explanation
// NAME.md.
//
//go:embed builtin/*.yaml builtin/*.md
var builtin embed.FS

// builtinGroups are in teaching order. TCP: the path as the limit first, then the
// reader, its window, the updates that open it, the sender's own rules, and two
// controls in which the receiver has no part. HTTP/2: the connection's window, a
// stream's, accounts on which the two sides do not agree, what becomes of credit, and
// controls in which no window of HTTP/2 has a part. gRPC: applications that do not read,
// what libraries do, streams that may not be opened or are dropped, and a control.
var builtinGroups = []struct {
	name  string
	names []string
}{
	{"TCP", []string{
		"healthy",
		"slow-reader",
		"reader-stops",
		"small-buffer-long-path",
		"tiny-reads",
		"lost-window-update",
		"nagle-and-delayed-ack",
		"lossy-path",
		"quiet-producer",
	}},
	{"HTTP/2", []string{
		"unread-stream-starves-siblings",
		"go-handler-does-not-read",
		"window-never-grows",
		"small-stream-window-long-path",
		"zero-initial-window",
		"window-below-zero",
		"raised-window-ignored",
		"window-never-advertised",
		"update-overflows-window",
		"data-beyond-window",
		"upload-abandoned",
		"tiny-window-updates",
		"padding-not-credited",
		"credit-leaks-on-reset",
		"credit-for-unopened-streams",
		"wake-up-lost",
		"proxy-hides-the-stall",
		"open-window-closed-socket",
		"both-sockets-unread",
	}},
	{"gRPC", []string{
		"both-sides-send",
		"one-stream-not-read",
		"message-larger-than-window",
		"stream-limit-queues-calls",
		"stream-limit-lowered",
		"burst-before-settings",
		"goaway-drops-streams",
		"starved-by-the-scheduler",
	}},
}

// builtinNames are the names of all groups.
var builtinNames = func() (all []string) {
	for _, g := range builtinGroups {
		all = append(all, g.names...)
	}
	return all
}()

// Builtins returns the built-in scenarios in teaching order.
func Builtins() []*Scenario {
	all := make([]*Scenario, len(builtinNames))
	for i, name := range builtinNames {
		all[i] = mustBuiltin(name)
	}
	return all
}

// BuiltinNames returns their names.
func BuiltinNames() []string { return slices.Clone(builtinNames) }

// Builtin returns the built-in scenario of that name. The error is a [Mistake]
// that points to the nearest names, which may be others that the caller knows.
func Builtin(name string, others ...string) (*Scenario, error) {
	if !slices.Contains(builtinNames, name) {
		return nil, unknown("scenario", name, slices.Concat(builtinNames, others))
	}
	return mustBuiltin(name), nil
}

// Find returns the built-in scenario of that name, or loads the file, if it is
// a path: it contains a separator, or ends in .yaml or .yml. Others are as for [Builtin].
func Find(nameOrPath string, others ...string) (*Scenario, error) {
	ext := filepath.Ext(nameOrPath)
	isPath := ext == ".yaml" || ext == ".yml" || strings.ContainsAny(nameOrPath, "/"+string(filepath.Separator))
	if isPath {
		return Load(nameOrPath)
	}
	return Builtin(nameOrPath, others...)
}

// mustBuiltin panics on a file that does not load: it was built in so, and the
// tests load all of them.
func mustBuiltin(name string) *Scenario {
	read := func(file string) []byte {
		data, err := builtin.ReadFile(file)
		if err != nil {
			panic(err)
		}
		return data
	}
	file := "builtin/" + name + ".yaml"
	s, err := parse(file, name, read(file))
	if err != nil {
		panic(err)
	}
	s.Explain = string(read("builtin/" + name + ".md"))
	for _, g := range builtinGroups {
		if slices.Contains(g.names, name) {
			s.Group = g.name
		}
	}
	return s
}
