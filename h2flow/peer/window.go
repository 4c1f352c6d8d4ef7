package peer

// window is one account of credit: what its sender may still send.
type window struct {
	size   int64 // may be negative: RFC 9113 6.9.2
	bytes  int64 // debited since the start
	credit int64 // granted by WINDOW_UPDATE since the start
}

func (w *window) debit(n int64) {
	w.size -= n
	w.bytes += n
}

func (w *window) deposit(n int64) {
	w.size += n
	w.credit += n
}

// debt is what a receiver has to give back, as sums since the start: of the bytes that
// arrived, those that count for each time of credit, and those that were returned.
type debt struct {
	got, read, whole int64
	returned         int64
}

// settled adds bytes that count for every time of credit at once.
func (d *debt) settled(n int64) {
	d.got += n
	d.read += n
	d.whole += n
}

// owed is how many bytes are due; never fewer than 0, as credit can be granted by hand.
func (d *debt) owed(w When) int64 {
	var due int64
	switch w {
	case AtRead:
		due = d.read
	case OnReceipt:
		due = d.got
	case AfterMessage:
		due = d.whole
	case ByHand:
		due = d.returned
	}
	return max(0, due-d.returned)
}

// repaid notes credit that was granted by hand: it pays for what has arrived, and
// what it has above that opens the window for good.
func (d *debt) repaid(n int64) { d.returned += max(0, min(n, d.got-d.returned)) }

// leak forgets up to n bytes that arrived and will never be returned.
func (d *debt) leak(n int64) { d.got -= max(0, min(n, d.got-d.returned)) }
