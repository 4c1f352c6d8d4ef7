// Package doctor finds out what this machine allows: it tries each thing that flowlab
// needs, undoes it at once, and says for whatever is missing what mends it. Nothing is
// sent anywhere.
package doctor

import (
	"fmt"
	"os/exec"
)

// Status is what became of a check.
type Status string

const (
	OK      Status = "ok"
	Absent  Status = "absent"  // something that can be done without
	Missing Status = "missing" // something that a verb needs
)

// Check is one thing that was tried.
type Check struct {
	Group  string // what it is for
	Name   string
	Status Status
	Says   string // what was found
	Mend   string // the command that mends it, or what to do; empty if it is ok
}

// probe tries one thing: it returns what was found, or what went wrong.
type probe struct {
	group, name string
	need        bool // a verb needs it
	mend        func(error) string
	try         func() (string, error)
}

// Run makes all checks, in the order of their groups.
func Run() []Check {
	var all []Check
	for _, p := range append(probes(), programs()...) {
		c := Check{Group: p.group, Name: p.name, Status: OK}
		says, err := p.try()
		c.Says = says
		if err != nil {
			c.Status, c.Says, c.Mend = Absent, err.Error(), p.mend(err)
			if p.need {
				c.Status = Missing
			}
		}
		all = append(all, c)
	}
	return all
}

// program is one of another project that something here can use.
type program struct{ name, use, pkg string }

// programs are probes for the programs that documentation and tests use.
func programs() []probe {
	var list []probe
	for _, p := range []program{
		{"tcpdump", "captures on a host that has no flowlab", "tcpdump"},
		{"tshark", "looks into captures; the tests compare with it", "tshark"},
		{"ip", "network namespaces, interfaces", "iproute2"},
		{"tc", "limits the path between two machines", "iproute2"},
		{"vagrant", "the three machines of a class", "vagrant"},
	} {
		list = append(list, probe{
			group: "programs", name: p.name,
			mend: func(error) string { return "sudo apt-get install " + p.pkg },
			try: func() (string, error) {
				path, err := exec.LookPath(p.name)
				if err != nil {
					return "", fmt.Errorf("not installed: %s", p.use)
				}
				return path + ": " + p.use, nil
			},
		})
	}
	return list
}
