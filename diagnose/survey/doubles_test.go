package survey

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDoublesAreNoRetransmissions reads a capture that has every packet twice, at
// once or after those of some time, as a bridge or the other end has them.
func TestDoublesAreNoRetransmissions(t *testing.T) {
	header, records := made(t, small)
	want, _ := views(t, Survey{Files: []string{save(t, header, records)}})
	for name, later := range map[string]int{"at once": 1, "two hundred packets later": 200} {
		t.Run(name, func(t *testing.T) {
			var doubled [][]byte
			for i, r := range records {
				doubled = append(doubled, r)
				if i >= later-1 {
					doubled = append(doubled, at(records[i-later+1], r))
				}
			}
			got, source := views(t, Survey{Files: []string{save(t, header, doubled)}})
			if n := int(source.Skipped.Doubles); n != len(doubled)-len(records) {
				t.Errorf("%d doubles found, want %d", n, len(doubled)-len(records))
			}
			for i := range want {
				for d := range want[i].Directions {
					w, g := &want[i].Directions[d], &got[i].Directions[d]
					if w.Resent != g.Resent || w.Segments != g.Segments {
						t.Fatalf("connection %d: %d segments and %d bytes sent again, want %d and %d", i+1, g.Segments, g.Resent, w.Segments, w.Resent)
					}
					if diff := cmp.Diff(w.Limits, g.Limits); diff != "" {
						t.Fatalf("connection %d (-once +twice):\n%s", i+1, diff)
					}
				}
			}
		})
	}
}

// at returns a record with the time of another.
func at(record, when []byte) []byte {
	r := slices.Clone(record)
	copy(r[:8], when[:8])
	return r
}
