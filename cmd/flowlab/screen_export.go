package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"flowlab/capture"
	"flowlab/diagnose/export"
	"flowlab/diagnose/survey"
)

// newFile makes a file: of that name or, if there is none, of the first that no file has
// of connection-3.pcapng, connection-3-2.pcapng and so on.
func newFile[F any](name string, number int, create func(path string) (F, error)) (file F, path string, err error) {
	path = name
	for n := 1; ; n++ {
		switch {
		case name != "":
		case n == 1:
			path = fmt.Sprintf("connection-%d.pcapng", number)
		default:
			path = fmt.Sprintf("connection-%d-%d.pcapng", number, n)
		}
		file, err = create(path)
		switch {
		case err == nil:
			return file, path, nil
		case errors.Is(err, fs.ErrExist) && name == "":
			continue
		case errors.Is(err, fs.ErrExist):
			return file, path, mistake("choose another name: no file is replaced", "%s exists already", path)
		}
		return file, path, mistake("choose a folder in which you may make files without privileges; a watch writes only below its own", "%v", err)
	}
}

// writtenText says what was written.
func writtenText(path string, w export.Written) string {
	return fmt.Sprintf("wrote %s: %d packets, %d of them with comments", path, w.Packets, w.Comments)
}

// replayExport returns what writes a connection of files to a file of its own, and says
// what it wrote. They are read twice for it.
func replayExport(s survey.Survey) func(ctx context.Context, number int, name string) (string, error) {
	s.Progress = nil
	return func(ctx context.Context, number int, name string) (string, error) {
		files := export.Files{Survey: s, Connections: []int{number}}
		_, reading := files.Analyse(ctx)
		var missing *export.NotFoundError
		if ctx.Err() != nil || errors.As(reading, &missing) {
			return "", reading
		}
		file, path, err := newFile(name, number, func(path string) (*capture.File, error) {
			return capture.Create(path, nil, capture.FileOptions{Comment: files.Comment()})
		})
		if err != nil {
			return "", err
		}
		written, err := files.Write(ctx, file)
		if err = saved(err, file.Close()); err != nil {
			if cut, ok := errors.AsType[*capture.SaveError](err); ok {
				return "", mistake("make room, or write elsewhere; what was saved can be read", "%v", cut)
			}
			return "", errors.Join(err, os.Remove(path))
		}
		said := writtenText(path, written)
		if reading != nil {
			said += "; more could not be read: " + reading.Error()
		}
		return said, nil
	}
}
