package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built returns the program, built once with a tag for all tests that drive it; an empty
// tag is none.
func built(t *testing.T, tag string) string {
	t.Helper()
	program, err := builds[tag]()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

var builds = map[string]func() (string, error){
	"":       sync.OnceValues(func() (string, error) { return build("") }),
	"panics": sync.OnceValues(func() (string, error) { return build("panics") }),
}

// builtIn is the folder of what was built, empty if there is none; [TestMain] removes it.
var builtIn struct {
	sync.Mutex
	dir string
}

func build(tag string) (string, error) {
	builtIn.Lock()
	defer builtIn.Unlock()
	if builtIn.dir == "" {
		dir, err := os.MkdirTemp("", "flowlab-built")
		if err != nil {
			return "", err
		}
		builtIn.dir = dir
	}
	program := filepath.Join(builtIn.dir, "flowlab"+tag)
	if out, err := exec.Command("go", "build", "-tags", tag, "-o", program, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}
