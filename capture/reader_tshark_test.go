package capture

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flowlab/flow"
	"flowlab/internal/need"
)

// tsharkFrames returns what tshark has of each packet: time, length on the wire
// and length kept, the interface's name, and the section.
func tsharkFrames(t *testing.T, path string) []string {
	t.Helper()
	out, err := exec.Command(need.Program(t, "tshark"), "-r", path, "-n", "-T", "fields", "-E", "separator=|",
		"-e", "frame.encap_type", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len", "-e", "frame.interface_name", "-e", "frame.section_number").Output()
	if err != nil && len(out) == 0 { // a file that is cut has frames and an error
		t.Fatalf("tshark: %v", err)
	}
	var frames []string
	for line := range strings.Lines(string(out)) {
		link, frame, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "|")
		if link != "" { // else a custom block, which tshark counts as a frame
			frames = append(frames, frame)
		}
	}
	return frames
}

// tsharkTime is the time that tshark writes as seconds and nanoseconds, of which
// there may be more than a second's if the file has it so. What is before 1970 in
// two's complement tshark takes for a time long after it; here it wraps again.
func tsharkTime(t *testing.T, text string) flow.Time {
	t.Helper()
	var seconds, nanos uint64
	if _, err := fmt.Sscanf(text, "%d.%d", &seconds, &nanos); err != nil {
		t.Fatalf("tshark's time %q: %v", text, err)
	}
	return flow.Time(seconds*second + nanos)
}

// TestTsharkReadsTheSame holds the reader to tshark on the captures of others:
// the same packets, their times, lengths and interfaces.
func TestTsharkReadsTheSame(t *testing.T) {
	need.Program(t, "tshark")
	for _, path := range othersCaptures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			want := tsharkFrames(t, path)
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			packets, err := readAll(r)
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Error(err)
			}
			if len(packets) != len(want) {
				t.Fatalf("%d packets, tshark has %d", len(packets), len(want))
			}
			for i, p := range packets {
				fields := strings.Split(want[i], "|")
				time, name, section := fields[0], fields[3], fields[4]
				if time != "" && p.Time != tsharkTime(t, time) { // tshark has none of a simple packet
					t.Errorf("frame %d: time %d, tshark has %s", i+1, p.Time, time)
				}
				var length, kept int
				if _, err := fmt.Sscan(fields[1]+" "+fields[2], &length, &kept); err != nil {
					t.Fatalf("frame %d: tshark has %q: %v", i+1, want[i], err)
				}
				// Some writers claim less for the wire than they kept of a packet.
				if len(p.Data) != kept || p.Length != max(length, kept) {
					t.Errorf("frame %d: %d of %d bytes, tshark has %d of %d", i+1, len(p.Data), p.Length, kept, length)
				}
				// tshark 4.0 looks the name up in the first section, whichever it is
				// of, and calls what has none unknown.
				got := strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(r.Interfaces()[p.Interface].Name)
				if section <= "1" && got != strings.TrimSuffix(name, "unknown") {
					t.Errorf("frame %d: interface %q, tshark has %q", i+1, got, name)
				}
			}
		})
	}
}
