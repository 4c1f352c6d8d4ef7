package peer

import (
	"bytes"
	"io"
	"testing"

	"golang.org/x/net/http2"
)

// streamsOf is SETTINGS with a window for each stream.
func streamsOf(window uint32) Config {
	return Config{Settings: []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: window}}}
}

// forward passes a request on, and its answer back.
func forward(t testing.TB, s *Stream, up *Conn, room int64) error {
	out, err := up.Open(Request{Method: "POST", Path: "/", Authority: "a", Keep: true})
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		err := s.Pass(t.Context(), out, room)
		if err == nil {
			err = out.End()
		}
		sent <- err
	}()
	if err := out.Pass(t.Context(), s, room); err != nil {
		return err
	}
	if err := s.End(); err != nil {
		return err
	}
	return <-sent
}

// What is passed arrives as it was sent, both ways, whatever the windows, the room and
// the frames.
func TestPass(t *testing.T) {
	const size = 201 * 1005
	for name, n := range networks {
		for _, room := range []int64{100, 5000, 1 << 20} {
			up, _ := pair(t, n, Config{Knobs: Knobs{DataSize: 700}}, streamsOf(5000), Echo)
			passed := make(chan error, 1)
			down, _ := pair(t, n, Config{}, Config{}, func(s *Stream) {
				s.KeepForPass()
				go func() { passed <- forward(t, s, up.Conn, room) }()
			})
			s, err := down.Open(Request{Method: "POST", Path: "/", Authority: "a", Keep: true, Body: Source{Bytes: size, Message: 1000, End: true}})
			if err != nil {
				t.Fatal(err)
			}
			got, err := all(s)
			if err != nil {
				t.Fatalf("%s, room %d: %v", name, room, err)
			}
			w := writer{}
			w.add(Source{Bytes: size, Message: 1000})
			if err := <-passed; err != nil || !bytes.Equal(got, w.next(size)) {
				t.Errorf("%s, room %d: %d bytes came back of %d, or not as they were; error %v", name, room, len(got), size, err)
			}
		}
	}
}

// all reads a stream that is kept to its end.
func all(s *Stream) (data []byte, err error) {
	for {
		piece, err := s.pull(1 << 20)
		switch {
		case err == io.EOF:
			return data, nil
		case err != nil:
			return data, err
		case len(piece) == 0:
			<-s.came
		}
		data = append(data, piece...)
	}
}

// Where nothing is taken, a room is filled and no more is read.
func TestPassHoldsItsRoom(t *testing.T) {
	up, _ := pair(t, loopback, Config{}, streamsOf(0), NeverRead)
	down, server := pair(t, loopback, Config{}, Config{}, func(s *Stream) {
		s.KeepForPass()
		go forward(t, s, up.Conn, 30_000)
	})
	if _, err := down.Open(Request{Method: "POST", Path: "/", Authority: "a", Body: Source{Bytes: Endless}}); err != nil {
		t.Fatal(err)
	}
	server.until(t, "the room is full, and the window", func(a Account) bool {
		return a.Read == 30_000 && a.Receive.Conn.Size < 65_535/4
	})
	quiet(t, down, server)
	if a := server.Account(); a.Read != 30_000 {
		t.Errorf("%d bytes were read, want 30,000", a.Read)
	}
}

// That one of two streams is reset ends the passing, with the reason.
func TestPassEndsWithAReset(t *testing.T) {
	up, _ := pair(t, loopback, Config{}, Config{}, func(s *Stream) { s.Reset(http2.ErrCodeInternal) })
	passed := make(chan error, 1)
	down, _ := pair(t, loopback, Config{}, Config{}, func(s *Stream) {
		s.KeepForPass()
		go func() { passed <- forward(t, s, up.Conn, 1000) }()
	})
	if _, err := down.Open(Request{Method: "POST", Path: "/", Authority: "a", Body: Source{Bytes: Endless}}); err != nil {
		t.Fatal(err)
	}
	if err := <-passed; err == nil {
		t.Error("no error")
	}
}
