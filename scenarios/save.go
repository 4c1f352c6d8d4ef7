package scenarios

import (
	"errors"
	"os"
	"path/filepath"
)

// Save writes a scenario to a file, whole or not at all: to a temporary file beside it
// that then takes its name. Unless force is true it leaves a file that is there alone;
// the error then is [os.ErrExist].
func Save(path string, s *Scenario, force bool) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".flowlab-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // nothing is there once it was renamed
	_, err = temporary.Write(Format(s))
	if closed := temporary.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := os.Chmod(temporary.Name(), 0o644); err != nil { // CreateTemp's is for nobody else
		return err
	}
	if force {
		return os.Rename(temporary.Name(), path)
	}
	return takeName(temporary.Name(), path)
}

// takeName gives a file another name, if no file has it. A link cannot replace a file,
// as a rename would; where the file system has no links, one that appears between the
// look and the rename is lost.
func takeName(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, os.ErrExist) {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return &os.PathError{Op: "save", Path: to, Err: os.ErrExist}
	}
	return os.Rename(from, to)
}
