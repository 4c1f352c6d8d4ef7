package floors

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// The test of the floors can fail.
func TestCheck(t *testing.T) {
	const below = ": a package imports only from floors below its own"
	for _, c := range []struct {
		name string
		pkg  pkg
		want []string
	}{
		{"down", pkg{path: "flowlab/lab", imports: []string{"flowlab/capture", "flowlab/flow", "net", "os"}}, nil},
		{"up", pkg{path: "flowlab/flow", imports: []string{"flowlab/tcpwin"}},
			[]string{"flowlab/flow (floor 0) imports flowlab/tcpwin (floor 1)" + below}},
		{"across", pkg{path: "flowlab/tui", imports: []string{"flowlab/report"}},
			[]string{"flowlab/tui (floor 5) imports flowlab/report (floor 5)" + below}},
		{"across, by name", pkg{path: "flowlab/capture", imports: []string{"flowlab/tcpwin"}}, nil},
		{"and not back", pkg{path: "flowlab/tcpwin", imports: []string{"flowlab/capture"}},
			[]string{"flowlab/tcpwin (floor 1) imports flowlab/capture (floor 1)" + below}},
		{"within a room", pkg{path: "flowlab/lab/netstack", imports: []string{"flowlab/lab"}}, nil},
		{"a room inside another", pkg{path: "flowlab/tcpwin", imports: []string{"flowlab/tcpwin/endpoint"}},
			[]string{"flowlab/tcpwin (floor 1) imports flowlab/tcpwin/endpoint (floor 2)" + below}},
		{"no floor", pkg{path: "flowlab/utils"},
			[]string{"flowlab/utils stands on no floor: give it one in internal/floors/floors_test.go"}},
		{"a name that only begins alike", pkg{path: "flowlab/flowers"},
			[]string{"flowlab/flowers stands on no floor: give it one in internal/floors/floors_test.go"}},
		{"for tests only", pkg{path: "flowlab/lab", imports: []string{"flowlab/internal/need"}},
			[]string{"flowlab/lab imports flowlab/internal/need outside a test: it is there for tests only"}},
		{"tests stand alone", pkg{path: "flowlab/internal/need", imports: []string{"os", "flowlab/lab"}},
			[]string{"flowlab/internal/need imports flowlab/lab: what is there for tests stands alone"}},
		{"but for one another", pkg{path: "flowlab/peers/nstest", imports: []string{"os", "flowlab/internal/need"}}, nil},
		{"impure", pkg{path: "flowlab/h2flow", imports: []string{"net/netip", "net/http", "math/rand/v2"}, clock: []string{"a.go: time.Now"}},
			[]string{
				"flowlab/h2flow (pure) imports net/http: a pure package knows no network, no system and no chance",
				"flowlab/h2flow (pure) imports math/rand/v2: a pure package knows no network, no system and no chance",
				"flowlab/h2flow (pure) asks for the time, a.go: time.Now: a pure package is told it",
			}},
		{"heavy, elsewhere", pkg{path: "flowlab/lab", imports: []string{"gvisor.dev/gvisor/pkg/tcpip", "github.com/gdamore/tcell/v2"}},
			[]string{
				"flowlab/lab imports gvisor.dev/gvisor/pkg/tcpip: only flowlab/lab/netstack imports gvisor.dev",
				"flowlab/lab imports github.com/gdamore/tcell/v2: only flowlab/tui imports github.com/gdamore/tcell",
			}},
		{"heavy, in its place", pkg{path: "flowlab/capture/live", imports: []string{"github.com/google/gopacket/pcapgo"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := house.check(c.pkg); !slices.Equal(got, c.want) {
				t.Errorf("says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestClockIsFound(t *testing.T) {
	for _, c := range []struct {
		name, source string
		want         []string
	}{
		{"only durations", `package p; import "time"; var d = time.Second`, nil},
		{"now", `package p; import "time"; var t = time.Now()`, []string{"p.go: time.Now"}},
		{"as a value", `package p; import "time"; var f = time.Since`, []string{"p.go: time.Since"}},
		{"by another name", `package p; import clock "time"; var t = clock.NewTimer(0)`, []string{"p.go: time.NewTimer"}},
		{"without a name", `package p; import . "time"; var t = Now()`, []string{`p.go: import . "time"`}},
		{"of another package", `package p; import "time"; var t = lab.Now(time.Second)`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, err := parser.ParseFile(token.NewFileSet(), "p.go", c.source, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			var p pkg
			p.add("p.go", file)
			if !slices.Equal(p.clock, c.want) {
				t.Errorf("found %q, want %q", p.clock, c.want)
			}
		})
	}
}
