package capture

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// trace is what a whole capture gave: a sum over each packet, and where it ends
// in the capture as it is decompressed.
type trace struct {
	sums []uint64
	ends []int64
	err  error
}

var seed = maphash.MakeSeed()

// sum is over all of a packet.
func sum(p Packet) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	maphash.WriteComparable(&h, [3]int64{int64(p.Time), int64(p.Interface), int64(p.Length)})
	_, _ = h.Write(p.Data)
	return h.Sum64()
}

func traceOf(file []byte) trace {
	var tr trace
	r, err := NewReader(bytes.NewReader(file))
	for err == nil {
		var p Packet
		if p, err = r.Next(); err == nil {
			tr.sums = append(tr.sums, sum(p))
			tr.ends = append(tr.ends, r.in.base+int64(r.in.pos))
		}
	}
	tr.err = err
	return tr
}

// before is how many packets end within the first n bytes of the capture.
func (tr *trace) before(n int64) int {
	return sort.Search(len(tr.ends), func(i int) bool { return tr.ends[i] > n })
}

// check reads a damaged copy whose first n bytes, decompressed, are as they
// were. All packets in those must come, and after most others it is enough. The
// end must be clean or an error with its place.
func (tr *trace) check(damaged []byte, n int64, most int) (packets int, err error) {
	whole := tr.before(n)
	r, err := NewReader(bytes.NewReader(damaged))
	for err == nil && packets < whole+most {
		var p Packet
		if p, err = r.Next(); err != nil {
			break
		}
		if packets < whole && sum(p) != tr.sums[packets] {
			return packets, fmt.Errorf("packet %d is another than in the whole file", packets+1)
		}
		if p.Interface < 0 || p.Interface >= len(r.Interfaces()) || p.Length < len(p.Data) {
			return packets, fmt.Errorf("packet %d is of interface %d of %d, %d of %d bytes",
				packets+1, p.Interface, len(r.Interfaces()), len(p.Data), p.Length)
		}
		packets++
	}
	var at *ReadError
	switch {
	case packets < whole:
		return packets, fmt.Errorf("%d packets, then %w: %d are before the damage", packets, err, whole)
	case errors.As(err, &at) && (at.Packets != int64(packets) || at.Offset < 0):
		return packets, fmt.Errorf("after %d packets: %w", packets, err)
	case err != nil && err != io.EOF && at == nil && !errors.Is(err, ErrNotCapture):
		return packets, fmt.Errorf("an error without its place: %w", err)
	}
	if r != nil && len(r.in.buf) > max(readAtOnce, 2*int(r.in.base+int64(r.in.end))) {
		return packets, fmt.Errorf("a buffer of %d bytes for %d", len(r.in.buf), r.in.base+int64(r.in.end))
	}
	return packets, nil
}

// stretch tells how many bytes come out of the first n of a gzip stream.
func stretch(t *testing.T, file []byte, n int) int64 {
	t.Helper()
	in, err := gzip.NewReader(bytes.NewReader(file[:n]))
	if err != nil {
		return 0
	}
	out, _ := io.Copy(io.Discard, in)
	return out
}

// TestDamagedCaptures cuts and corrupts the captures of others. All packets
// before the damage come, then a clean end or an error with its place.
//
// After the damage at most 2000 further packets are read, as whole captures are
// read elsewhere. Of compressed captures, where the damage is in the decompressed
// bytes is found for every 64th cut and corruption only; in the others no panic,
// the end and the memory are checked.
func TestDamagedCaptures(t *testing.T) {
	if testing.Short() {
		t.Skip("reads each capture some 5,000 times")
	}
	const beginning, places, corruptions, most = 4 << 10, 100, 1000, 2000
	for _, path := range othersCaptures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewPCG(1, uint64(len(file))))
			packed := strings.HasSuffix(path, ".gz")
			tr := traceOf(file)
			if tr.err != io.EOF && !errors.Is(tr.err, io.ErrUnexpectedEOF) {
				t.Fatalf("the whole file: %v", tr.err)
			}
			intact := func(i, n int) int64 {
				if !packed {
					return int64(n)
				}
				if i%64 != 0 {
					return 0
				}
				return stretch(t, file, n)
			}
			cuts := make([]int, 0, beginning+places)
			for n := range min(beginning, len(file)) {
				cuts = append(cuts, n)
			}
			for range places {
				cuts = append(cuts, random.IntN(len(file)))
			}
			for i, n := range cuts {
				bound := intact(i, n)
				packets, err := tr.check(file[:n], bound, most)
				if err != nil {
					t.Fatalf("cut at byte %d: %v", n, err)
				}
				if whole := tr.before(bound); (!packed || i%64 == 0) && packets != whole {
					t.Fatalf("cut at byte %d: %d packets, %d are whole", n, packets, whole)
				}
			}
			for i := range corruptions {
				at, value := random.IntN(len(file)), byte(1+random.IntN(255))
				file[at] ^= value
				_, err := tr.check(file, intact(i, at), most)
				file[at] ^= value
				if err != nil {
					t.Fatalf("byte %d xor %#x: %v", at, value, err)
				}
			}
		})
	}
}
