package backpressure

// Log is what a producer appends to and a consumer fetches from, as a partition of Kafka:
// the producer is never held, and what is not yet fetched is the consumer's lag. A log
// keeps only so many messages; older ones are gone, fetched or not.
type Log struct {
	queue  Queue
	offset int64 // of the next message to be fetched
	end    int64 // of the next message to be appended
}

// NewLog returns a log that keeps at most so many messages that were not fetched; 0 keeps
// all.
func NewLog(keep int) *Log { return &Log{queue: *NewQueue(keep, DropOldest)} }

// Append appends a message. It is false if another, not fetched, is gone for it.
func (l *Log) Append(m Message) bool {
	l.end++
	if l.queue.Offer(m, m.Arrived) == Replaced {
		l.offset++
		return false
	}
	return true
}

// Fetch returns the next message. It is false if there is none.
func (l *Log) Fetch() (Message, bool) {
	m, ok := l.queue.Take()
	if ok {
		l.offset++
	}
	return m, ok
}

// Lag is how many messages were appended and not fetched, nor are gone.
func (l *Log) Lag() int64 { return l.end - l.offset }
