package peers

import (
	"sync"
	"time"
)

// Total is the account of all calls of a client, or of a server.
type Total struct {
	Written, Read int64 // bytes of content; gRPC's prefixes of messages are not counted
	// Waited is for how long the library kept at least one of the applications waiting
	// that wanted to send: in a write, or for a stream to be opened. What is under way is
	// included.
	Waited  time.Duration
	Waiting time.Duration // for how long it does so now; 0 if it does not
}

// total keeps a Total. One application or more may wait at a time.
type total struct {
	mu            sync.Mutex
	written, read int64
	waiting       int // applications
	since         time.Time
	waited        time.Duration
}

// begin notes that one more application waits.
func (t *total) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting == 0 {
		t.since = time.Now()
	}
	t.waiting++
}

// end notes that one of them does not any more.
func (t *total) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting--
	if t.waiting == 0 {
		t.waited += time.Since(t.since)
	}
}

func (t *total) moved(written, read int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.written += int64(written)
	t.read += int64(read)
}

func (t *total) account() Total {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := Total{Written: t.written, Read: t.read, Waited: t.waited}
	if t.waiting > 0 {
		a.Waiting = time.Since(t.since)
		a.Waited += a.Waiting
	}
	return a
}
