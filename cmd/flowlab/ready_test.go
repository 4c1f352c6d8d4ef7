package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// awaitCaptures is capturing [NETNS] N in scripts: it waits until so many packet sockets capture in the script's
// namespace, or in that one.
func awaitCaptures(ts *testscript.TestScript, _ bool, args []string) {
	namespace := ts.Getenv("netns")
	if len(args) == 2 {
		namespace, args = args[0], args[1:]
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	await(ts, fmt.Sprintf("%d packet sockets in %s", want, namespace), func() bool {
		table, err := exec.Command("ip", "netns", "exec", namespace, "cat", "/proc/net/packet").Output()
		ts.Check(err)
		n := 0
		for _, line := range strings.Split(string(table), "\n")[1:] {
			if f := strings.Fields(line); len(f) > 5 && f[5] == "1" { // it runs
				n++
			}
		}
		return n >= want
	})
}

// awaitListener is listens PORT in scripts: it waits until a socket of IPv4 listens on that port of this machine.
func awaitListener(ts *testscript.TestScript, _ bool, args []string) {
	port, err := strconv.Atoi(args[0])
	ts.Check(err)
	await(ts, "a socket that listens on port "+args[0], func() bool {
		table, err := os.ReadFile("/proc/net/tcp")
		ts.Check(err)
		return strings.Contains(string(table), fmt.Sprintf(":%04X 00000000:0000 0A", port))
	})
}

// await asks until something is so.
func await(t interface{ Fatalf(string, ...any) }, what string, is func() bool) {
	for late := time.Now().Add(20 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("there is no %s after 20 s", what)
		}
	}
}
