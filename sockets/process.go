package sockets

import (
	"regexp"
	"strings"
)

// Process holds a socket.
type Process struct {
	PID       int
	Name      string // by /proc/PID/comm
	CGroup    string // the path of its group, empty if not known
	Container string // the first twelve digits of its container's id, empty if it is in none
}

// containerID is what container engines name groups after.
var containerID = regexp.MustCompile(`[0-9a-f]{64}`)

// place reads /proc/PID/cgroup: the line of cgroup2, or the first (cgroups(7)).
func (p *Process) place(text string) {
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 || p.CGroup != "" && parts[0] != "0" {
			continue
		}
		p.CGroup = parts[2]
	}
	if id := containerID.FindString(p.CGroup); id != "" {
		p.Container = id[:12]
	}
}
