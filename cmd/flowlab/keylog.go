package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"flowlab/diagnose/watch"
	"flowlab/tlsrec"
)

// mostMistakes is how many lines of a key log that cannot be read are named.
const mostMistakes = 3

// readKeys reads a key log. Without one there are no keys yet: a capture may carry
// some. What cannot be read of it is said, and the rest counts.
func readKeys(path string) (*tlsrec.Keys, error) {
	keys := tlsrec.NewKeys()
	if path == "" {
		return keys, nil
	}
	file, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, mistake("set SSLKEYLOGFILE for the program whose traffic it is, and capture again (docs/tls.md)", "--keylog: %v", err)
		}
		return nil, fmt.Errorf("--keylog: %w", err)
	}
	defer file.Close()
	if _, err := io.Copy(keys, file); err != nil {
		return nil, fmt.Errorf("--keylog: %w", err)
	}
	keys.Flush()
	mistakes := keys.Mistakes()
	for i, m := range mistakes {
		if i == mostMistakes {
			fmt.Fprintf(os.Stderr, "flowlab: %s: %d more lines cannot be read\n", path, len(mistakes)-i)
			break
		}
		fmt.Fprintf(os.Stderr, "flowlab: %s:%d: %s\n", path, m.Line, m.Problem)
	}
	if keys.Len() == 0 {
		return nil, mistake("it must have lines such as CLIENT_RANDOM or CLIENT_TRAFFIC_SECRET_0", "--keylog %s: no keys in it", path)
	}
	return keys, nil
}

// openKeys opens a key log that may grow while packets come, and says what cannot be
// read of it. Without one there are no keys yet: packets that are piped in may carry some.
func openKeys(path string) (*tlsrec.Keys, *watch.KeyLog, error) {
	keys := tlsrec.NewKeys()
	if path == "" {
		return keys, nil, nil
	}
	log, err := watch.OpenKeyLog(path, keys)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, mistake("make it first, empty, for the program that is to write it (docs/tls.md)", "--keylog: %v", err)
	case errors.Is(err, fs.ErrPermission):
		return nil, nil, mistake("choose a file that you may read", "--keylog: %v", err)
	case err != nil:
		return nil, nil, mistake("name the file that SSLKEYLOGFILE names for the program (docs/tls.md)", "--keylog: %v", err)
	}
	log.Said = func(text string) { fmt.Fprintf(os.Stderr, "flowlab: %s\n", text) }
	log.Read()
	return keys, log, nil
}
