//go:build !linux

package lab

import "time"

// nap sleeps for a short time, as well as the runtime can.
func nap(d time.Duration) { time.Sleep(d) }
