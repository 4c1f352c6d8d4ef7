package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"flowlab/flow"
	"flowlab/sockets"
	"flowlab/sockets/looks"
	"flowlab/tui"
	"flowlab/tui/settings"
)

// onScreen looks at the sockets again and again, and shows them on screen until its user
// quits.
func (t *topping) onScreen(ctx context.Context, monitor *sockets.Monitor, set *settings.Settings) error {
	filter, err := looks.ParseFilter(t.filter())
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	seen, failed, done := looks.New(), make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		if err := t.look(ctx, monitor, seen); err != nil {
			failed <- err
		}
	}()
	err = tui.Top(ctx, seen, filter, t.all, failed, set)
	stop()
	<-done // before the kernel is asked no more
	return err
}

// look enters looks until there is an error, or ctx is done.
func (t *topping) look(ctx context.Context, monitor *sockets.Monitor, seen *looks.Looks) error {
	tick := time.NewTicker(t.interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			verdicts, err := monitor.Next()
			if err != nil {
				return undiagnosed(err)
			}
			inodes := make([]uint32, len(verdicts))
			for i := range verdicts {
				inodes[i] = verdicts[i].Socket.Inode
			}
			t.processes.Find(inodes)
			seen.Add(flow.FromTime(now), verdicts, t.processes.Of)
		}
	}
}

// filter is what the flags choose, as it may be typed on the screen.
func (t *topping) filter() string {
	var words []string
	if t.host != "" {
		words = append(words, t.host)
	}
	if t.port != 0 {
		words = append(words, "port "+strconv.Itoa(int(t.port)))
	}
	if t.limit != "" {
		words = append(words, t.limit)
	}
	return strings.Join(words, " ")
}
