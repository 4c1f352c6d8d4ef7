package flow

import "time"

// Time is an instant: nanoseconds since the Unix epoch. Ledgers are told the
// time of each fact and never ask for it, so a file replays exactly as it was
// recorded.
type Time int64

// FromTime returns t as nanoseconds since the Unix epoch.
func FromTime(t time.Time) Time { return Time(t.UnixNano()) }

// Sub returns the time that passed from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Add returns the instant d after t.
func (t Time) Add(d time.Duration) Time { return t + Time(d) }

// Interval is the time from Start up to, and without, End.
type Interval struct {
	Start, End Time
}

// Length is how long the interval lasts; it is negative if End is before Start.
func (i Interval) Length() time.Duration { return i.End.Sub(i.Start) }

// Clip returns the part of i that lies within o; its length is zero or less
// where they do not overlap.
func (i Interval) Clip(o Interval) Interval {
	return Interval{Start: max(i.Start, o.Start), End: min(i.End, o.End)}
}
