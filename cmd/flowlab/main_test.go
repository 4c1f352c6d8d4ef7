package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"flowlab/capture"
	"flowlab/internal/need"
)

// schemas is absolute, as the scripts run in folders of their own.
var schemas, _ = filepath.Abs("../../docs/schema")

// update rewrites what the scripts compare with (cmp), where that is in them.
var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) {
	beside := runner(func() int {
		defer func() { _ = os.RemoveAll(builtIn.dir) }()
		return need.Beside(m)
	})
	testscript.Main(beside, map[string]func(){"flowlab": main, "transfer": transfer, "upload": upload})
}

// runner is a testing.M for testscript.
type runner func() int

func (r runner) Run() int { return r() }

// TestScripts runs testdata/*.txtar against the program. Each of them finds
// stop.yaml, a scenario of one second, in its folder.
func TestScripts(t *testing.T) {
	stop, err := os.ReadFile("testdata/stop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	testdata, err := filepath.Abs("testdata") // has captures of real runs
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TESTDATA", testdata)
			return os.WriteFile(filepath.Join(env.WorkDir, "stop.yaml"), stop, 0o666)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"valid":     valid,
			"lines":     lines,
			"readable":  readable,
			"capture":   makeCapture,
			"cut":       cut,
			"damage":    damage,
			"compress":  compress,
			"netns":     netns,
			"capturing": awaitCaptures,
			"listens":   awaitListener,
			"machines":  machines,
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0 && runtime.GOOS == "linux" || need.Required(), nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
	})
}

// exits CODE PROGRAM ARGS... runs a program that must exit with that code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var exit *exec.ExitError
	err = ts.Exec(args[1], args[2:]...)
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == want, err == nil && want == 0:
	case err == nil:
		ts.Fatalf("exit code 0, want %d", want)
	default:
		ts.Fatalf("%v, want exit code %d", err, want)
	}
}

// valid FILE holds a JSON file to the published schema that it names.
func valid(ts *testscript.TestScript, _ bool, args []string) {
	file, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	document, err := jsonschema.UnmarshalJSON(file)
	ts.Check(err)
	name, _ := document.(map[string]any)["schema"].(string)
	kind, version, _ := strings.Cut(strings.TrimPrefix(name, "flowlab/"), "/")
	ts.Check(schema(ts, kind+"-"+version).Validate(document))
}

// lines FILE NAME [NUMBER] holds each line of a file, which has so many, to the
// published schema of that name.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	schema := schema(ts, args[1])
	n := 0
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		ts.Check(err)
		ts.Check(schema.Validate(document))
		n++
	}
	if len(args) > 2 && n != number(ts, args[2]) {
		ts.Fatalf("%s has %d lines, want %s", args[0], n, args[2])
	}
}

func schema(ts *testscript.TestScript, name string) *jsonschema.Schema {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(schemas, name+".json"))
	ts.Check(err)
	return schema
}

// readable FILE reads a capture to its end, and leaves the number of its
// packets in $packets.
func readable(ts *testscript.TestScript, _ bool, args []string) {
	file, err := capture.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	for n := 0; ; n++ {
		_, err := file.Next()
		if errors.Is(err, io.EOF) {
			ts.Setenv("packets", strconv.Itoa(n))
			return
		}
		ts.Check(err)
	}
}
