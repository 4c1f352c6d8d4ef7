package overload

import (
	"errors"
	"io"
	"time"

	"flowlab/backpressure"
)

// Link is what messages travel on, from one producer to one consumer, with signals the
// other way. Each of its methods is called by one goroutine at a time.
type Link interface {
	// Send sends a message, and waits until the link has taken it. The error is
	// [ErrStopped] if stop was closed before, and then the message was not taken;
	// [ErrGone] if there is no consumer any more; [ErrOverflow] if it has refused the
	// stream.
	Send(m backpressure.Message, stop <-chan struct{}) error
	// Waited is for how long Send has waited until the link took a message.
	Waited() time.Duration
	// End says that no message follows.
	End()
	// Receive waits for a message; the error is [io.EOF] after the last.
	Receive() (backpressure.Message, error)
	// Signal sends a signal, and Signals has those that came.
	Signal(Signal)
	Signals() <-chan Signal
	// Refuse has every further Send fail with err.
	Refuse(err error)
}

// Signal is what a consumer tells its producer; what it means is the policy's.
type Signal struct{ N, Count int64 }

// What can become of a message that is sent.
var (
	ErrStopped  = errors.New("the run is at its end")
	ErrGone     = errors.New("the consumer is gone")
	ErrOverflow = errors.New("the stream has overflowed")
)

// direct is a link within a process: the consumer takes a message from the producer's
// hand.
type direct struct {
	messages chan backpressure.Message
	signals  chan Signal
	refused  chan struct{} // closed once err is there
	err      error
	waited   time.Duration
}

// mostSignals is how many signals may be under way.
const mostSignals = 1 << 16

// Direct returns a link within this process. It holds no message itself.
func Direct() Link {
	return &direct{
		messages: make(chan backpressure.Message), signals: make(chan Signal, mostSignals), refused: make(chan struct{}),
	}
}

func (d *direct) Send(m backpressure.Message, stop <-chan struct{}) error {
	select { // what is refused is so, whoever else is ready
	case <-d.refused:
		return d.err
	case <-stop:
		return ErrStopped
	default:
	}
	begun := time.Now()
	defer func() { d.waited += time.Since(begun) }()
	select {
	case d.messages <- m:
		return nil
	case <-d.refused:
		return d.err
	case <-stop:
		return ErrStopped
	}
}

func (d *direct) Waited() time.Duration { return d.waited }

func (d *direct) End() { close(d.messages) }

func (d *direct) Receive() (backpressure.Message, error) {
	m, ok := <-d.messages
	if !ok {
		return m, io.EOF
	}
	return m, nil
}

func (d *direct) Signal(s Signal) {
	select {
	case d.signals <- s:
	default: // nobody has listened for a long time
	}
}

func (d *direct) Signals() <-chan Signal { return d.signals }

func (d *direct) Refuse(err error) {
	d.err = err
	close(d.refused)
}
