package tui

import (
	"math"
	"strconv"
	"time"
)

// bytesText writes an amount of data with three digits, in powers of 1024 as
// windows and buffers are sized: "128 KiB".
func bytesText(n int64) string {
	return amount(float64(n), 1024, []string{" B", " KiB", " MiB", " GiB", " TiB"})
}

// rateText writes bytes a second with three digits, in powers of 1000 as rates
// are: "6.25 MB/s".
func rateText(bytes float64) string {
	return amount(bytes, 1000, []string{" B/s", " kB/s", " MB/s", " GB/s", " TB/s"})
}

// amount writes v with three digits and the greatest unit that leaves a whole
// part.
func amount(v, step float64, units []string) string {
	unit := 0
	for v >= step && unit < len(units)-1 {
		v /= step
		unit++
	}
	digits := 2
	switch {
	case unit == 0 || v >= 99.95:
		digits = 0
	case v >= 9.995:
		digits = 1
	}
	scale := math.Pow10(digits)
	return strconv.FormatFloat(math.Round(v*scale)/scale, 'f', -1, 64) + units[unit]
}

// secondsText writes a time with so many decimals: "2.2 s".
func secondsText(d time.Duration, decimals int) string {
	return strconv.FormatFloat(d.Seconds(), 'f', decimals, 64) + " s"
}

// rttText writes a round-trip time in milliseconds: "20 ms".
func rttText(d time.Duration) string {
	ms := d.Seconds() * 1000
	decimals := 0
	if ms < 9.95 {
		decimals = 1
	}
	return strconv.FormatFloat(ms, 'f', decimals, 64) + " ms"
}

// shareText writes a share from 0 to 1 in whole percent: "48 %".
func shareText(share float64) string {
	return strconv.Itoa(int(math.Round(100*share))) + " %"
}
