package lab

import (
	"math"
	"slices"
	"testing"
	"time"

	"flowlab/flow"
)

const ms = flow.Time(time.Millisecond)

func TestLineArrivals(t *testing.T) {
	type push struct {
		at   flow.Time
		size int
		path *Path // set before, if not nil
	}
	mbit := func(queue int) Path { return Path{Rate: 1e6, Queue: queue} } // 125 bytes a ms
	const dropped = -1
	tests := []struct {
		name   string
		path   Path
		pushes []push
		due    []flow.Time // of each push
	}{
		{"a perfect line delivers at once", Path{},
			[]push{{5 * ms, 1500, nil}}, []flow.Time{5 * ms}},
		{"the delay is added", Path{Delay: 10 * time.Millisecond},
			[]push{{0, 1500, nil}, {3 * ms, 1, nil}}, []flow.Time{10 * ms, 13 * ms}},
		{"packets wait for each other at the rate", mbit(0),
			[]push{{0, 1250, nil}, {0, 125, nil}, {20 * ms, 125, nil}}, []flow.Time{10 * ms, 11 * ms, 21 * ms}},
		{"rate and delay add up", Path{Rate: 1e6, Delay: 7 * time.Millisecond},
			[]push{{0, 1250, nil}}, []flow.Time{17 * ms}},
		{"a lower delay lets no packet overtake", Path{Delay: 100 * time.Millisecond},
			[]push{{0, 100, nil}, {10 * ms, 100, &Path{}}, {120 * ms, 100, nil}},
			[]flow.Time{100 * ms, 100 * ms, 120 * ms}},
		{"a full queue drops until a packet has departed", mbit(2500),
			[]push{{0, 1250, nil}, {0, 1250, nil}, {9 * ms, 1250, nil}, {10 * ms, 1250, nil}},
			[]flow.Time{10 * ms, 20 * ms, dropped, 30 * ms}},
		{"an idle line takes a packet larger than the queue", mbit(100),
			[]push{{0, 1250, nil}, {0, 1, nil}}, []flow.Time{10 * ms, dropped}},
		{"without a rate nothing waits", Path{Queue: 10, Delay: time.Second},
			[]push{{0, 1500, nil}, {0, 1500, nil}}, []flow.Time{1000 * ms, 1000 * ms}},
		{"a new rate is for later packets", mbit(0),
			[]push{{0, 1250, nil}, {0, 1250, &Path{Rate: 10e6}}}, []flow.Time{10 * ms, 11 * ms}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := line{path: tt.path}
			var want, got []flow.Time
			for i, p := range tt.pushes {
				if p.path != nil {
					l.path = *p.path
				}
				taken := l.push(p.at, transit{data: make([]byte, p.size)})
				if taken != (tt.due[i] != dropped) {
					t.Errorf("packet %d: taken = %v", i, taken)
				}
				if taken {
					want = append(want, tt.due[i])
				}
			}
			for _, a := range l.take(math.MaxInt64, nil) {
				got = append(got, a.due)
			}
			if !slices.Equal(got, want) {
				t.Errorf("due at %v, want %v", got, want)
			}
		})
	}
}

func TestLineTakesWhatIsDueAndKeepsItsMemory(t *testing.T) {
	l := line{path: Path{Rate: 8e6, Delay: 50 * time.Millisecond}} // 1000 bytes a ms
	var got []transit
	now := flow.Time(0)
	for ; now < 1000*ms; now += ms {
		l.push(now, transit{data: make([]byte, 1000)})
		got = l.take(now, got)
		if l.waiting != 1000 {
			t.Fatalf("at %v ms %d bytes wait, want 1000", now/ms, l.waiting)
		}
	}
	if want := 1000 - 51; len(got) != want {
		t.Errorf("%d packets arrived, want %d", len(got), want)
	}
	for i, a := range got {
		if want := flow.Time(i+51) * ms; a.due != want {
			t.Fatalf("packet %d is due at %v, want %v", i, a.due, want)
		}
	}
	if c := cap(l.packets); c > 256 {
		t.Errorf("room for %d packets, but never more than 52 were on the line", c)
	}
}
