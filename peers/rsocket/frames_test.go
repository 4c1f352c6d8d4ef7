package rsocket

import (
	"encoding/binary"
	"slices"
	"testing"
)

// frame is the bytes of one, as the protocol has them.
func frame(stream uint32, t Type, flags Flags, rest ...byte) []byte {
	n := 6 + len(rest)
	b := []byte{byte(n >> 16), byte(n >> 8), byte(n)}
	b = binary.BigEndian.AppendUint32(b, stream)
	b = binary.BigEndian.AppendUint16(b, uint16(t)<<10|uint16(flags))
	return append(b, rest...)
}

func credit(n uint32, rest ...byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, n), rest...)
}

// TestFrames: what matters of a frame, in whatever pieces it comes.
func TestFrames(t *testing.T) {
	var data []byte
	for _, b := range [][]byte{
		frame(0, 0x01, 0, make([]byte, 40)...),                        // SETUP
		frame(1, RequestStream, 0x100, credit(64, 1, 2, 3)...),        // with metadata
		frame(1, Payload, Next|Follows, make([]byte, 1000)...),        //
		frame(1, Payload, Next|0x040),                                 // complete, and empty
		frame(1<<31|1, RequestN, 0, credit(1<<31|0x7fffffff)...),      // reserved bits are set
		frame(3, RequestChannel, 0, credit(1)...),                     //
		frame(0, 0x03, 0x080, make([]byte, 8)...),                     // KEEPALIVE
		frame(0, 0x3f, 0, append(credit(9), make([]byte, 200)...)...), // an extension
	} {
		data = append(data, b...)
	}
	want := []Frame{
		{Type: 0x01, Length: 46},
		{Type: RequestStream, Flags: 0x100, Stream: 1, Length: 13, Credit: 64},
		{Type: Payload, Flags: Next | Follows, Stream: 1, Length: 1006},
		{Type: Payload, Flags: Next | 0x040, Stream: 1, Length: 6},
		{Type: RequestN, Stream: 1, Length: 10, Credit: 0x7fffffff},
		{Type: RequestChannel, Stream: 3, Length: 10, Credit: 1},
		{Type: 0x03, Flags: 0x080, Length: 14},
		{Type: 0x3f, Length: 210},
	}
	for _, size := range []int{1, 2, 3, 5, 13, 100, len(data)} {
		var got []Frame
		var r Reader
		for piece := range slices.Chunk(data, size) {
			if err := r.Read(piece, func(f Frame) { got = append(got, f) }); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pieces of %d: %+v, want %+v", size, got, want)
		}
	}
}

// TestBrokenFrames: the error has the numbers, and stays.
func TestBrokenFrames(t *testing.T) {
	for want, data := range map[string][]byte{
		"a frame of 5 bytes: the least is 6":                                  {0, 0, 5},
		"a frame of type 0x08 with 9 bytes: it has a credit, and 10 at least": frame(1, RequestN, 0, 0, 0, 1),
		"a frame of type 0x06 with 6 bytes: it has a credit, and 10 at least": frame(1, RequestStream, 0),
		"stream 7: a credit of 0 messages":                                    frame(7, RequestN, 0, credit(0)...),
	} {
		var r Reader
		data = append(data, make([]byte, 20)...)
		for range 2 {
			if err := r.Read(data, func(f Frame) { t.Errorf("took %+v", f) }); err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
}

// whole reads frames from all of the bytes at once, in another way than a Reader.
func whole(data []byte) (frames []Frame, broken bool) {
	for len(data) >= 3 {
		n := int(binary.BigEndian.Uint32([]byte{0, data[0], data[1], data[2]}))
		if n < 6 {
			return frames, true
		}
		if data = data[3:]; len(data) < 6 {
			break
		}
		f := Frame{Length: n, Stream: binary.BigEndian.Uint32(data) << 1 >> 1,
			Type: Type(data[4] / 4), Flags: Flags(data[4]%4)<<8 | Flags(data[5])}
		if slices.Contains([]Type{RequestStream, RequestChannel, RequestN}, f.Type) {
			if len(data) < 10 {
				break
			}
			f.Credit = binary.BigEndian.Uint32(data[6:]) << 1 >> 1
			if n < 10 || f.Credit == 0 {
				return frames, true
			}
		}
		frames = append(frames, f)
		data = data[min(n, len(data)):]
	}
	return frames, false
}

// FuzzFrames: a Reader finds in pieces what is in the whole.
func FuzzFrames(f *testing.F) {
	f.Add(frame(1, RequestStream, 0, credit(64, 1, 2, 3)...), 1)
	f.Add(append(frame(1, Payload, Next, 1, 2, 3), frame(1, RequestN, 0, credit(5)...)...), 7)
	f.Add([]byte{0, 0, 5}, 2)
	f.Add(frame(9, RequestN, 0, 0, 0, 1), 100)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		want, broken := whole(data)
		var got []Frame
		var r Reader
		var err error
		for piece := range slices.Chunk(data, 1+(size&0xff)) {
			err = r.Read(piece, func(f Frame) { got = append(got, f) })
		}
		if !slices.Equal(got, want) || (err != nil) != broken {
			t.Errorf("%+v, %v; want %+v, broken %v", got, err, want, broken)
		}
	})
}
