package play

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/diagnose/export"
)

// TestRunExports exports a run while it goes on: the file has packets of both hosts, and
// what was done is said on them.
func TestRunExports(t *testing.T) {
	t.Parallel()
	s := with(t, time.Minute, "network.rtt", "1ms", "producer.rate", "2MB/s")
	run, err := Start(t.Context(), s, Options{Memory: export.NewMemory(export.UsualMemory)})
	if err != nil {
		t.Fatal(err)
	}
	until(t, run, "it is read", func(s *Snapshot) bool { return s.Consumer.Read > 10_000 })
	if err := run.Set("consumer.read-rate", "0"); err != nil {
		t.Fatal(err)
	}
	until(t, run, "the window shuts", func(s *Snapshot) bool {
		return len(s.Views) > 0 && s.Views[0].Directions[0].WindowKnown && s.Views[0].Directions[0].Window == 0
	})
	var b bytes.Buffer
	written, err := run.Export(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"knob turned: consumer.read-rate = ", "zero-window", " as seen at producer\n", " as seen at consumer\n", "Frame numbers in comments are"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the file does not say %q", want)
		}
	}
	r, err := capture.NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err = r.Next(); err == nil; _, err = r.Next() {
		n++
	}
	if n == 0 || n != written.Packets || len(r.Interfaces()) != 2 {
		t.Errorf("%d packets at %d interfaces, and said %d packets; want as many, at 2", n, len(r.Interfaces()), written.Packets)
	}
	run.Stop()
	if _, err := run.Wait(); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if after, err := run.Export(&b); err != nil || after.Packets < written.Packets {
		t.Errorf("after the end: %+v, error %v; want at least %d packets", after, err, written.Packets)
	}
}

func TestRunThatKeepsNothing(t *testing.T) {
	t.Parallel()
	run, err := Start(t.Context(), with(t, time.Minute, "network.rtt", "1ms"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	run.Stop()
	if _, err := run.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Export(&bytes.Buffer{}); !errors.Is(err, ErrNotKept) {
		t.Errorf("error %v, want %v", err, ErrNotKept)
	}
}
