package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"
)

// interruptible returns a context that ends at the first Ctrl-C, or when the
// process is asked to end or its terminal goes away; not by a signal that the
// process was started to ignore, as under nohup. A second after the first one the
// signals do what they always do, so that another one ends a process that hangs;
// not at once, as timeout(1) sends each twice.
func interruptible(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(parent, endings()...)
	context.AfterFunc(ctx, func() { time.AfterFunc(time.Second, stop) })
	return ctx, stop
}

// interruptibleTwice is [interruptible] for what has processes of its own to end, for which
// they may take their time: a second signal closes hurry, and only a third does what signals
// always do.
func interruptibleTwice(parent context.Context) (ctx context.Context, hurry <-chan struct{}, stop context.CancelFunc) {
	ctx, once := signal.NotifyContext(parent, endings()...)
	over, now := make(chan struct{}), make(chan struct{})
	lasts := func(until <-chan time.Time) bool {
		select {
		case <-over:
			return false
		case <-until:
			return true
		}
	}
	context.AfterFunc(ctx, func() {
		if !lasts(time.After(time.Second)) {
			return
		}
		again := make(chan os.Signal, 1)
		signal.Notify(again, endings()...)
		defer signal.Stop(again)
		once()
		select {
		case <-over:
			return
		case <-again:
		}
		close(now)
		lasts(time.After(time.Second))
	})
	return ctx, now, sync.OnceFunc(func() { close(over); once() })
}

// endings are the signals that ask a process to end.
func endings() []os.Signal {
	return slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
}
