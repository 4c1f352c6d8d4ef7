//go:build panics && unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// With the tag panics, which is for tests, SIGUSR1 makes a goroutine panic that has nothing
// to do with the screen.
func init() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		<-asked
		panic("a worker failed")
	}()
}
