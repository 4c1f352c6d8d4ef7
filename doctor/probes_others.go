//go:build !linux

package doctor

import (
	"errors"
	"fmt"
	"runtime"

	"flowlab/capture/live"
	"flowlab/capture/privilege"
)

func probes() []probe {
	const capturing = "live capture (watch, capture)"
	elsewhere := func() (string, error) { return "", fmt.Errorf("only on Linux, and this is %s", runtime.GOOS) }
	linux := func(error) string { return "use a Linux machine; the lab in user space (flowlab run) needs none" }
	return []probe{
		{capturing, "interfaces", true, func(error) string { return privilege.Hint() }, captures},
		{"sockets of this host (top)", "sock_diag", false, linux, elsewhere},
		{"the lab on the kernel's TCP (run --network kernel)", "namespaces", false, linux, elsewhere},
	}
}

// captures opens the first interface that lets itself be opened.
func captures() (string, error) {
	all, err := live.Interfaces()
	if err != nil {
		return "", err
	}
	err = errors.New("there is no interface that is up")
	for _, i := range all {
		if !i.Up {
			continue
		}
		var s *live.Source
		if s, err = live.Open(live.Options{Interface: i.Name, Filter: "tcp"}); err == nil {
			return i.Name + " can be captured on", s.Close()
		}
	}
	return "", err
}
