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
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
	ctx, stop := signal.NotifyContext(parent, slices.DeleteFunc(signals, signal.Ignored)...)
	context.AfterFunc(ctx, func() { time.AfterFunc(time.Second, stop) })
	return ctx, stop
}
