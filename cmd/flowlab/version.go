package main

import (
	"runtime"
	"runtime/debug"
)

// version is what the Go command recorded when it built this program: the
// module's version, and the commit where it was built from a checkout.
func version() string {
	v := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		v = info.Main.Version
	}
	return v + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}
