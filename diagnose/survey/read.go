package survey

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"slices"

	"flowlab/capture"
	"flowlab/flow"
	"flowlab/tcpwin"
	"flowlab/tlsrec"
)

// opened is a file with its first packet, which tells its place among the
// others.
type opened struct {
	name   string
	reader *capture.Reader
	first  capture.Packet
	err    error // of reading the first packet
	learnt int   // secrets of the file that were taken in
}

// reading reads the packets of all files, in their order.
type reading struct {
	survey  *Survey
	source  Source
	decoder capture.Decoder
	groups  []group
	// enter is called with each packet, whose interface is its number in the
	// source, and how it begins.
	enter       func(link capture.LinkType, p *capture.Packet)
	done, total int64 // bytes of the files before this one, and of all
	// memory, if set, is where packets are read to; see [capture.Reader.ReadInto].
	memory func(buffer []byte, size int) []byte
	// pause is called after each round of packets.
	pause func()
	since int // packets in the round so far
	kept  int // bytes of payload in the round so far that enter has kept
	span  int // bytes of packets since the first of these
}

func (d *reading) run(ctx context.Context) (err error) {
	files, err := openAll(d.survey.Files)
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.reader.Close())
		}
	}()
	if err != nil {
		return err
	}
	var failed error
	d.total = size(files)
	for i := range files {
		f := &files[i]
		d.source.Files = append(d.source.Files, File{Name: f.name, FirstFrame: int(d.source.Packets) + 1})
		err := d.file(ctx, f, d.place(f))
		d.source.Dropped += f.reader.Dropped()
		read, _ := f.reader.Progress()
		d.done += read
		file := &d.source.Files[i]
		file.Packets = int(d.source.Packets) + 1 - file.FirstFrame
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			d.source.Truncated = true
		case err != nil && ctx.Err() != nil:
			return err
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// openAll opens files, and sorts them by the times of their first packets.
func openAll(names []string) ([]opened, error) {
	var files []opened
	for _, name := range names {
		f := opened{name: name}
		var err error
		if name == "-" {
			f.reader, err = capture.NewReader(os.Stdin)
		} else {
			f.reader, err = capture.Open(name)
		}
		if err != nil {
			return files, err
		}
		if len(names) > 1 {
			f.first, f.err = f.reader.Next()
			f.first.Data = slices.Clone(f.first.Data)
		}
		files = append(files, f)
	}
	slices.SortStableFunc(files, func(a, b opened) int { return cmp.Compare(a.start(), b.start()) })
	return files, nil
}

// size is how many bytes files have, 0 if that is not known of all.
func size(files []opened) (total int64) {
	for _, f := range files {
		_, n := f.reader.Progress()
		if n == 0 {
			return 0
		}
		total += n
	}
	return total
}

// start is the time of a file's first packet. A file without one comes last.
func (f *opened) start() flow.Time {
	if f.first.Data == nil {
		return math.MaxInt64
	}
	return f.first.Time
}

// next returns the first packet, which may have been read before.
func (f *opened) next() (capture.Packet, error) {
	if f.first.Data != nil || f.err != nil {
		return f.first, f.err
	}
	return f.reader.Next()
}

// group is files that are one capture.
type group struct {
	interfaces []capture.Interface // of its first file, as far as they are known
	numbers    []int               // of these, in the source
	last       flow.Time
	file       int
}

// place finds the capture that a file goes on with, or begins one.
func (d *reading) place(f *opened) *group {
	known := f.reader.Interfaces()
	for i := range d.groups {
		g := &d.groups[i]
		if f.first.Data != nil && g.last <= f.first.Time && sameInterfaces(g.interfaces, known) {
			return g
		}
	}
	d.groups = append(d.groups, group{file: len(d.source.Files) - 1})
	return &d.groups[len(d.groups)-1]
}

func sameInterfaces(a, b []capture.Interface) bool {
	n := min(len(a), len(b))
	return n > 0 && slices.EqualFunc(a[:n], b[:n], func(x, y capture.Interface) bool {
		return x.Name == y.Name && x.LinkType == y.LinkType
	})
}

// number is that of a file's interface in the whole source.
func (d *reading) number(g *group, f *opened, iface int) int {
	for known := f.reader.Interfaces(); len(g.numbers) <= iface; {
		i := known[len(g.numbers)]
		g.interfaces = append(g.interfaces, i)
		g.numbers = append(g.numbers, len(d.source.Interfaces))
		d.source.Interfaces = append(d.source.Interfaces, Interface{Interface: i, File: g.file})
	}
	return g.numbers[iface]
}

// file reads one file.
func (d *reading) file(ctx context.Context, f *opened, g *group) error {
	if d.memory != nil {
		f.reader.ReadInto(d.memory)
	}
	p, err := f.next()
	for ; ; p, err = f.reader.Next() {
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		d.learn(f)
		p.Interface = d.number(g, f, p.Interface)
		g.last = max(g.last, p.Time)
		d.packet(&p)
		if d.kept > 0 {
			d.span += len(p.Data)
		}
		if d.since++; d.since == round || d.kept > roundPayload || d.span > roundBytes {
			d.since, d.kept, d.span = 0, 0, 0
			d.pause()
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if d.survey.Progress != nil {
				read, _ := f.reader.Progress()
				d.survey.Progress(d.done+read, d.total)
			}
		}
	}
}

// learn takes in keys that the file carries before the packet just read.
func (d *reading) learn(f *opened) {
	secrets, _ := f.reader.Secrets()
	for _, s := range secrets[f.learnt:] {
		if s.Type == capture.SecretsTLS {
			for _, keys := range []*tlsrec.Keys{d.survey.Keys, d.survey.Carried} {
				if keys != nil {
					_, _ = keys.Write(append(s.Data, '\n')) // which never fails
				}
			}
		}
		f.learnt++
	}
}

// packet counts a packet and, if it is asked for, enters it.
func (d *reading) packet(p *capture.Packet) {
	src := &d.source
	src.Packets++
	src.Bytes += int64(p.Length)
	if src.Packets == 1 {
		src.First = p.Time
	}
	src.Last = max(src.Last, p.Time)
	link := src.Interfaces[p.Interface].LinkType
	if d.survey.Match != nil && !d.survey.Match(link, p) {
		src.Skipped.Unmatched++
		return
	}
	d.enter(link, p)
}

// decode finds the segment of a packet; it is false if there is none, or none
// that is asked for.
func (d *reading) decode(link capture.LinkType, p *capture.Packet, s *tcpwin.Segment, t *flow.Tuple) bool {
	var err error
	if *t, err = d.decoder.Decode(link, p.Data, p.Length, s); err != nil {
		d.source.Skipped.Count(err)
		return false
	}
	if d.survey.Keep != nil && !d.survey.Keep(t) {
		d.source.Skipped.Unmatched++
		return false
	}
	s.Time = p.Time
	return true
}
