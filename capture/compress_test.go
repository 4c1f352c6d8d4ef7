package capture

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// compressor is what gzip and zstd have in common.
type compressor interface {
	io.WriteCloser
	Flush() error
}

var compressors = map[string]func(io.Writer) compressor{
	"gzip": func(w io.Writer) compressor { return gzip.NewWriter(w) },
	"zstd": func(w io.Writer) compressor {
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		if err != nil {
			panic(err) // the options are constant
		}
		return z
	},
}

func compressed(t testing.TB, method string, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := compressors[method](&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestCompressed(t *testing.T) {
	for method := range compressors {
		t.Run(method, func(t *testing.T) {
			for name, file := range repeated(5000, 96) { // more than the buffer
				packed := compressed(t, method, file)
				_, packets, err := readFile(packed)
				if err != nil || len(packets) != 5000 {
					t.Errorf("%s: %d packets, %v", name, len(packets), err)
				}
				// One stream after the other is one capture, cut anywhere.
				two := slices.Concat(compressed(t, method, file[:1001]), compressed(t, method, file[1001:]))
				_, again, err := readFile(two)
				if err != nil || len(again) != 5000 {
					t.Errorf("%s in two parts: %d packets, %v", name, len(again), err)
				}
			}
		})
	}
}

// What could be read of a damaged stream is delivered, and then the error.
func TestCompressedAndDamaged(t *testing.T) {
	file := repeated(20_000, 96)["pcap"]
	random := rand.NewChaCha8([32]byte{})
	for at := 24; at < len(file); at += 112 { // so that half of the stream is about half of the packets
		_, _ = random.Read(file[at+16 : at+112])
	}
	for method := range compressors {
		t.Run(method, func(t *testing.T) {
			packed := compressed(t, method, file)
			path := filepath.Join(t.TempDir(), "x.pcap")
			half := packed[:len(packed)/2]
			if err := os.WriteFile(path, half, 0o666); err != nil {
				t.Fatal(err)
			}
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			packets, err := readAll(r)
			if n := len(packets); n < 9000 || n > 11_000 {
				t.Errorf("%d packets in half of a stream with 20000", n)
			}
			var at *ReadError
			if !errors.As(err, &at) || at.Offset != 24+112*int64(len(packets)) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("after %d packets: %v", len(packets), err)
			}
			if err == nil || !strings.HasSuffix(err.Error(), "in the "+method+" stream: unexpected EOF") {
				t.Errorf("error %v", err)
			}
			if read, total := r.Progress(); read != int64(len(half)) || total != read {
				t.Errorf("read %d of %d, want all of %d", read, total, len(half))
			}

			wrong := slices.Clone(packed)
			wrong[len(wrong)-6] ^= 1 // in the checksum, or in the data just before
			_, packets, err = readFile(wrong)
			if err == nil || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "in the "+method+" stream: ") {
				t.Errorf("wrong checksum: %d packets, %v", len(packets), err)
			}
			if _, _, err := readFile(packed[:5]); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("5 bytes: %v", err)
			}
		})
	}
}

func TestCompressedIsNoCapture(t *testing.T) {
	for method := range compressors {
		for what, want := range map[string]string{
			"":                     "empty, not a capture file",
			"hello, world":         `not a capture file: it begins with "hello, w"`,
			"\x1f\x8b\x08\x00\x00": "gzip in a compressed file, not a capture file that can be read",
		} {
			if _, _, err := readFile(compressed(t, method, []byte(what))); err == nil || err.Error() != want || !errors.Is(err, ErrNotCapture) {
				t.Errorf("%q in %s: %v, want %s", what, method, err, want)
			}
		}
	}
	// A skippable frame first, as pzstd writes it.
	skippable := append(words(little, 0x184D2A50, 4), "skip"...)
	file := repeated(2, 96)["pcap"]
	if _, packets, err := readFile(append(skippable, compressed(t, "zstd", file)...)); err != nil || len(packets) != 2 {
		t.Errorf("after a skippable frame: %d packets, %v", len(packets), err)
	}
}

// A flushed packet comes out of a pipe before anything follows it.
func TestCompressedHoldsNothingBack(t *testing.T) {
	file := repeated(3, 96)["pcap"]
	for method, compress := range compressors {
		t.Run(method, func(t *testing.T) {
			in, out := io.Pipe()
			w := compress(out)
			next := make(chan bool)
			defer close(next)
			go func() {
				defer out.Close()
				for rest := file; len(rest) > 0; {
					n := min(len(rest), 24+112) // the header comes with the first
					if len(rest) < len(file) {
						n = 112
					}
					_, _ = w.Write(rest[:n])
					_ = w.Flush()
					rest = rest[n:]
					<-next
				}
				_ = w.Close()
			}()
			r, err := NewReader(in)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				if p, err := r.Next(); err != nil || len(p.Data) != 96 {
					t.Fatalf("packet %d: %v", i+1, err)
				}
				next <- true
			}
			if _, err := r.Next(); err != io.EOF {
				t.Errorf("then %v, want the end", err)
			}
		})
	}
}
