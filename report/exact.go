package report

import (
	"fmt"
	"time"
)

// exact is a time in JSON: seconds with nine decimals, none of them lost on the
// way through a floating-point number.
type exact time.Duration

func (e exact) MarshalJSON() ([]byte, error) { return []byte(nanoseconds(time.Duration(e))), nil }

// nanoseconds writes seconds with nine decimals.
func nanoseconds(d time.Duration) string {
	sign, ns := "", int64(d)
	if ns < 0 {
		sign, ns = "-", -ns
	}
	return fmt.Sprintf("%s%d.%09d", sign, ns/1e9, ns%1e9)
}
