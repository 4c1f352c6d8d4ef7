package h2flow

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
)

// written is what a framer of another project writes, by the function.
func written(t testing.TB, write func(*http2.Framer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	f := http2.NewFramer(&b, nil)
	f.AllowIllegalWrites = true
	if err := write(f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// steps reads bytes in pieces of that many, and returns what was read as text.
func steps(r *Reader, b []byte, at int) []string {
	var list []string
	piece := ""
	for part := range slices.Chunk(b, at) {
		for {
			n, step := r.Next(part)
			part = part[n:]
			switch step {
			case Begun:
				list = append(list, fmt.Sprintf("begun at %d", r.Frame.Offset))
				piece = ""
			case Piece:
				piece += string(r.Piece)
			case Ended:
				list = append(list, strings.TrimSpace(fmt.Sprintf("%v %s", &r.Frame, piece)))
			}
			if step == More {
				break
			}
		}
	}
	return list
}

func TestReader(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(*http2.Framer) error
		want  string
	}{
		{"data", func(f *http2.Framer) error { return f.WriteData(1, true, []byte("hello")) }, "DATA of stream 1, 5 bytes, the last one hello"},
		{"empty data", func(f *http2.Framer) error { return f.WriteData(3, false, nil) }, "DATA of stream 3, 0 bytes"},
		{"padded data", func(f *http2.Framer) error { return f.WriteDataPadded(1, false, []byte("hello"), make([]byte, 10)) }, "DATA of stream 1, 16 bytes of which 11 are padding hello"},
		{"padding of none", func(f *http2.Framer) error { return f.WriteDataPadded(1, false, []byte("hello"), []byte{}) }, "DATA of stream 1, 6 bytes of which 1 are padding hello"},
		{"headers", func(f *http2.Framer) error {
			return f.WriteHeaders(http2.HeadersFrameParam{StreamID: 5, BlockFragment: []byte("block"), EndHeaders: true, PadLength: 3, Priority: http2.PriorityParam{Weight: 7}})
		}, "HEADERS of stream 5, 14 bytes of which 4 are padding block"},
		{"continuation", func(f *http2.Framer) error { return f.WriteContinuation(5, true, []byte("rest")) }, "CONTINUATION of stream 5, 4 bytes rest"},
		{"update", func(f *http2.Framer) error { return f.WriteWindowUpdate(0, 983041) }, "WINDOW_UPDATE +983041"},
		{"reset", func(f *http2.Framer) error { return f.WriteRSTStream(7, http2.ErrCodeCancel) }, "RST_STREAM of stream 7, CANCEL"},
		{"go away", func(f *http2.Framer) error { return f.WriteGoAway(9, http2.ErrCodeEnhanceYourCalm, []byte("slower")) }, "GOAWAY after stream 9, ENHANCE_YOUR_CALM"},
		{"settings acknowledged", func(f *http2.Framer) error { return f.WriteSettingsAck() }, "SETTINGS acknowledged"},
		{"promise", func(f *http2.Framer) error {
			return f.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: []byte("block"), EndHeaders: true})
		}, "PUSH_PROMISE of stream 1 block"},
		{"unknown", func(f *http2.Framer) error { return f.WriteRawFrame(0x42, 0xff, 3, []byte("what")) }, "type 0x42 of stream 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := written(t, c.write)
			b = append(b, b...) // what is left of the first must not show in the second
			want := []string{"begun at 0", c.want, fmt.Sprintf("begun at %d", len(b)/2), c.want}
			for at := 1; at <= len(b); at++ {
				if got := steps(new(Reader), b, at); !slices.Equal(got, want) {
					t.Fatalf("in pieces of %d: %q, want %q", at, got, want)
				}
			}
		})
	}
}

func TestReaderReadsSettings(t *testing.T) {
	b := written(t, func(f *http2.Framer) error {
		return f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10}, http2.Setting{ID: 0x99, Val: 1},
			http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 100}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
	})
	for at := 1; at <= len(b); at++ {
		var r Reader
		steps(&r, b, at)
		window, _ := r.Frame.Settings.Get(InitialWindowSize)
		streams, _ := r.Frame.Settings.Get(MaxConcurrentStreams)
		if _, given := r.Frame.Settings.Get(MaxFrameSize); window != 1<<20 || streams != 100 || given {
			t.Fatalf("in pieces of %d: initial window %d, %d streams, a frame size given: %v", at, window, streams, given)
		}
	}
}

// TestReaderAgrees holds the reader to http2.Framer on random frames.
func TestReaderAgrees(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	b := randomFrames(t, random, 2000)
	var want []string
	framer := http2.NewFramer(io.Discard, bytes.NewReader(b))
	framer.SetMaxReadFrameSize(1 << 24)
	for {
		f, err := framer.ReadFrame()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		h := f.Header()
		text := fmt.Sprintf("%d %d %d %d", h.Type, h.Flags, h.StreamID, h.Length)
		switch f := f.(type) {
		case *http2.DataFrame:
			text += fmt.Sprintf(" %x", f.Data())
		case *http2.HeadersFrame:
			text += fmt.Sprintf(" %x", f.HeaderBlockFragment())
		case *http2.WindowUpdateFrame:
			text += fmt.Sprint(" +", f.Increment)
		}
		want = append(want, text)
	}
	var got []string
	var r Reader
	var piece []byte
	for len(b) > 0 || len(got) < len(want) {
		part := b[:min(len(b), 1+random.IntN(5000))]
		b = b[len(part):]
		for {
			n, step := r.Next(part)
			part = part[n:]
			if step == More {
				break
			}
			f := &r.Frame
			switch step {
			case Begun:
				piece = piece[:0]
			case Piece:
				piece = append(piece, r.Piece...)
			case Ended:
				text := fmt.Sprintf("%d %d %d %d", f.Type, f.Flags, f.Stream, f.Length)
				switch f.Type {
				case Data, Headers:
					text += fmt.Sprintf(" %x", piece)
				case WindowUpdate:
					text += fmt.Sprint(" +", f.Increment)
				}
				got = append(got, text)
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d frames, and Framer reads %d or others", len(got), len(want))
	}
}

// randomFrames are legal frames of all sorts.
func randomFrames(t testing.TB, random *rand.Rand, n int) []byte {
	return written(t, func(f *http2.Framer) (err error) {
		for range n {
			id := uint32(1 + 2*random.IntN(20))
			block := make([]byte, random.IntN(300))
			switch random.IntN(7) {
			case 0:
				err = f.WriteDataPadded(id, random.IntN(9) == 0, make([]byte, random.IntN(20000)), make([]byte, random.IntN(256)))
			case 1:
				err = f.WriteData(id, false, make([]byte, random.IntN(16384)))
			case 2:
				err = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndHeaders: true, PadLength: uint8(random.IntN(256))})
			case 3:
				err = f.WriteWindowUpdate(id-1, 1+random.Uint32N(1<<31-1))
			case 4:
				err = f.WriteSettings(http2.Setting{ID: http2.SettingID(random.IntN(10)), Val: random.Uint32() >> 8})
			case 5:
				err = f.WritePing(random.IntN(2) == 0, [8]byte{1, 2, 3})
			case 6:
				err = f.WriteRSTStream(id, http2.ErrCode(random.IntN(14)))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func TestReaderAllocatesNothing(t *testing.T) {
	b := randomFrames(t, rand.New(rand.NewPCG(2, 2)), 100)
	var r Reader
	if n := testing.AllocsPerRun(10, func() {
		for rest := b; ; {
			n, step := r.Next(rest)
			if rest = rest[n:]; step == More {
				return
			}
		}
	}); n != 0 {
		t.Errorf("%.1f allocations", n)
	}
}

// FuzzReader reads anything, in two ways of cutting it, to the same frames.
func FuzzReader(f *testing.F) {
	f.Add(randomFrames(f, rand.New(rand.NewPCG(3, 3)), 3), 7)
	f.Add([]byte{0, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 1, 0, 8, 0, 0, 0, 1, 255}, 1)
	f.Add([]byte{0, 0, 3, 1, 0x28, 0, 0, 0, 1, 200, 1, 2}, 2)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		whole := steps(new(Reader), b, max(1, len(b)))
		if got := steps(new(Reader), b, 1+at&15); !slices.Equal(got, whole) {
			t.Errorf("%q, and at once %q", got, whole)
		}
	})
}

func BenchmarkReader(b *testing.B) {
	for _, size := range []int{100, 16384} {
		b.Run(fmt.Sprintf("DATA of %d bytes", size), func(b *testing.B) {
			data := written(b, func(f *http2.Framer) error { return f.WriteData(1, false, make([]byte, size)) })
			data = bytes.Repeat(data, 1+1<<20/len(data))
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			var r Reader
			for b.Loop() {
				for part := range slices.Chunk(data, 1448) {
					for {
						n, step := r.Next(part)
						if part = part[n:]; step == More {
							break
						}
					}
				}
			}
		})
	}
}
