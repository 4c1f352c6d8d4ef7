package overload

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"flowlab/backpressure"
)

// TestPipe: a write waits for room and for nothing else; what is held is read to its end;
// and who reads no more has writes fail.
func TestPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipe()
		piece := bytes.Repeat([]byte("x"), pipeRoom/4)
		var written int
		write := func(n int) (err error) {
			for range n {
				w, e := p.Write(piece)
				written, err = written+w, errors.Join(err, e)
			}
			return err
		}
		time.Sleep(time.Second) // nobody reads, and that holds nobody
		if err := write(4); err != nil || p.Blocked() != 0 {
			t.Errorf("%v, blocked for %v with room", err, p.Blocked())
		}
		read := make(chan int)
		go func() {
			time.Sleep(time.Second)
			all, err := io.ReadAll(pipeReader{p})
			if err != nil {
				t.Error(err)
			}
			read <- len(all)
		}()
		if err := write(1); err != nil || p.Blocked() != time.Second {
			t.Errorf("%v, blocked for %v without room, want 1 s", err, p.Blocked())
		}
		_ = p.Close()
		if n := <-read; n != written || n != 5*len(piece) {
			t.Errorf("%d bytes were read of %d that were written", n, written)
		}
		if err := write(1); err == nil {
			t.Error("one can write to what is closed")
		}

		p = newPipe()
		_ = write(4)
		go func() {
			time.Sleep(time.Second)
			_ = pipeReader{p}.Close()
		}()
		if err := write(1); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%v, want that nobody reads any more", err)
		}
	})
}

// slowly takes its time for each write.
type slowly time.Duration

func (s slowly) Write(b []byte) (int, error) { time.Sleep(time.Duration(s)); return len(b), nil }
func (s slowly) Close() error                { return nil }

// TestMoment: that a write takes a moment holds nobody.
func TestMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for each, want := range map[time.Duration]time.Duration{50 * time.Microsecond: 0, time.Millisecond: 20 * time.Millisecond} {
			s := Stream(slowly(each), strings.NewReader(""), io.Discard, strings.NewReader(""))
			for range 20 {
				if err := s.Send(backpressure.Message{}, nil); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.Waited(); got != want {
				t.Errorf("waited for %v in twenty writes of %v, want %v", got, each, want)
			}
		}
	})
}

// TestWaitedOverHTTP2: a sender waits for nobody while there is room, however long its
// messages are under way, and for whoever does not read once there is none.
func TestWaitedOverHTTP2(t *testing.T) {
	w, err := NewWire(t.Context(), "producer", "consumer")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	link, end, err := w.HTTP2(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	if _, knows := link.(*stream).out.(interface{ Blocked() time.Duration }); !knows {
		t.Error("what a write takes is counted, and not what it waits for")
	}
	body := make([]byte, 1<<10)
	send := func(n int) {
		for range n {
			if err := link.Send(backpressure.Message{Body: body}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	const within, beyond, pause = 50, 3000, time.Second
	if send(within); link.Waited() != 0 {
		t.Errorf("waited for %v with room", link.Waited())
	}
	go func() {
		time.Sleep(pause)
		for err := error(nil); err == nil; _, err = link.Receive() {
		}
	}()
	if send(beyond); link.Waited() < pause/4 {
		t.Errorf("waited for %v, though nobody read for %v", link.Waited(), pause)
	}
	link.End()
}
