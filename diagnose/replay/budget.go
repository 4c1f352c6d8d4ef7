// How much memory there is for all connections.

package replay

import "sync/atomic"

// all is for how many bytes of all connections there is room.
const all = 256 << 20

// budget is room that several goroutines share.
type budget struct {
	limit int64
	used  atomic.Int64
}

// take takes so many bytes, or gives them back if there are less than none, and returns
// how many are taken by now.
func (b *budget) take(n int64) int64 { return b.used.Add(n) }
