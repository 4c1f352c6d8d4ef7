package tlsrec

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// maxLine bounds what is kept of a line that has not ended: five times what the
// longest line with a secret takes.
const maxLine = 1024

// maxMistakes bounds what is kept of a file that is no key log.
const maxMistakes = 100

// Mistake is a line of a key log that cannot be used.
type Mistake struct {
	Line    int // from 1
	Problem string
}

func (m Mistake) String() string { return fmt.Sprintf("line %d: %s", m.Line, m.Problem) }

// Write enters more bytes of a key log. A last line without its end waits for
// the rest: the file may grow while it is read. It never fails.
func (k *Keys) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for rest := p; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			k.collect(rest)
			break
		}
		k.collect(rest[:end])
		k.endLine()
		rest = rest[end+1:]
	}
	return len(p), nil
}

// Flush says that the input is over: a last line without its end is a line.
func (k *Keys) Flush() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.line) > 0 {
		k.endLine()
	}
}

// Mistakes returns the lines that could not be used, the first hundred of them.
func (k *Keys) Mistakes() []Mistake {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return append([]Mistake(nil), k.mistakes...)
}

// collect adds to the line that has begun. One byte more than the longest line
// is kept, which tells that it is too long.
func (k *Keys) collect(b []byte) {
	k.line = append(k.line, b[:min(len(b), maxLine+1-len(k.line))]...)
}

func (k *Keys) endLine() {
	k.lines++
	if problem := k.enter(bytes.TrimSpace(k.line)); problem != "" && len(k.mistakes) < maxMistakes {
		k.mistakes = append(k.mistakes, Mistake{Line: k.lines, Problem: problem})
	}
	k.line = k.line[:0]
}

// enter enters one line, and says what is wrong with it.
func (k *Keys) enter(line []byte) (problem string) {
	if len(line) == 0 || line[0] == '#' {
		return ""
	}
	if len(line) > maxLine {
		return fmt.Sprintf("longer than %d bytes", maxLine)
	}
	name, rest, _ := bytes.Cut(line, []byte{' '})
	which, known := labelOf(name)
	if !known {
		if !isLabel(name) {
			return "not a line of a key log: it begins with no label"
		}
		return "" // a label of something else, or of the future
	}
	randomHex, secretHex, two := bytes.Cut(rest, []byte{' '})
	if !two {
		return fmt.Sprintf("%s has no secret", name)
	}
	var random [32]byte
	if len(randomHex) != 2*len(random) {
		return fmt.Sprintf("the client random of %s has %d digits, want %d", name, len(randomHex), 2*len(random))
	}
	if _, err := hex.Decode(random[:], randomHex); err != nil {
		return fmt.Sprintf("the client random of %s is not hexadecimal", name)
	}
	var secret [48]byte
	if n := len(secretHex); n != 96 && (n != 64 || which == masterSecret) {
		want := "64 or 96"
		if which == masterSecret {
			want = "96"
		}
		return fmt.Sprintf("the secret of %s has %d digits, want %s", name, n, want)
	}
	n, err := hex.Decode(secret[:], secretHex)
	if err != nil {
		return fmt.Sprintf("the secret of %s is not hexadecimal", name)
	}
	k.add(&random, which, secret[:n])
	return ""
}

// isLabel tells whether a word can be a label that is not known here.
func isLabel(word []byte) bool {
	for _, c := range word {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}
