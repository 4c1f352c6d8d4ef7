package backpressure

import "fmt"

// Account is where the messages of one run are, or have gone. Counts are of messages.
type Account struct {
	Scheduled int64 // were due, by the producer's schedule
	Withheld  int64 // of these, were not offered: the producer was held
	Offered   int64 // were given to the transport, or to the queue

	Delivered int64 // were processed to their end
	Dropped   int64 // a queue had no room for them, or made room with them
	Shed      int64 // were refused, and their sender was told so
	Expired   int64 // waited longer than they might
	Failed    int64 // the sender got an error: the stream had overflowed
	Queued    int64 // were offered, and not yet ended: in a queue, on their way, or being processed
	Lost      int64 // were held by a process that died
}

// Balance returns an error that names the equation of the package that does not hold, with
// its numbers; nil if both hold.
func (a *Account) Balance() error {
	if a.Scheduled != a.Offered+a.Withheld {
		return fmt.Errorf("scheduled %d is not offered %d + withheld %d", a.Scheduled, a.Offered, a.Withheld)
	}
	if a.Offered != a.Delivered+a.Dropped+a.Shed+a.Expired+a.Failed+a.Queued+a.Lost {
		return fmt.Errorf("offered %d is not delivered %d + dropped %d + shed %d + expired %d + failed %d + queued %d + lost %d",
			a.Offered, a.Delivered, a.Dropped, a.Shed, a.Expired, a.Failed, a.Queued, a.Lost)
	}
	return nil
}
