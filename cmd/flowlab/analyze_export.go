package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"flowlab/capture"
	"flowlab/diagnose/export"
)

// exporting is what the flags say that write connections to a file of their own.
type exporting struct {
	connections []int
	path        string
	force       bool
}

// check reads these flags, beside the others.
func (e *exporting) check(a *analyzing) error {
	const apart = "leave out one of them"
	switch {
	case e.path == "" && len(e.connections) > 0:
		return mistake("name the file with --write FILE, or choose with --host and --port", "--connection without --write")
	case e.path == "" && e.force:
		return mistake("name the file with --write FILE", "--force without --write")
	case e.path == "":
		return nil
	case len(e.connections) == 0:
		return mistake("the report has the numbers: add --connection 1", "--write without --connection")
	case a.frames || a.asJSON:
		return mistake(apart, "--write takes the place of the report, and so do --frames and --json")
	case a.failOn != "":
		return mistake(apart, "--fail-on looks for stalls, and --write writes packets")
	case a.between != "":
		return mistake(apart, "--write writes whole connections, and --between is a part of the time")
	}
	for i, n := range e.connections {
		if n < 1 {
			return mistake("the report has the numbers, from 1", "--connection %d: no number of a connection", n)
		}
		if slices.Contains(e.connections[:i], n) {
			return mistake("name it once", "--connection %d is named twice", n)
		}
	}
	return nil
}

// sources checks that files can be read twice, and are not those that are written.
func (e *exporting) sources(files []string) error {
	to, err := os.Stat(e.path)
	there := err == nil
	for _, name := range files {
		if name == "-" {
			return mistake("save it to a file first", "--write reads the capture twice, and standard input can be read once")
		}
		info, err := os.Stat(name)
		if err != nil {
			continue // which is said when it is opened
		}
		if info.Mode()&os.ModeNamedPipe != 0 {
			return mistake("save it to a file first", "--write reads the capture twice, and %s is a pipe", name)
		}
		if there && os.SameFile(to, info) {
			return mistake("choose another name", "--write %s: it is one of the captures that are read", e.path)
		}
	}
	if there && !e.force {
		return mistake("choose another name, or add --force to replace it", "%s exists already", e.path)
	}
	return nil
}

// export writes connections to a file of their own.
func (a *analysis) export() error {
	if err := a.analyzing.export.sources(a.Files); err != nil {
		return err
	}
	to := &a.analyzing.export
	files := export.Files{Survey: *a.Survey, Connections: to.connections}
	src, reading := files.Analyse(a.stopping)
	a.bar.erase()
	var missing *export.NotFoundError
	if errors.As(reading, &missing) && len(each(reading)) == 1 {
		return mistake("the report has their numbers", "--connection %d: there are %d connections", missing.Number, missing.Connections)
	}
	reading = a.unread(&src, reading)
	if missing != nil || a.stopping.Err() != nil || len(src.Files) == 0 {
		return reading
	}
	file, err := create(to.path, nil, capture.FileOptions{Overwrite: to.force, Comment: files.Comment()})
	if err != nil {
		return err
	}
	written, err := files.Write(a.stopping, file)
	a.bar.erase()
	err = saved(err, file.Close())
	if err != nil {
		return a.unfinished(err)
	}
	fmt.Fprintf(a.out, "wrote %s: %d packets, %d of them with comments\n", to.path, written.Packets, written.Comments)
	return errors.Join(a.out.Flush(), reading)
}

// unfinished removes a file that was not written to its end, unless the disk is full:
// then what was saved can be read, and is all that there is room for.
func (a *analysis) unfinished(err error) error {
	var cut *capture.SaveError
	if errors.As(err, &cut) {
		return mistake("make room, or write elsewhere; what was saved can be read", "%v", cut)
	}
	if a.signals.Err() != nil {
		err = fmt.Errorf("interrupted: %s was not written", a.analyzing.export.path)
	}
	return errors.Join(err, os.Remove(a.analyzing.export.path))
}

// saved is the error of writing, else that of closing.
func saved(writing, closing error) error {
	if writing != nil {
		return writing
	}
	return closing
}
