package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
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
	ctx, stop = signal.NotifyContext(parent, endings()...)
	again, now := make(chan os.Signal, 1), make(chan struct{})
	context.AfterFunc(ctx, func() {
		time.Sleep(time.Second)
		signal.Notify(again, endings()...)
		stop()
		<-again
		close(now)
		time.Sleep(time.Second)
		signal.Stop(again)
	})
	return ctx, now, stop
}

// endings are the signals that ask a process to end.
func endings() []os.Signal {
	return slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
}
