package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"flowlab/capture"
	"flowlab/scenarios/play"
)

// recording is the file that a run is written to. Its file is nil if there is
// none.
type recording struct {
	path  string
	file  *capture.File
	whole bool // all was written
}

// record begins a file at path of what is seen at some points, or none if path is empty.
func record(path string, overwrite bool, points []capture.Interface) (*recording, error) {
	if path == "" {
		if overwrite {
			return nil, mistake("name the file with --write FILE", "--force without --write")
		}
		return &recording{}, nil
	}
	file, err := create(path, points, capture.FileOptions{Overwrite: overwrite})
	if err != nil {
		return nil, err
	}
	return &recording{path: path, file: file}, nil
}

// create begins a file, and hints why one cannot be begun.
func create(path string, points []capture.Interface, o capture.FileOptions) (*capture.File, error) {
	file, err := capture.Create(path, points, o)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, mistake("choose another name, or add --force to replace it", "%s exists already", path)
	case err != nil:
		return nil, mistake("choose a file that you may write, on a disk with room", "%v", err)
	}
	return file, nil
}

// close ends the file. It returns what kept the file from being written to its
// end, with a hint; else the error of the run.
func (r *recording) close(err error) error {
	if r.file == nil {
		return err
	}
	closing := r.file.Close()
	r.whole = closing == nil
	var cut *capture.SaveError
	switch {
	case errors.As(closing, &cut):
		return mistake("make room, or write elsewhere; what was saved can be read", "%v", cut)
	case err == nil:
		return closing
	}
	return err
}

// say tells what was written.
func (r *recording) say(w io.Writer, result *play.Result) {
	if r.whole {
		fmt.Fprintf(w, "wrote %s: %d packets on %d interfaces\n", r.path, result.Source.Packets, len(result.Interfaces))
	}
}
