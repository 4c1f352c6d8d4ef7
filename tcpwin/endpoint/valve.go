package endpoint

import (
	"context"
	"math"
	"sync"
	"time"
)

// Unlimited is the rate of an application that never waits of its own.
var Unlimited = math.Inf(1)

// Valve lets bytes through at a rate that may change at any time. A rate of
// zero shuts it. It is for applications over something else than a net.Conn.
type Valve struct {
	mu      sync.Mutex
	rate    float64 // bytes a second
	next    time.Time
	changed chan struct{} // closed when the rate changes
}

// NewValve returns a valve of a rate in bytes a second.
func NewValve(rate float64) *Valve { return &Valve{rate: rate, changed: make(chan struct{})} }

// Set changes the rate. Whoever waits is let go or held by the new one at once.
func (v *Valve) Set(rate float64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.rate = rate
	v.next = time.Now()
	close(v.changed)
	v.changed = make(chan struct{})
}

// Wait returns when the next bytes may pass, or with the error of ctx.
func (v *Valve) Wait(ctx context.Context) error {
	for {
		v.mu.Lock()
		rate, changed, pause := v.rate, v.changed, time.Until(v.next)
		v.mu.Unlock()
		if rate > 0 && (pause <= 0 || math.IsInf(rate, 1)) {
			return ctx.Err()
		}
		if rate == 0 {
			pause = math.MaxInt64
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-changed:
			t.Stop()
		case <-t.C:
		}
	}
}

// Passed charges n bytes to the rate. Time that was not used is lost: after a
// pause there is no burst to make up for it, but a late timer is made up for.
func (v *Valve) Passed(n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if math.IsInf(v.rate, 1) || v.rate == 0 {
		return
	}
	cost := time.Duration(float64(n) / v.rate * float64(time.Second))
	now := time.Now()
	if now.Sub(v.next) > max(cost, 10*time.Millisecond) {
		v.next = now
	}
	v.next = v.next.Add(cost)
}
