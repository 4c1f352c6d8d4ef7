package scenarios

import (
	"testing"
	"time"
)

func TestBytes(t *testing.T) {
	for _, c := range []struct {
		text, want string
	}{
		{"0", "0"},
		{"100", "100B"},
		{"1500B", "1500B"},
		{"1024", "1KiB"},
		{"64KiB", "64KiB"},
		{"65536B", "64KiB"},
		{"64 KiB", "64KiB"},
		{"0.5MiB", "512KiB"},
		{"2000kB", "2MB"},
		{"1024000", "1000KiB"},
		{"unlimited", "unlimited"},
		{"9223372036854775806", "9223372036854775806B"},
	} {
		t.Run(c.text, func(t *testing.T) {
			got, err := orUnlimited(bytesUnit).read(c.text)
			if err != nil || got.String() != c.want {
				t.Errorf("read %q: %v, %v; want %s", c.text, got, err, c.want)
			}
		})
	}
}

func TestUnitErrors(t *testing.T) {
	read := func(text string) error { _, err := bytesUnit.read(text); return err }
	bitRate := func(text string) error { _, err := orUnlimited(bitRateUnit).read(text); return err }
	percent := func(text string) error { _, err := percentUnit.read(text); return err }
	duration := func(text string) error { _, err := durationUnit.read(text); return err }
	for _, c := range []struct {
		name string
		read func(string) error
		text string
		want string
	}{
		{"negative", read, "-1B", `"-1B" is negative`},
		{"overflow by one", read, "9223372036854775807", `"9223372036854775807" is too large`},
		{"overflow by its unit", read, "9000000000GiB", `"9000000000GiB" is too large`},
		{"part of a byte", read, "1.0001KiB", `"1.0001KiB" is not a whole number of B`},
		{"exponent", read, "1e3", `"1e3" has an unknown unit, "e3"`},
		{"small letters", read, "64kib", `"64kib" has an unknown unit, "kib"`},
		{"two points", read, "1.2.3B", `"1.2.3B" is not a number with its unit`},
		{"unit only", read, "KiB", `"KiB" is not a number with its unit`},
		{"not a limit", read, "unlimited", `"unlimited" is not a number with its unit`},
		{"rate without unit", bitRate, "50", `"50" has no unit`},
		{"Mbps", bitRate, "50Mbps", `"50Mbps" has an unknown unit, "Mbps"`},
		{"bytes for bits", bitRate, "50MB/s", `"50MB/s" has an unknown unit, "MB/s"`},
		{"share without sign", percent, "1", `"1" has no unit`},
		{"negative share", percent, "-1%", `"-1%" is negative`},
		{"not a number", percent, "NaN%", `"NaN%" is not a percentage`},
		{"duration without unit", duration, "20", `"20" is not a duration`},
		{"negative duration", duration, "-20ms", `"-20ms" is negative`},
		{"too long a duration", duration, "300000000h", `"300000000h" is not a duration`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.read(c.text)
			if err == nil || err.Error() != c.want {
				t.Errorf("read %q: %v; want %s", c.text, err, c.want)
			}
		})
	}
}

func TestUnlimitedComparesGreatest(t *testing.T) {
	if most := BitRate(Unlimited - 1); most >= Unlimited {
		t.Errorf("%d is not below Unlimited", most)
	}
}

// FuzzUnits holds every value that is read against the one that is read from
// how it is written.
func FuzzUnits(f *testing.F) {
	for _, seed := range []string{
		"0", "100", "64KiB", "1.5MB", "50Mbit/s", "0.5%", "33.3%", "2MB/s", "20ms", "1m30s", "unlimited", "-1", "1e9B",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		roundTrip(t, orUnlimited(bytesUnit), text)
		roundTrip(t, orUnlimited(bitRateUnit), text)
		roundTrip(t, orUnlimited(byteRateUnit), text)
		roundTrip(t, percentUnit, text)
		roundTrip(t, durationUnit, text)
	})
}

func roundTrip[T interface {
	Bytes | BitRate | ByteRate | Percent | time.Duration
	String() string
}](t *testing.T, u unit[T], text string) {
	v, err := u.read(text)
	if err != nil {
		return
	}
	if v < 0 {
		t.Errorf("%T: %q is read as %v, below 0", v, text, v)
	}
	again, err := u.read(v.String())
	if err != nil || again != v || again.String() != v.String() {
		t.Errorf("%T: %q is read as %v, and that as %v, %v", v, text, v, again, err)
	}
}
