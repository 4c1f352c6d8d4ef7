package survey_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flowlab/diagnose/survey"
	"flowlab/h2flow"
	"flowlab/internal/need"
	"flowlab/tlsrec"
)

// TestHTTPFramesAgree holds the frames of HTTP/2 that are found in captures of other
// projects to tshark's: which types end in which packet.
func TestHTTPFramesAgree(t *testing.T) {
	tshark := need.Program(t, "tshark")
	// Where they differ, and why.
	known := map[string]string{
		"OISF__drop-protocol-change.pcap":  "tshark misses the SETTINGS in the packet that grants the upgrade",
		"OISF__transform-base64-7296.pcap": "the server's answers to the upgrade are not in the capture, so that it is not known to be granted",
		"wireshark-4.0.17__grpc_person_search_protobuf_with_image-missing_headers.pcapng.gz": "two frames alone are not enough to tell where frames begin",
		"wireshark-4.0.17__grpc_web.pcapng.gz":                                               "tshark does not look for HTTP/2 at this port",
		"wireshark-4.0.17__packet-h2-14_headers.pcapng":                                      "tshark does not look for HTTP/2 at this port",
		"wireshark-4.0.17__http2-brotli.pcapng":                                              "the server's first frames come before the client's preface, and are given with it",
		"wireshark-4.0.17__http2_follow_multistream.pcapng":                                  "so too; and tshark loses what came out of order",
	}
	compared := 0
	for _, path := range need.Captures(t) {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			theirs := tsharkFrames(t, tshark, path)
			ours, n := ownFrames(t, path)
			if known[name] != "" {
				t.Log(known[name])
				return
			}
			compared += n
			for number := range 1 + max(len(ours), len(theirs)) {
				var a, b []string
				if number < len(ours) {
					a = ours[number]
				}
				if number < len(theirs) {
					b = theirs[number]
				}
				if !slices.Equal(a, b) {
					t.Errorf("packet %d: %q, by tshark %q", number, a, b)
				}
			}
		})
	}
	t.Logf("%d frames of HTTP/2 compared", compared)
	if compared < 200 {
		t.Errorf("only %d frames were compared", compared)
	}
}

// ownFrames are the sorted types that end in each packet.
func ownFrames(t *testing.T, path string) (frames [][]string, n int) {
	s := survey.Survey{Files: []string{path}, Keys: tlsrec.NewKeys()}
	_, err := s.RunFrames(context.Background(), func(_ *survey.Source, f *survey.Frame) {
		var types []string
		for _, e := range f.HTTP {
			if e.Kind == h2flow.FrameEnded {
				types = append(types, strconv.Itoa(int(e.Frame.Type)))
				n++
			}
		}
		frames = put(frames, f.Number, types)
	})
	if err != nil {
		t.Log(err) // some are damaged
	}
	return frames, n
}

func put(frames [][]string, number int, types []string) [][]string {
	for len(frames) <= number {
		frames = append(frames, nil)
	}
	slices.Sort(types)
	frames[number] = types
	return frames
}

func tsharkFrames(t *testing.T, tshark, path string) (frames [][]string) {
	out, err := exec.Command(tshark, "-r", path, "-d", "tcp.port==50051,http2", "-Y", "http2.type", "-T", "fields", "-e", "frame.number", "-e", "http2.type").Output()
	if err != nil {
		t.Log(err)
	}
	for line := range strings.Lines(string(out)) {
		number, types, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if n, err := strconv.Atoi(number); err == nil {
			frames = put(frames, n, strings.Split(types, ","))
		}
	}
	return frames
}
