package report

import (
	"fmt"
	"strconv"
	"time"

	"flowlab/flow"
)

func seconds(d time.Duration) string { return fixed(d, 2) + " s" }

// fixed writes seconds with so many decimals. What rounds to zero has no sign.
func fixed(d time.Duration, digits int) string {
	text := strconv.FormatFloat(d.Seconds(), 'f', digits, 64)
	if zero := strconv.FormatFloat(0, 'f', digits, 64); text == "-"+zero {
		return zero
	}
	return text
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Round(100*time.Microsecond))/1e6, 'f', -1, 64) + " ms"
}

func decimals(d time.Duration) string { return fixed(d, 3) }

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// size writes a number of bytes whole: windows differ in their last digits.
func size(bytes int64) string {
	if bytes == 1 {
		return "1 byte"
	}
	return flow.Grouped(bytes) + " bytes"
}

// byteRate writes a rate with three digits: 1.41 MB/s, 23.5 kB/s, 655 kB/s.
func byteRate(rate float64) string {
	units := []string{"B/s", "kB/s", "MB/s", "GB/s"}
	for len(units) > 1 && rate >= 999.5 {
		rate, units = rate/1000, units[1:]
	}
	digits := 0
	switch {
	case rate < 9.995:
		digits = 2
	case rate < 99.95:
		digits = 1
	}
	return strconv.FormatFloat(rate, 'f', digits, 64) + " " + units[0]
}
