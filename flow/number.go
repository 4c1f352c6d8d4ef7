package flow

import "strconv"

// Grouped writes a number as people read it, with a comma before each three digits:
// 1,048,576.
func Grouped[N int | int64](n N) string {
	text, sign := strconv.FormatInt(int64(n), 10), ""
	if n < 0 {
		text, sign = text[1:], "-"
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}
