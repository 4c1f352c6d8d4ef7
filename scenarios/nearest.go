package scenarios

import "strings"

// nearest returns the names that somebody may have meant by a wrong one: those
// that contain it whole ("rtt" in "network.rtt"), else those at the smallest
// edit distance, if that is at most a third of its length, or 2, and no more
// than half.
func nearest(name string, names []string) []string {
	const longest = 64 // no name is near anything longer
	if name == "" || len(name) > longest {
		return nil
	}
	var whole, near []string
	least := max(len(name)/3, min(2, len(name)/2))
	for _, n := range names {
		if len(name) > 2 && strings.Contains(n, strings.ToLower(name)) {
			whole = append(whole, n)
		}
		d := editDistance(strings.ToLower(name), n)
		if d >= len(n) { // nothing of n is left
			continue
		}
		switch {
		case d < least:
			least, near = d, []string{n}
		case d == least:
			near = append(near, n)
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return near
}

// editDistance is the number of bytes to insert, delete, replace or swap with
// the next one that makes b of a.
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
