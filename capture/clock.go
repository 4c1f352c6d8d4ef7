package capture

import (
	"fmt"
	"math"
	"math/bits"

	"flowlab/flow"
)

const second = 1_000_000_000 // nanoseconds

// clock turns the 64-bit time stamps of a pcapng interface into nanoseconds
// since 1970 (draft-ietf-opsawg-pcapng, section 4.2: if_tsresol, if_tsoffset).
// Units below a nanosecond are rounded down.
type clock struct {
	// Most stamps count a whole number of nanoseconds from 1970: tick is that
	// number and last the last stamp in range. Other clocks have a tick of 0.
	tick, last uint64

	binary   bool  // a unit is 2^-exponent s, otherwise 10^-exponent s
	exponent uint  // 0 to 127
	offset   int64 // seconds from 1970 to the stamp 0
}

// newClock takes the resolution as an interface block has it.
func newClock(resolution byte, offset int64) clock {
	c := clock{binary: resolution&0x80 != 0, exponent: uint(resolution & 0x7f), offset: offset}
	if !c.binary && c.exponent <= 9 && offset == 0 {
		c.tick = pow10(9 - c.exponent)
		c.last = math.MaxInt64 / c.tick
	}
	return c
}

// time returns the time of a stamp.
func (c *clock) time(stamp uint64) (flow.Time, error) {
	if c.tick != 0 && stamp <= c.last {
		return flow.Time(stamp * c.tick), nil
	}
	return c.convert(stamp)
}

// convert is time for every clock. A stamp that is too late, but not long before
// 1970 in two's complement, is from a host whose clock was.
func (c *clock) convert(stamp uint64) (flow.Time, error) {
	seconds, nanos := c.split(stamp)
	t, ok := c.shift(seconds, nanos, 1)
	if !ok && stamp >= 1<<63 {
		seconds, nanos = c.split(-stamp)
		t, ok = c.shift(seconds, nanos, -1)
	}
	if !ok {
		base := 10
		if c.binary {
			base = 2
		}
		return 0, fmt.Errorf("the packet's time is not from 1901 to 2262: stamp %d in units of %d^-%d s, from %d s after 1970",
			stamp, base, c.exponent, c.offset)
	}
	return t, nil
}

// split returns how many seconds and nanoseconds that many units are.
func (c *clock) split(units uint64) (seconds, nanos uint64) {
	switch {
	case c.binary && c.exponent < 64:
		seconds = units >> c.exponent
		high, low := bits.Mul64(units-seconds<<c.exponent, second)
		return seconds, high<<(64-c.exponent) | low>>c.exponent
	case c.binary:
		high, _ := bits.Mul64(units, second)
		return 0, high >> (c.exponent - 64)
	case c.exponent <= 9:
		perSecond := pow10(c.exponent)
		return units / perSecond, units % perSecond * pow10(9-c.exponent)
	case c.exponent-9 <= 19:
		nanos = units / pow10(c.exponent-9)
		return nanos / second, nanos % second
	}
	return 0, 0
}

// shift returns the time that far after the clock's 0, or before it if sign is
// -1; and whether it is one, and not before what 32 bits of seconds can hold.
func (c *clock) shift(seconds, nanos uint64, sign int64) (flow.Time, bool) {
	const far, first, last = 1 << 62, math.MinInt32, math.MaxInt64 / second
	if seconds > far || c.offset > far || c.offset < -far {
		return 0, false
	}
	s, n := sign*int64(seconds)+c.offset, sign*int64(nanos)
	if s < first || s > last || s == last && n > math.MaxInt64%second {
		return 0, false
	}
	return flow.Time(s*second + n), true
}

// pow10 returns 10^n, for n up to 19.
func pow10(n uint) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}
