package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flowlab/capture"
	"flowlab/capture/live"
	"flowlab/capture/privilege"
	"flowlab/diagnose/watch"
)

// output is where the packets of an interface go: one file, a ring of files, or
// a file for each stall.
type output struct {
	path    string // from the root: it must not depend on where the process is
	asked   string // as it was asked for
	file    capture.FileOptions
	ring    capture.RingOptions
	rotate  bool
	trigger *watch.Trigger
	before  time.Duration
	after   time.Duration
	memory  int
	files   *capture.Ring // nil if there is one file
}

// output reads the flags that say where the packets go.
func (c *capturing) output() (*output, error) {
	if c.write == "" {
		return nil, mistake("name the file with -w FILE", "nowhere to write the packets")
	}
	path, err := filepath.Abs(c.write)
	if err != nil {
		return nil, err
	}
	o := &output{
		path: path, asked: c.write, file: capture.FileOptions{Overwrite: c.force},
		rotate: c.size != "" || c.every != 0 || c.trigger != "",
		ring:   capture.RingOptions{Span: c.every, Keep: c.keep}, before: c.before, after: c.after,
	}
	switch {
	case c.minStall <= 0:
		return nil, mistake("write a time, such as 50ms", "--min-stall %v: a stall takes time", c.minStall)
	case c.given("rotate-every") && c.every <= 0:
		return nil, mistake("write a time, such as 1m", "--rotate-every %v: no time", c.every)
	case c.keep < 0:
		return nil, mistake("write how many to keep, or 0 for all", "--keep %d: no number of files", c.keep)
	case c.keep > 0 && !o.rotate:
		return nil, mistake("add --rotate-size, --rotate-every or --trigger", "--keep %d: there is only one file", c.keep)
	case c.trigger != "" && (c.size != "" || c.every != 0):
		return nil, mistake("leave out one of them", "--trigger writes a file for each stall, and --rotate-size or --rotate-every a ring")
	case c.before < 0 || c.after < 0:
		return nil, mistake("write times, such as 10s", "--before %v and --after %v: times are not negative", c.before, c.after)
	}
	if c.size != "" {
		size, err := parseSize("--rotate-size", c.size, 1<<10, 1<<40)
		if err != nil {
			return nil, err
		}
		o.ring.Size = int64(size)
	}
	if c.trigger == "" {
		return o, nil
	}
	if o.memory, err = parseSize("--memory", c.memory, 2<<20, 64<<30); err != nil {
		return nil, err
	}
	o.trigger, err = parseTrigger(c.trigger)
	return o, err
}

// parseTrigger reads CAUSE:TIME.
func parseTrigger(text string) (*watch.Trigger, error) {
	name, length, ok := strings.Cut(text, ":")
	cause, err := parseStallCause("--trigger", name)
	if err != nil {
		return nil, err
	}
	least, err := time.ParseDuration(length)
	if !ok || err != nil || least <= 0 {
		return nil, mistake("write a cause and a time, such as receive-window:2s", "--trigger %s: no time of a stall", text)
	}
	return &watch.Trigger{Cause: cause, Least: least}, nil
}

// open begins to write, and gives up all privileges but to do so. One file is
// opened before: it may be in a folder that only the privileged may write to.
func (o *output) open(run *watch.Watch) error {
	folder := filepath.Dir(o.path)
	if !o.rotate {
		file, err := capture.Create(o.path, nil, o.file)
		if err != nil {
			return o.refused(err)
		}
		run.Record = file
		return confine(privilege.Grant{Write: []string{folder}})
	}
	ring, err := capture.NewRing(o.path, nil, o.ring, o.file)
	if err != nil {
		return o.refused(err)
	}
	if err := confine(privilege.Grant{Write: []string{folder}}); err != nil {
		return err
	}
	probe, err := os.CreateTemp(folder, ".flowlab-*")
	if err != nil {
		return mistake("choose a folder that you may write to yourself: all privileges are given up", "%v", err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return err
	}
	o.files, run.Record = ring, ring
	if o.trigger != nil {
		window := watch.NewWindow(ring, o.before, o.after, int64(o.memory))
		o.trigger.Window = window
		o.trigger.Fired = func(path string) {
			fmt.Fprintf(os.Stderr, "a stall: writing %s\n", filepath.Join(filepath.Dir(o.asked), filepath.Base(path)))
		}
		run.Record, run.Trigger = window, o.trigger
	}
	return nil
}

// refused adds a hint to why a file cannot be begun.
func (o *output) refused(err error) error {
	switch {
	case errors.Is(err, fs.ErrExist):
		return mistake("choose another name, or add --force to replace it", "%s exists already", o.asked)
	case errors.Is(err, fs.ErrNotExist):
		return mistake("make the folder first, or choose another", "%v", err)
	}
	return mistake("choose a file that you may write, on a disk with room", "%v", err)
}

// say tells what was written.
func (o *output) say(w io.Writer, packets int64) {
	switch {
	case o.files == nil:
		fmt.Fprintf(w, "wrote %s: %d packets\n", o.asked, packets)
	case len(o.files.Files()) == 0 && o.trigger != nil:
		fmt.Fprintf(w, "wrote nothing: no stall of %v lasted %v\n", o.trigger.Cause, o.trigger.Least)
	case len(o.files.Files()) == 0:
		fmt.Fprintln(w, "wrote nothing: no packet came")
	default:
		if n := o.files.Begun(); n > len(o.files.Files()) {
			fmt.Fprintf(w, "wrote %d files, of which these are left:\n", n)
		} else {
			fmt.Fprintln(w, "wrote")
		}
		for _, path := range o.files.Files() {
			fmt.Fprintf(w, "  %s\n", filepath.Join(filepath.Dir(o.asked), filepath.Base(path)))
		}
	}
}

// ended says what was saved of a capture that ended early.
func (o *output) ended(err error, packets int64) error {
	var cut *capture.SaveError
	switch {
	case errors.As(err, &cut):
		return mistake("make room, or write elsewhere; what was saved can be read", "%v", cut)
	case errors.Is(err, live.ErrGone):
		return fmt.Errorf("%w: saved %d packets in %s", err, packets, o.asked)
	}
	return err
}
