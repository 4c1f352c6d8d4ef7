package play

import (
	"context"
	"runtime"
	"sync"

	"flowlab/scenarios"
)

// mostAtOnce is how many scenarios run side by side at the most: a lab keeps time by
// this machine's clock. Most take a fifth of a processor, one without a limit two thirds.
const mostAtOnce = 4

// All runs scenarios, a few at a time as long as each has half a processor. It calls
// over with each result when it is there, one call at a time. The results stand in the
// order of the scenarios. The error is the first of a lab, and ends all runs.
func All(ctx context.Context, list []*scenarios.Scenario, o Options, over func(*Result)) ([]*Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	results := make([]*Result, len(list))
	free := make(chan struct{}, min(mostAtOnce, 2*runtime.GOMAXPROCS(0)))
	var telling sync.Mutex
	var running sync.WaitGroup
	for i, s := range list {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			defer func() { <-free }()
			result, err := one(ctx, s, o)
			if err != nil {
				cancel(err)
				return
			}
			results[i] = result
			telling.Lock()
			defer telling.Unlock()
			over(result)
		})
	}
	running.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return results, nil
}

// one runs a scenario to its end.
func one(ctx context.Context, s *scenarios.Scenario, o Options) (*Result, error) {
	run, err := Start(ctx, s, o)
	if err != nil {
		return nil, err
	}
	result, err := run.Wait()
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return result, err
}
