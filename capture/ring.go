package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flowlab/flow"
)

// RingOptions say when a [Ring] goes on to the next file. A zero is no limit.
type RingOptions struct {
	Size int64         // bytes, after which a file is full
	Span time.Duration // of the packets in a file
	Keep int           // files that are kept; the oldest are removed
}

// Ring is a capture that is written into files, one after the other, each of
// which can be read alone. To out.pcapng belong out_00001_20261124104500.pcapng
// and so on: the number of the file and the time of its first packet, in UTC.
//
// A file is begun by its first packet, so a ring without packets has none, unless
// Begin begins it.
type Ring struct {
	path    string // as asked for
	options RingOptions
	file    FileOptions
	ifaces  []Interface

	current *File
	since   flow.Time // the first packet of the current file
	begun   int       // files, ever
	kept    []string
	secrets []Secrets // that each file begins with
	bytes   int       // of these
	last    flow.Time // of the packets
	counts  []counts
	failed  error
}

// counts are the statistics of an interface, and what of them belongs to the
// files that are closed.
type counts struct{ received, dropped, before, beforeDropped int64 }

// NewRing returns a ring of files whose names are made from path. Nothing is
// written yet; the folder must be there.
func NewRing(path string, ifaces []Interface, o RingOptions, f FileOptions) (*Ring, error) {
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: folder, Err: errors.New("not a directory")}
	}
	return &Ring{path: path, options: o, file: f, ifaces: append([]Interface(nil), ifaces...), counts: make([]counts, len(ifaces))}, nil
}

// AddInterface adds an interface whose packets may follow.
func (r *Ring) AddInterface(i Interface) error {
	r.ifaces = append(r.ifaces, i)
	r.counts = append(r.counts, counts{})
	if r.current == nil {
		return r.failed
	}
	return r.current.AddInterface(i)
}

// mostSecrets is how many bytes of keys a file begins with at most.
const mostSecrets = 512 << 10

// Secrets writes keys, as [Writer.Secrets] does, to the current file and to those that
// follow: each can be read alone. Of more than half a MiB the first are forgotten.
func (r *Ring) Secrets(s Secrets) error {
	r.secrets = append(r.secrets, s)
	for r.bytes += len(s.Data); r.bytes > mostSecrets; r.secrets = r.secrets[1:] {
		r.bytes -= len(r.secrets[0].Data)
	}
	if r.current == nil {
		return r.failed
	}
	return r.current.Secrets(s)
}

// Write writes a packet and a comment, as [Writer.Write] does, to the file that
// has room for it.
func (r *Ring) Write(p Packet, comment string) error {
	if r.failed != nil {
		return r.failed
	}
	if r.current != nil && r.full(p.Time) {
		if r.failed = r.finish(); r.failed != nil {
			return r.failed
		}
	}
	if r.current == nil {
		if r.failed = r.begin(p.Time); r.failed != nil {
			return r.failed
		}
	}
	r.last = max(r.last, p.Time)
	return r.current.Write(p, comment)
}

// full tells whether the current file takes no packet of a time any more.
func (r *Ring) full(t flow.Time) bool {
	size := r.current.bytes + int64(len(r.current.pending))
	return r.options.Size > 0 && size >= r.options.Size || r.options.Span > 0 && t.Sub(r.since) >= r.options.Span
}

// begin opens the next file, and removes the oldest if there are enough.
func (r *Ring) begin(t flow.Time) error {
	r.begun++
	extension := filepath.Ext(r.path)
	stamp := time.Unix(0, int64(t)).UTC().Format("20060102150405")
	name := fmt.Sprintf("%s_%05d_%s%s", strings.TrimSuffix(r.path, extension), r.begun, stamp, extension)
	for r.options.Keep > 0 && len(r.kept) >= r.options.Keep {
		if err := os.Remove(r.kept[0]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the oldest file: %w", err)
		}
		r.kept = r.kept[1:]
	}
	file, err := Create(name, r.ifaces, r.file)
	if err != nil {
		return err
	}
	r.current, r.since = file, t
	r.kept = append(r.kept, name)
	for _, s := range r.secrets {
		if err := file.Secrets(s); err != nil {
			return err
		}
	}
	return nil
}

// Begin ends the current file, if there is one, and begins the next, whatever
// its options say. Its name has the time t, and it has a comment on the whole.
func (r *Ring) Begin(t flow.Time, comment string) (path string, err error) {
	if err := r.End(); err != nil {
		return "", err
	}
	r.file.Comment = comment
	if r.failed = r.begin(t); r.failed != nil {
		return "", r.failed
	}
	return r.kept[len(r.kept)-1], nil
}

// End ends the current file, if there is one.
func (r *Ring) End() error {
	if r.current != nil && r.failed == nil {
		r.failed = r.finish()
	}
	return r.failed
}

// Statistics takes the counts of an interface, as [Writer.Statistics] does. They
// are written at the end of each file, which has those of its own time.
func (r *Ring) Statistics(iface int, now flow.Time, received, dropped int64) error {
	if iface < 0 || iface >= len(r.counts) {
		return fmt.Errorf("statistics of interface %d: there are %d interfaces", iface, len(r.counts))
	}
	r.counts[iface].received, r.counts[iface].dropped = received, dropped
	r.last = max(r.last, now)
	return r.failed
}

// Flush writes what waits.
func (r *Ring) Flush() error {
	if r.current == nil {
		return r.failed
	}
	return r.current.Flush()
}

// finish closes the current file, with what was counted in its time.
func (r *Ring) finish() (err error) {
	for i := range r.counts {
		c := &r.counts[i]
		if c.received > c.before && err == nil {
			err = r.current.Statistics(i, r.last, c.received-c.before, c.dropped-c.beforeDropped)
		}
		c.before, c.beforeDropped = c.received, c.dropped
	}
	if closing := r.current.Close(); err == nil {
		err = closing
	}
	r.current = nil
	return err
}

// Close writes what waits and closes the last file.
func (r *Ring) Close() error {
	if r.current == nil {
		return r.failed
	}
	return errors.Join(r.failed, r.finish())
}

// Files are the names of the files that are there, the oldest first.
func (r *Ring) Files() []string { return r.kept }

// Begun is how many files there ever were.
func (r *Ring) Begun() int { return r.begun }
