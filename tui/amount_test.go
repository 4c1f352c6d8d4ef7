package tui

import (
	"testing"
	"time"
)

func TestBytesText(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1: "1 B", 1023: "1023 B", 1024: "1 KiB", 1460: "1.43 KiB", 10_235: "10 KiB", 65_535: "64 KiB",
		128 << 10: "128 KiB", 1023 << 10: "1023 KiB", 1 << 20: "1 MiB", 5 << 18: "1.25 MiB", 256 << 20: "256 MiB",
		1 << 50: "1024 TiB",
	} {
		if got := bytesText(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestRateText(t *testing.T) {
	for r, want := range map[float64]string{
		0: "0 B/s", 0.4: "0 B/s", 999: "999 B/s", 1000: "1 kB/s", 100e3: "100 kB/s", 999.9e3: "1000 kB/s",
		6.25e6: "6.25 MB/s", 12.34e6: "12.3 MB/s", 1.25e9: "1.25 GB/s",
	} {
		if got := rateText(r); got != want {
			t.Errorf("%g is %q, want %q", r, got, want)
		}
	}
}

func TestRTTText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0 ms", 300 * time.Microsecond: "0.3 ms", 9990 * time.Microsecond: "10 ms",
		20 * time.Millisecond: "20 ms", 1200 * time.Millisecond: "1200 ms",
	} {
		if got := rttText(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestScaleTop(t *testing.T) {
	for most, want := range map[int64]int64{
		1: 1 << 10, 128 << 10: 128 << 10, 128<<10 + 1: 192 << 10, 200 << 10: 256 << 10, 256 << 20: 256 << 20,
	} {
		if got := scaleTop(nil, most); got != want {
			t.Errorf("the scale for %d ends at %d, want %d", most, got, want)
		}
	}
}
