package report

import (
	"fmt"
	"unicode/utf8"
)

// Progress draws in one line of at most so many columns how much of some bytes
// is read; the total is 0 if it is not known.
func Progress(read, total int64, columns int) string {
	const barColumns = 30
	text := fmt.Sprintf("read %.1f MB", float64(read)/1e6)
	if total > 0 {
		share := min(1, float64(read)/float64(total))
		text = fmt.Sprintf("%3.0f %%  %-*s  %s of %.1f MB", 100*share, barColumns, bar(share, barColumns), text, float64(total)/1e6)
	}
	if utf8.RuneCountInString(text) > columns {
		return string([]rune(text)[:max(0, columns)])
	}
	return text
}
