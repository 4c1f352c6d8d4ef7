package lab

import (
	"time"

	"golang.org/x/sys/unix"
)

// nap sleeps for a short time, to within some 60 µs. The runtime's own timers
// may be more than a millisecond late, in which a fast path carries a hundred
// packets: they would arrive in lumps.
func nap(d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	// An interrupted nap is no harm: whoever naps looks at the clock next.
	_ = unix.Nanosleep(&t, nil)
}
