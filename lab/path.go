package lab

import (
	"fmt"
	"time"
)

// Path is what a port's outgoing packets go through. The zero value is a
// perfect line: no delay, no limit, no loss.
type Path struct {
	// Delay is how long a packet travels after its last bit was sent, one way.
	Delay time.Duration
	// Rate is how many bits a second, counted from the IP header on, can be
	// sent; 0 is unlimited.
	Rate int64
	// Queue is how many bytes may wait to be sent at Rate, those of the packet
	// that is being sent included; 0 is unlimited. A packet that finds the
	// line idle is always taken. Without a Rate nothing ever waits.
	Queue int
	// Loss is the probability, from 0 to 1, with which a packet is lost.
	Loss float64
}

// Validate returns an error that names the first value out of its range.
func (p Path) Validate() error {
	switch {
	case p.Delay < 0:
		return fmt.Errorf("delay %v is negative", p.Delay)
	case p.Rate < 0:
		return fmt.Errorf("rate %d bit/s is negative", p.Rate)
	case p.Queue < 0:
		return fmt.Errorf("queue of %d bytes is negative", p.Queue)
	case !(p.Loss >= 0 && p.Loss <= 1): // so that NaN is refused too
		return fmt.Errorf("loss %v is not between 0 and 1", p.Loss)
	}
	return nil
}

// transmission is how long size bytes take to be sent.
func (p Path) transmission(size int) time.Duration {
	if p.Rate == 0 {
		return 0
	}
	return time.Duration(float64(size) * 8 / float64(p.Rate) * float64(time.Second))
}
