package survey

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"flowlab/diagnose"
	"flowlab/internal/need"
)

// TestDamagedCaptures reads captures of others whose bytes were changed at
// random: no ledger may panic, whatever the segments say.
func TestDamagedCaptures(t *testing.T) {
	const damages, most = 20, 64 << 10
	for _, path := range need.Captures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			good = good[:min(len(good), most)]
			file := filepath.Join(t.TempDir(), "damaged")
			r := rand.New(rand.NewPCG(uint64(len(good)), 1))
			for range damages {
				bad := append([]byte(nil), good...)
				for range 1 + r.IntN(20) {
					bad[r.IntN(len(bad))] = byte(r.Uint32())
				}
				if err := os.WriteFile(file, bad, 0o600); err != nil {
					t.Fatal(err)
				}
				received, frames := 0, 0
				s := Survey{Files: []string{file}, Receive: func(_ *Source, v *diagnose.View) { received++; diagnose.Findings(v) }}
				source, err := s.Run(context.Background())
				if received != source.Connections || err == nil && len(source.Files) != 1 {
					t.Fatalf("%d connections received of %d, %v", received, source.Connections, err)
				}
				again, _ := s.RunFrames(context.Background(), func(*Source, *Frame) { frames++ })
				if int64(frames) != source.Packets || again.Connections != source.Connections {
					t.Fatalf("%d frames of %d packets, %d connections of %d", frames, source.Packets, again.Connections, source.Connections)
				}
			}
		})
	}
}
