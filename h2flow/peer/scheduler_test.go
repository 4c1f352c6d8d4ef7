package peer

import (
	"slices"
	"testing"
)

func TestRing(t *testing.T) {
	for _, c := range []struct {
		name string
		by   Scheduler
		push []uint32
		want []uint32
	}{
		{"fair", Fair, []uint32{5, 1, 3}, []uint32{5, 1, 3}},
		{"oldest at the head", OldestFirst, []uint32{1, 5, 3}, []uint32{1, 3, 5}},
		{"oldest in the middle", OldestFirst, []uint32{5, 1, 3}, []uint32{1, 3, 5}},
		{"oldest at the end", OldestFirst, []uint32{5, 3, 1}, []uint32{1, 3, 5}},
		{"one", OldestFirst, []uint32{7}, []uint32{7}},
		{"twice the same", OldestFirst, []uint32{3, 1, 3, 1}, []uint32{1, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r ring
			streams := map[uint32]*Stream{}
			for range 2 { // the second time from where the first one left it
				for _, id := range c.push {
					if streams[id] == nil {
						streams[id] = &Stream{id: id}
					}
					r.push(streams[id])
				}
				var got []uint32
				for r.first != nil {
					got = append(got, r.take(c.by).id)
				}
				if !slices.Equal(got, c.want) || r.last != nil {
					t.Errorf("taken %v, want %v; last %v", got, c.want, r.last)
				}
			}
		})
	}
}
