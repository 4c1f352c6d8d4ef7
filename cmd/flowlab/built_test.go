package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// built returns the program, built once with these tags for all tests that drive it.
func built(t *testing.T, tags ...string) string {
	t.Helper()
	program, err := builds[strings.Join(tags, ",")]()
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

func build(tags string) (string, error) {
	builtIn.Lock()
	defer builtIn.Unlock()
	if builtIn.dir == "" {
		dir, err := os.MkdirTemp("", "flowlab-built")
		if err != nil {
			return "", err
		}
		builtIn.dir = dir
	}
	program := filepath.Join(builtIn.dir, "flowlab"+tags)
	if out, err := exec.Command("go", "build", "-tags", tags, "-o", program, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}
