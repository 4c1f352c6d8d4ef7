package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowlab/capture"
	"flowlab/capture/filter"
	"flowlab/capture/live"
	"flowlab/capture/privilege"
	"flowlab/diagnose/watch"
	"flowlab/scenarios"
)

// usualSnap is what is kept of a packet where nothing is said: the longest
// headers that occur, those of tunnels included.
const usualSnap = 256

// listening is what the flags of capture and watch say of the packets to take.
type listening struct {
	iface       string
	namespace   string
	pid         int
	snap        int
	buffer      string
	keylog      string
	promiscuous bool
	duration    time.Duration
	count       int64
	given       func(flag string) bool
}

// payload tells whether payload is looked at where it may be HTTP/2, beyond what is
// usually taken.
func (l *listening) payload() bool { return !l.given("snap") }

// flags defines them.
func (l *listening) flags(verb *cobra.Command) {
	flags := verb.Flags()
	flags.StringVarP(&l.iface, "interface", "i", "", "the `NAME` of the interface, or any")
	flags.StringVar(&l.namespace, "netns", "", "the `NAME` or the path of the network namespace that the interface is in")
	flags.IntVar(&l.pid, "pid", 0, "the network namespace of a process, such as a container's, by its `NUMBER`")
	flags.IntVar(&l.snap, "snap", usualSnap, "the most `BYTES` to take of each packet, 0 for all; unless given, payload is looked at too where it may be HTTP/2")
	l.given = flags.Changed
	flags.StringVar(&l.buffer, "buffer", "", "`SIZE` of the kernel's buffer, such as 32MiB")
	flags.StringVar(&l.keylog, "keylog", "", "read TLS with the keys that programs write to this `FILE`, while they do")
	flags.BoolVar(&l.promiscuous, "promiscuous", false, "also take what is not for this host")
	flags.DurationVar(&l.duration, "duration", 0, "end after this `TIME`")
	flags.Int64Var(&l.count, "count", 0, "end after so many `PACKETS`")
}

// options reads the flags.
func (l *listening) options(expression []string) (live.Options, error) {
	o := live.Options{
		Interface: l.iface, SnapLen: l.snap, Promiscuous: l.promiscuous, Filter: strings.Join(expression, " "),
	}
	switch {
	case l.iface == "":
		return o, mistake("name one with -i NAME, or all with -i any; they are: "+interfaceNames(), "no interface to capture on")
	case l.namespace != "" && l.pid != 0:
		return o, mistake("leave out one of them", "--netns and --pid both name a namespace")
	case l.snap < 0 || l.snap > 262144:
		return o, mistake("write 0 for all, or 64 to 262144", "--snap %d: no length of packets", l.snap)
	case l.snap > 0 && l.snap < 64:
		return o, mistake("write at least 64, or 0 for all", "--snap %d: no TCP header fits", l.snap)
	}
	if err := l.ends(); err != nil {
		return o, err
	}
	if _, err := filter.Compile(o.Filter, capture.Ethernet); err != nil {
		return o, wrongFilter(o.Filter, err)
	}
	if l.payload() {
		o.SnapLen, o.Headers = 0, usualSnap
	}
	var err error
	if l.buffer != "" {
		if o.Buffer, err = parseSize("--buffer", l.buffer, 64<<10, 1<<30); err != nil {
			return o, err
		}
	}
	o.Namespace = namespace(l.namespace, l.pid)
	return o, nil
}

// ends refuses an end that would come at once: that has no end is what leaving the flag
// out says.
func (l *listening) ends() error {
	switch {
	case l.given("duration") && l.duration <= 0:
		return mistake(endless, "--duration %v: it is over already", l.duration)
	case l.given("count") && l.count <= 0:
		return mistake("write a number, such as 1000, or leave it out for no end", "--count %d: no number of packets", l.count)
	}
	return nil
}

// endless is the hint where a time is given in which nothing can happen.
const endless = "write a time, such as 10s, or leave it out for no end"

// namespace is the path of a network namespace, which has a name of ip-netns(8)
// or a process.
func namespace(name string, pid int) string {
	switch {
	case pid != 0:
		return filepath.Join("/proc", strconv.Itoa(pid), "ns/net")
	case name != "" && !strings.ContainsRune(name, filepath.Separator):
		return filepath.Join("/run/netns", name)
	}
	return name
}

// parseSize reads a number of bytes.
func parseSize(flag, text string, least, most scenarios.Bytes) (int, error) {
	size, err := scenarios.ParseBytes(text)
	if err != nil {
		return 0, mistake("write a number with B, kB, KiB, MB, MiB, GB or GiB, such as 32MiB", "%s %v", flag, err)
	}
	if size < least || size > most {
		return 0, mistake(fmt.Sprintf("the range is %v to %v", least, most), "%s %s is out of range", flag, text)
	}
	return int(size), nil
}

// open opens the interface, for packets to be followed.
func (l *listening) open(o live.Options, run *watch.Watch) (*live.Source, error) {
	source, err := live.Open(o)
	if err != nil {
		return nil, l.refused(err)
	}
	run.Source = source
	if l.payload() {
		run.Payload = &watch.Payload{Headers: o.Headers, Spare: source.Spare}
	}
	return source, nil
}

// confine gives up what is no longer needed once everything is open, before the
// first packet is looked at, but for what is granted.
func confine(granted privilege.Grant) error {
	if err := privilege.Drop(granted); err != nil {
		return fmt.Errorf("give up privileges: %w", err)
	}
	return nil
}

// refused adds a hint to why an interface cannot be opened.
func (l *listening) refused(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return mistake(privilege.Hint(), "%v", err)
	case errors.Is(err, live.ErrNoInterface):
		return mistake("the interfaces are: "+interfaceNames(), "%v", err)
	case errors.Is(err, fs.ErrNotExist) && l.pid != 0:
		return mistake("see ps(1) for the processes that there are", "%v", err)
	case errors.Is(err, fs.ErrNotExist) && l.namespace != "":
		return mistake("ip netns lists the namespaces that have names", "%v", err)
	}
	return err
}

// interfaceNames lists what there is to capture on.
func interfaceNames() string {
	interfaces, err := live.Interfaces()
	if err != nil {
		return "unknown: " + err.Error()
	}
	var names []string
	for _, i := range interfaces {
		names = append(names, i.Name)
	}
	return strings.Join(append(names, live.Any), ", ")
}

func wrongFilter(expression string, err error) error {
	return mistake("docs/filters.md has what an expression is made of, such as 'tcp port 443 and host 192.0.2.7'", "filter %q: %v", expression, err)
}
