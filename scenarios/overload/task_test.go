package overload

import (
	"testing"
	"time"
)

// endsSlowly is a link whose end takes its time.
type endsSlowly struct{ Link }

func (l endsSlowly) End() {
	time.Sleep(400 * time.Millisecond)
	l.Link.End()
}

// TestWindingUpIsNoPartOfTheRun: what the packets show ends when the run does.
func TestWindingUpIsNoPartOfTheRun(t *testing.T) {
	p, _ := Named("transport")
	l := Usual()
	l.Rate, l.For = 2000, 200*time.Millisecond
	begun := time.Now()
	w, err := NewWire(t.Context(), "producer", "consumer")
	if err != nil {
		t.Fatal(err)
	}
	made := time.Since(begun)
	r := w.run(t.Context(), l, p, endsSlowly{w.TCP(0)})
	w.Close()
	var shown time.Duration
	for _, d := range w.Shown(0).Limits {
		shown += d
	}
	if shown == 0 || shown > made+r.Length+100*time.Millisecond {
		t.Errorf("the packets tell of %v, the run took %v and making the lab %v", shown, r.Length, made)
	}
}
