package watch

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"flowlab/tlsrec"
)

// KeyLog is a file of keys that a program adds to while its packets are watched
// (SSLKEYLOGFILE). It is opened once, and read on: who gave all privileges up could
// not open it again.
type KeyLog struct {
	// Said, if set, is called with what is wrong with the file: each thing once.
	Said func(text string)

	keys     *tlsrec.Keys
	file     *os.File
	read     int64
	mistakes int // of the file's lines that were told
	warned   map[string]bool
}

// mostMistakes is how many lines of a key log that cannot be used are named.
const mostMistakes = 3

// OpenKeyLog opens a file, which may be empty yet, for its keys to be added to keys.
func OpenKeyLog(path string, keys *tlsrec.Keys) (*KeyLog, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	keys.Grow()
	return &KeyLog{keys: keys, file: file, warned: map[string]bool{}}, nil
}

// Read takes in what was added to the file. A last line without its end waits for the
// rest of it.
func (k *KeyLog) Read() {
	info, err := k.file.Stat()
	if err != nil {
		k.warn(err.Error())
		return
	}
	switch size := info.Size(); {
	case size < k.read:
		k.warn("it was cut: it is read from its beginning again")
		k.keys.Flush()
		if _, err := k.file.Seek(0, io.SeekStart); err != nil {
			k.warn(err.Error())
			return
		}
		k.read = 0
	case size == k.read:
		if now, err := os.Stat(k.file.Name()); errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(now, info) {
			k.warn("it was removed or replaced: keys that are written to another file are not read, start flowlab again")
		}
		return
	}
	n, err := io.Copy(k.keys, k.file)
	k.read += n
	if err != nil {
		k.warn(err.Error())
	}
	k.complain()
}

// complain names the first lines that cannot be used.
func (k *KeyLog) complain() {
	list := k.keys.Mistakes()
	for _, m := range list[k.mistakes:] {
		if k.mistakes++; k.mistakes <= mostMistakes {
			k.warn(m.String())
		} else {
			k.warn("more lines cannot be read")
		}
	}
}

func (k *KeyLog) warn(text string) {
	if k.Said != nil && !k.warned[text] {
		k.warned[text] = true
		k.Said(fmt.Sprintf("%s: %s", k.file.Name(), text))
	}
}
