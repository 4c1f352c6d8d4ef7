package story

import (
	"bytes"
	"fmt"
)

// Lines is an output of a process that is taken line by line, on the goroutine that copies
// it. A line has no end of line, and is valid until the next one.
type Lines struct {
	take func(line []byte)
	rest []byte // of a line whose end has not come
}

// longestLine is the most of one, in bytes.
const longestLine = 1 << 20

// NewLines returns an output, which gives each line to take.
func NewLines(take func(line []byte)) *Lines { return &Lines{take: take} }

// Write takes the lines that end in data. The error is that one has more than a mebibyte.
func (l *Lines) Write(data []byte) (int, error) {
	n := len(data)
	for {
		line, after, ended := bytes.Cut(data, []byte{'\n'})
		if len(l.rest)+len(line) > longestLine {
			return 0, fmt.Errorf("a line of %d bytes or more: %d are the most", len(l.rest)+len(line), longestLine)
		}
		if !ended {
			l.rest = append(l.rest, line...)
			return n, nil
		}
		if len(l.rest) > 0 {
			line = append(l.rest, line...)
			l.rest = l.rest[:0]
		}
		l.take(line)
		data = after
	}
}
