package report

import (
	"fmt"
	"time"
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
	return within(text, columns)
}

// Elapsed draws in one line of at most so many columns how much of a time has passed.
func Elapsed(passed, total time.Duration, columns int) string {
	const barColumns = 30
	share := min(1, passed.Seconds()/max(total.Seconds(), 1e-9))
	return within(fmt.Sprintf("%3.0f %%  %-*s  %.0f of about %.0f s", 100*share, barColumns, bar(share, barColumns), passed.Seconds(), total.Seconds()), columns)
}

// within cuts a line after so many columns.
func within(text string, columns int) string {
	if utf8.RuneCountInString(text) > columns {
		return string([]rune(text)[:max(0, columns)])
	}
	return text
}
