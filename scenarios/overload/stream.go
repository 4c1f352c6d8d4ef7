package overload

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"

	"flowlab/backpressure"
	"flowlab/flow"
)

// stream is a link over two streams of bytes, one for messages and one for signals.
type stream struct {
	out     io.WriteCloser // the producer's; Close says that no message follows
	in      *bufio.Reader  // the consumer's
	back    io.Writer      // the consumer's, for signals
	frame   []byte         // of the message that is sent
	waited  time.Duration
	signals chan Signal

	mu      sync.Mutex
	refused error
}

// Stream returns a link whose messages go into out and come out of in, and whose signals
// go into back and come out of ahead. It reads ahead until that ends.
func Stream(out io.WriteCloser, in io.Reader, back io.Writer, ahead io.Reader) Link {
	s := &stream{out: out, in: bufio.NewReader(in), back: back, signals: make(chan Signal, mostSignals)}
	go s.listen(ahead)
	return s
}

// A message is written as the length of its body, its number, the time it was due and its
// priority, and the body; a signal as its two numbers. All are in network byte order.
const (
	messageHead = 4 + 8 + 8 + 1
	signalSize  = 8 + 8
)

func (s *stream) Send(m backpressure.Message, stop <-chan struct{}) error {
	select {
	case <-stop:
		return ErrStopped
	default:
	}
	if err := s.refusal(); err != nil {
		return err
	}
	b := binary.BigEndian.AppendUint32(s.frame[:0], uint32(len(m.Body)))
	b = binary.BigEndian.AppendUint64(b, uint64(m.Number))
	b = binary.BigEndian.AppendUint64(b, uint64(m.Scheduled))
	b = append(b, byte(m.Priority))
	s.frame = append(b, m.Body...)
	begun := time.Now()
	_, err := s.out.Write(s.frame)
	if took := time.Since(begun); took > moment {
		s.waited += took
	}
	if err != nil {
		return errors.Join(ErrGone, err)
	}
	return nil
}

// moment is what a write takes that waits for nothing, and more.
const moment = 100 * time.Microsecond

// Waited is what the stream says itself, if it knows, and else the time of writes that took
// longer than a moment: that one takes a moment holds nobody.
func (s *stream) Waited() time.Duration {
	if out, knows := s.out.(interface{ Blocked() time.Duration }); knows {
		return out.Blocked()
	}
	return s.waited
}

func (s *stream) End() { _ = s.out.Close() } // what is lost by that is missing in the account

func (s *stream) Receive() (m backpressure.Message, err error) {
	var head [messageHead]byte
	if _, err := io.ReadFull(s.in, head[:]); err != nil {
		return m, err
	}
	m.Number = int64(binary.BigEndian.Uint64(head[4:]))
	m.Scheduled = flow.Time(binary.BigEndian.Uint64(head[12:]))
	m.Priority = backpressure.Priority(head[20])
	m.Body = make([]byte, binary.BigEndian.Uint32(head[:]))
	_, err = io.ReadFull(s.in, m.Body)
	return m, err
}

func (s *stream) Signal(n Signal) {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, signalSize), uint64(n.N))
	_, _ = s.back.Write(binary.BigEndian.AppendUint64(b, uint64(n.Count))) // a producer that is gone needs none
}

func (s *stream) Signals() <-chan Signal { return s.signals }

// listen reads signals until they end.
func (s *stream) listen(ahead io.Reader) {
	var b [signalSize]byte
	for {
		if _, err := io.ReadFull(ahead, b[:]); err != nil {
			return
		}
		s.signals <- Signal{N: int64(binary.BigEndian.Uint64(b[:])), Count: int64(binary.BigEndian.Uint64(b[8:]))}
	}
}

func (s *stream) Refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = err
}

func (s *stream) refusal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}
