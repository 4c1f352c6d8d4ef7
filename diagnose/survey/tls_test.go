package survey_test

import (
	"context"
	"path/filepath"
	"testing"

	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/internal/need"
	"flowlab/tlsrec"
)

// Where neither a key log nor the capture has keys, that is said, and nothing is kept
// to wait for them.
func TestTLSWithoutKeys(t *testing.T) {
	for _, path := range need.Captures(t) {
		if filepath.Base(path) != "wireshark-4.0.17__http2-data-reassembly.pcap" {
			continue
		}
		var layer diagnose.Layer
		s := survey.Survey{Files: []string{path}, Keys: tlsrec.NewKeys(), Receive: func(_ *survey.Source, v *diagnose.View) { layer = v.Layer }}
		if _, err := s.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if !layer.TLS || !layer.Opaque || layer.Reason.Reason != tlsrec.NoKeyLog {
			t.Errorf("TLS %v, opaque %v, because %v; want that no key log was given", layer.TLS, layer.Opaque, layer.Reason)
		}
		return
	}
	t.Skip("the capture is not there")
}
