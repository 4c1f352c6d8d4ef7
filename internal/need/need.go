// Package need lets a test say what it cannot run without: a program of
// another project, or the right to change the machine's network.
//
// On a developer's machine a test whose need is not met is skipped, and says
// what to install. Where the environment variable FLOWLAB_PEERS is "required",
// as in continuous integration, it fails instead: a check against another
// implementation that never runs is no check.
package need

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// debianPackage names the Debian package of each program whose own name is
// another.
var debianPackage = map[string]string{
	"capinfos": "wireshark-common",
	"dumpcap":  "wireshark-common",
	"editcap":  "wireshark-common",
	"h2load":   "nghttp2-client",
	"ip":       "iproute2",
	"java":     "default-jdk-headless",
	"javac":    "default-jdk-headless",
	"nghttp":   "nghttp2-client",
	"nghttpd":  "nghttp2-server",
	"node":     "nodejs",
	"setcap":   "libcap2-bin",
	"ss":       "iproute2",
	"tc":       "iproute2",
	"timeout":  "coreutils",
}

// Program skips or fails the test unless a program of that name is in PATH,
// and returns where it is.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		pkg := debianPackage[name]
		if pkg == "" {
			pkg = name
		}
		missing(t, name+" is not installed: apt-get install "+pkg)
	}
	return path
}

// Root skips or fails the test unless it runs as root.
func Root(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "this test changes the machine's network: run it as root")
	}
}

// Captures skips or fails the test unless the folder ../shared/pcaps stands
// beside the module's, and returns the captures in it. Other projects made them,
// and their licences differ, so they are not part of this one.
func Captures(t testing.TB) []string {
	t.Helper()
	root, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(root) == root {
			t.Fatal("no go.mod above the test's folder")
		}
		root = filepath.Dir(root)
	}
	var captures []string
	found, _ := filepath.Glob(filepath.Join(root, "..", "shared", "pcaps", "*"))
	for _, path := range found {
		if ext := filepath.Ext(path); ext != ".md" && ext != ".tsv" {
			captures = append(captures, path)
		}
	}
	if len(captures) == 0 {
		missing(t, "no captures of other projects in ../shared/pcaps, beside this module's folder")
	}
	return captures
}

// Required tells whether a need that is not met is a failure.
func Required() bool { return os.Getenv("FLOWLAB_PEERS") == "required" }

func missing(t testing.TB, what string) {
	t.Helper()
	if Required() {
		t.Fatal(what)
	}
	t.Skip(what)
}
