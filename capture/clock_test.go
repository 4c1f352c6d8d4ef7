package capture

import (
	"math"
	"strings"
	"testing"

	"flowlab/flow"
)

func TestClock(t *testing.T) {
	const binary, maxStamp = 0x80, math.MaxUint64
	for _, c := range []struct {
		name       string
		resolution byte
		offset     int64
		stamp      uint64
		want       flow.Time
		err        string // part of it
	}{
		{"seconds", 0, 0, 3, 3e9, ""},
		{"milliseconds", 3, 0, 3001, 3_001_000_000, ""},
		{"microseconds", 6, 0, 1_700_000_000_000_001, 1_700_000_000_000_001_000, ""},
		{"nanoseconds", 9, 0, 1_700_000_000_000_000_001, 1_700_000_000_000_000_001, ""},
		{"picoseconds are rounded down", 12, 0, 3999, 3, ""},
		{"attoseconds, the most of them", 18, 0, maxStamp, 18_446_744_073, ""},
		{"10^-28 s", 28, 0, maxStamp, 1, ""},
		{"10^-127 s", 127, 0, maxStamp, 0, ""},
		{"halves", binary | 1, 0, 3, 1_500_000_000, ""},
		{"2^0", binary, 0, 3, 3e9, ""},
		{"2^-10 s", binary | 10, 0, 1024*7 + 512, 7_500_000_000, ""},
		{"2^-32 s as NTP has it", binary | 32, 0, 1_700_000_000<<32 | 1<<31, 1_700_000_000_500_000_000, ""},
		{"2^-63 s", binary | 63, 0, 1<<63 | 1<<62, 1_500_000_000, ""},
		{"2^-64 s", binary | 64, 0, 1 << 63, 500_000_000, ""},
		{"2^-93 s", binary | 93, 0, maxStamp, 1, ""},
		{"2^-127 s", binary | 127, 0, maxStamp, 0, ""},
		{"offset after 1970", 6, 1_700_000_000, 1, 1_700_000_000_000_001_000, ""},
		{"offset before 1970", 9, -1, 1_000_000_001, 1, ""},
		{"offset with a binary unit", binary | 1, 10, 1, 10_500_000_000, ""},
		{"the last nanosecond", 9, 0, math.MaxInt64, math.MaxInt64, ""},
		{"the last nanosecond, with an offset", 9, 1, math.MaxInt64 - 1e9, math.MaxInt64, ""},
		{"a nanosecond too late, with an offset", 9, 1, math.MaxInt64 - 1e9 + 1, 0, "stamp 9223372035854775808 in units of 10^-9 s, from 1 s after 1970"},
		{"seconds that would wrap", 0, 0, 1 << 55, 0, "stamp 36028797018963968 in units of 10^-0 s"},
		{"microseconds too late", 6, 0, math.MaxInt64, 0, "stamp 9223372036854775807"},
		{"binary units that would wrap", binary, 0, math.MaxInt64, 0, "stamp 9223372036854775807 in units of 2^-0 s"},
		{"an offset that would wrap", 0, math.MaxInt64, math.MaxInt64, 0, "from 9223372036854775807 s after 1970"},
		{"the earliest offset", 6, math.MinInt64, 0, 0, "from -9223372036854775808 s after 1970"},
		{"offset to before 1970", 6, -3, 1_000_000, -2e9, ""},
		{"two's complement, as a host without a clock wrote it", 6, 0, 0xffffffffe1dfd279, -505_425_287_000, ""},
		{"two's complement of nanoseconds", 9, 0, maxStamp, -1, ""},
		{"two's complement of a binary unit", binary | 1, 0, maxStamp, -500_000_000, ""},
		{"the first second of 32 bits", 0, 0, 1<<64 - 1<<31, -(1 << 31) * 1e9, ""},
		{"a second earlier", 0, 0, 1<<64 - 1<<31 - 1, 0, "stamp 18446744071562067967"},
		{"two's complement before 1901", 9, 0, 1 << 63, 0, "stamp 9223372036854775808"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := newClock(c.resolution, c.offset)
			got, err := clock.time(c.stamp)
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if got != c.want {
				t.Errorf("time %d, want %d", got, c.want)
			}
			// The short way and the long one agree.
			if long, err := clock.convert(c.stamp); long != got || (err != nil) != (c.err != "") {
				t.Errorf("converted to %d (%v), want %d", long, err, got)
			}
		})
	}
}
