package overload

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latency is how long messages took from when they were due until they were processed.
type Latency struct{ P50, P99, Max time.Duration }

// latencies counts how long messages took, from a microsecond up to an hour, to three
// digits.
type latencies struct{ histogram *hdrhistogram.Histogram }

const (
	leastLatency = 1 // microseconds
	mostLatency  = int64(time.Hour / time.Microsecond)
	digits       = 3
)

func newLatencies() latencies {
	return latencies{hdrhistogram.New(leastLatency, mostLatency, digits)}
}

func (l latencies) add(d time.Duration) {
	_ = l.histogram.RecordValue(max(leastLatency, min(int64(d/time.Microsecond), mostLatency))) // within its range
}

// sum is what they come to.
func (l latencies) sum() Latency {
	of := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	return Latency{P50: of(l.histogram.ValueAtQuantile(50)), P99: of(l.histogram.ValueAtQuantile(99)), Max: of(l.histogram.Max())}
}
