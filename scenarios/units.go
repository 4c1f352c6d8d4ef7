package scenarios

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Bytes is an amount of data.
type Bytes int64

// BitRate is the rate of a network, in bits a second.
type BitRate int64

// ByteRate is the rate of an application, in bytes a second.
type ByteRate int64

// Count is a number of things.
type Count int64

// Percent is a share: 1 is one in a hundred.
type Percent float64

// Unlimited is the amount or rate of what has no limit. It is greater than
// every other, so it compares as one expects.
const Unlimited = math.MaxInt64

// scale is one unit of a quantity.
type scale struct {
	name   string
	factor int64
}

var (
	byteScales = []scale{
		{"B", 1}, {"kB", 1e3}, {"KiB", 1 << 10}, {"MB", 1e6}, {"MiB", 1 << 20}, {"GB", 1e9}, {"GiB", 1 << 30},
	}
	byteRateScales = []scale{
		{"B/s", 1}, {"kB/s", 1e3}, {"KiB/s", 1 << 10}, {"MB/s", 1e6}, {"MiB/s", 1 << 20}, {"GB/s", 1e9}, {"GiB/s", 1 << 30},
	}
	bitRateScales = []scale{{"bit/s", 1}, {"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9}}
)

// String writes the amount exactly, in the unit that makes its number
// smallest: 64KiB, 2MB, 1500B. None is 0.
func (b Bytes) String() string { return inScale(int64(b), byteScales) }

// String writes the rate exactly, in the unit that makes its number smallest.
func (r BitRate) String() string { return inScale(int64(r), bitRateScales) }

// String writes the rate exactly, in the unit that makes its number smallest.
func (r ByteRate) String() string { return inScale(int64(r), byteRateScales) }

// String writes the number.
func (c Count) String() string { return inScale(int64(c), []scale{{"", 1}}) }

// String writes the share with as many decimals as it has: 2%, 0.5%.
func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }

func inScale(n int64, scales []scale) string {
	switch n {
	case 0:
		return "0"
	case Unlimited:
		return "unlimited"
	}
	best := scales[0]
	for _, s := range scales {
		if n%s.factor == 0 && s.factor > best.factor {
			best = s
		}
	}
	return strconv.FormatInt(n/best.factor, 10) + best.name
}

// inTenths writes a quantity exactly, in the largest unit in which it has one decimal at most.
func inTenths(n int64, scales []scale) string {
	best := scales[0]
	for _, s := range scales {
		if s.factor > best.factor && 10*n%s.factor == 0 && n >= s.factor {
			best = s
		}
	}
	if n%best.factor == 0 {
		return inScale(n, scales)
	}
	return strconv.FormatFloat(float64(n)/float64(best.factor), 'f', 1, 64) + best.name
}

// A unit is how values of one type are written.
type unit[T any] struct {
	accepts string // what can be written, with an example
	parse   func(text string) (T, error)
}

var (
	bytesUnit = unit[Bytes]{
		accepts: "a number with B, kB, KiB, MB, MiB, GB or GiB, such as 64KiB",
		parse: func(text string) (Bytes, error) {
			// A number alone can only mean bytes.
			if _, name, ok := splitNumber(text); ok && name == "" {
				text += "B"
			}
			n, err := parseScaled(text, byteScales)
			return Bytes(n), err
		},
	}
	bitRateUnit = unit[BitRate]{
		accepts: "a number with bit/s, kbit/s, Mbit/s or Gbit/s, such as 50Mbit/s",
		parse: func(text string) (BitRate, error) {
			n, err := parseScaled(text, bitRateScales)
			return BitRate(n), err
		},
	}
	byteRateUnit = unit[ByteRate]{
		accepts: "a number with B/s, kB/s, KiB/s, MB/s, MiB/s, GB/s or GiB/s, such as 2MB/s",
		parse: func(text string) (ByteRate, error) {
			n, err := parseScaled(text, byteRateScales)
			return ByteRate(n), err
		},
	}
	countUnit = unit[Count]{
		accepts: "a whole number, such as 100",
		parse: func(text string) (Count, error) {
			n, err := strconv.ParseUint(text, 10, 62)
			if err != nil {
				return 0, errors.New("is not a whole number")
			}
			return Count(n), nil
		},
	}
	percentUnit = unit[Percent]{
		accepts: "a number with %, such as 2%",
		parse:   parsePercent,
	}
	durationUnit = unit[time.Duration]{
		accepts: "a number with ns, us, ms, s, m or h, such as 20ms",
		parse:   parseDuration,
	}
)

// ParseBytes reads a number of bytes, written as in a scenario file. The error is
// a [Mistake].
func ParseBytes(text string) (Bytes, error) { return bytesUnit.read(text) }

// orUnlimited is the unit with the word "unlimited" added.
func orUnlimited[T ~int64](u unit[T]) unit[T] {
	return unit[T]{
		accepts: u.accepts + `, or "unlimited"`,
		parse: func(text string) (T, error) {
			if text == "unlimited" {
				return Unlimited, nil
			}
			return u.parse(text)
		},
	}
}

// read parses the text; its error is a Mistake that tells what is accepted.
func (u unit[T]) read(text string) (T, error) {
	v, err := u.parse(text)
	if err != nil {
		return v, mistake("write "+u.accepts, "%s %v", quote(text), err)
	}
	return v, nil
}

// splitNumber cuts a plain decimal number from what follows it; one space may
// stand between. No sign, no exponent: those are never meant here.
func splitNumber(text string) (number, rest string, ok bool) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		end = len(text)
	}
	number, rest = text[:end], strings.TrimPrefix(text[end:], " ")
	whole, fraction, dot := strings.Cut(number, ".")
	if whole == "" || strings.Contains(fraction, ".") || dot && fraction == "" {
		return "", "", false
	}
	return number, rest, true
}

func parseScaled(text string, scales []scale) (int64, error) {
	if strings.HasPrefix(text, "-") {
		return 0, errors.New("is negative")
	}
	number, name, ok := splitNumber(text)
	if !ok {
		return 0, errors.New("is not a number with its unit")
	}
	// A plain decimal is always a Rat.
	value, _ := new(big.Rat).SetString(number)
	if value.Sign() == 0 && name == "" {
		return 0, nil
	}
	for _, s := range scales {
		if s.name != name {
			continue
		}
		value.Mul(value, new(big.Rat).SetInt64(s.factor))
		if !value.IsInt() {
			return 0, fmt.Errorf("is not a whole number of %s", scales[0].name)
		}
		if n := value.Num(); n.IsInt64() && n.Int64() < Unlimited {
			return n.Int64(), nil
		}
		return 0, errors.New("is too large")
	}
	if name == "" {
		return 0, errors.New("has no unit")
	}
	return 0, fmt.Errorf("has an unknown unit, %s", quote(name))
}

func parsePercent(text string) (Percent, error) {
	if strings.HasPrefix(text, "-") {
		return 0, errors.New("is negative")
	}
	number, name, ok := splitNumber(text)
	if !ok || name != "%" && name != "" {
		return 0, errors.New("is not a percentage")
	}
	p, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil: // the number is well formed, so it is out of range
		return 0, errors.New("is too large")
	case name == "" && p != 0:
		return 0, errors.New("has no unit")
	}
	return Percent(p), nil
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, errors.New("is not a duration")
	case d < 0:
		return 0, errors.New("is negative")
	}
	return d, nil
}
