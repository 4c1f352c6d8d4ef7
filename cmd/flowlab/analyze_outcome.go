package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"flowlab/capture"
	"flowlab/diagnose/survey"
)

// unread says what kept a survey from reading all, with hints; nil if nothing
// did. A capture that ends within a packet is only a note on standard error.
func (a *analysis) unread(src *survey.Source, err error) error {
	switch {
	case err == nil:
		return nil
	case a.signals.Err() != nil:
		return fmt.Errorf("interrupted after %d packets: the report is of those", src.Packets)
	case a.stopping.Err() != nil:
		return context.Cause(a.stopping)
	}
	var wrong []error
	for _, err := range each(err) {
		if errors.Is(err, io.ErrUnexpectedEOF) && len(src.Files) > 0 {
			fmt.Fprintf(os.Stderr, "flowlab: note: %v\n", err)
			continue
		}
		wrong = append(wrong, hinted(err))
	}
	return errors.Join(wrong...)
}

// each takes joined errors apart.
func each(err error) []error {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, err := range several.Unwrap() {
		all = append(all, each(err)...)
	}
	return all
}

// hinted adds a hint to why a capture was not read.
func hinted(err error) error {
	var place *capture.ReadError
	var path *fs.PathError
	switch {
	case errors.Is(err, capture.ErrNotCapture):
		return mistake("flowlab reads pcap, pcapng and snoop, also compressed with gzip or zstd", "%v", err)
	case errors.As(err, &place) && place.Packets > 0:
		return mistake(fmt.Sprintf("the file is damaged there; the report is of the %d packets before", place.Packets), "%v", err)
	case errors.As(err, &place):
		return mistake("the file is damaged there, so that nothing could be read", "%v", err)
	case errors.As(err, &path) && errors.Is(err, fs.ErrNotExist):
		return mistake("check the path; a filter goes behind --filter, in quotes", "%s: no such file", path.Path)
	case errors.As(err, &path) && errors.Is(err, fs.ErrPermission):
		return mistake("choose a file that you may read", "%s: %v", path.Path, path.Err)
	}
	return err
}
