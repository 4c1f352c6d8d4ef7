package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// interruptible returns a context that ends at the first Ctrl-C, or when the
// process is asked to end or its terminal goes away; not by a signal that the
// process was started to ignore, as under nohup. After the first one the
// signals do what they always do, so that a second one ends a process that
// hangs.
func interruptible(parent context.Context) (context.Context, context.CancelFunc) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
	ctx, stop := signal.NotifyContext(parent, slices.DeleteFunc(signals, signal.Ignored)...)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
