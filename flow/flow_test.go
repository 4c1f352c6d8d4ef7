package flow

import (
	"testing"
	"time"
)

func TestSeqWraps(t *testing.T) {
	tests := []struct {
		name   string
		s, u   Seq
		sub    int
		before bool
	}{
		{"equal", 7, 7, 0, false},
		{"before", 7, 9, -2, true},
		{"after", 9, 7, 2, false},
		{"before, across the wrap", 0xFFFFFFFE, 3, -5, true},
		{"after, across the wrap", 3, 0xFFFFFFFE, 5, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.s.Sub(test.u); got != test.sub {
				t.Errorf("%d - %d = %d, want %d", test.s, test.u, got, test.sub)
			}
			if got := test.s.Before(test.u); got != test.before {
				t.Errorf("%d before %d: %v, want %v", test.s, test.u, got, test.before)
			}
			if got := test.s.After(test.u); got != (test.sub > 0) {
				t.Errorf("%d after %d: %v, want %v", test.s, test.u, got, test.sub > 0)
			}
		})
	}
}

func TestSharesAddUp(t *testing.T) {
	l := Limits{ReceiveWindow: 3 * time.Second, Congestion: time.Second}
	if l.Total() != 4*time.Second || l.Share(ReceiveWindow) != 0.75 || l.Share(Nagle) != 0 {
		t.Errorf("total %v, share %v", l.Total(), l.Share(ReceiveWindow))
	}
	var none Limits
	if none.Share(Application) != 0 {
		t.Errorf("a share of no time is %v, want 0", none.Share(Application))
	}
}

func TestEveryCauseHasAName(t *testing.T) {
	for c := range NumCauses {
		name := Cause(c).String()
		back, err := ParseCause(name)
		if name == "" || err != nil || back != Cause(c) {
			t.Errorf("cause %d is %q, which is read as %v, %v", c, name, back, err)
		}
	}
	if _, err := ParseCause("gremlins"); err == nil {
		t.Error("gremlins are taken for a cause")
	}
	for h := range NumHeldBy {
		if HeldBy(h).String() == "" {
			t.Errorf("holder %d has no name", h)
		}
	}
}

func TestIntervalClip(t *testing.T) {
	i := Interval{Start: 10, End: 20}
	if got := i.Clip(Interval{15, 30}); got != (Interval{15, 20}) {
		t.Errorf("clipped to %v", got)
	}
	if got := i.Clip(Interval{25, 30}).Length(); got > 0 {
		t.Errorf("no overlap is %v long", got)
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", -7: "-7", 999: "999", -525: "-525", 1000: "1,000", -65525: "-65,525",
		1048576: "1,048,576", -1 << 63: "-9,223,372,036,854,775,808", 1<<63 - 1: "9,223,372,036,854,775,807",
	} {
		if got := Grouped(n); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
}
