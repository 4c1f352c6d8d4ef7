package play

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/scenarios"
)

// Options say how to run a scenario.
type Options struct {
	Network Network       // Userspace if it is empty
	Seed    uint64        // of the random losses
	Record  *capture.File // where the packets go, with the events as comments; nil for nowhere
	Quiz    bool          // the script waits at each of its questions: see [Run.Answer]
}

// Run is a scenario under way.
type Run struct {
	scenario *scenarios.Scenario
	options  Options
	place    *place
	start    flow.Time
	cancel   context.CancelFunc
	ended    chan struct{}
	asked    chan chan soFar // what there is of the run, by the pipeline
	moved    chan struct{}   // the script was held or moved: see [scriptTime]
	snapshot atomic.Pointer[Snapshot]

	mu      sync.Mutex // what follows is shared by script, screen and pipeline
	knobs   scenarios.Knobs
	caption string
	log     log
	changes changes
	byHand  byHand
	failure error
	truth   Truth // at the end

	script  scriptTime
	held    bool // by hand
	quiz    Quiz
	steps   []scenarios.Step // of the script; those that do nothing in this run are left out
	stepped []time.Duration  // when the steps so far were done

	connected bool // both applications are there

	over      atomic.Int64 // when packets cease to count, as a flow.Time; 0 before
	analysis  *diagnose.Analysis
	checks    []check
	readings  readings
	writeRate speed
	readRate  speed
	result    Result
	past      past
	progress  progress
}

// tick is how often a snapshot is made: sixty times a second.
const tick = time.Second / 60

// Columns is in how many parts of equal length a snapshot's history cuts the whole run.
const Columns = 400

// Try makes the lab of a scenario and takes it down again. The error is that
// which [Start] would return: a [scenarios.Mistake] where this machine does not
// allow the network, or the network does not have what the knobs say.
func Try(s *scenarios.Scenario, n Network) error {
	p, err := build(n, &s.Knobs, 0, false)
	if err != nil {
		return err
	}
	p.close()
	return nil
}

// Start begins to run a scenario. It ends at the scenario's end, or when ctx is
// done; see [Run.Wait].
func Start(ctx context.Context, s *scenarios.Scenario, o Options) (*Run, error) {
	if o.Network == "" {
		o.Network = Userspace
	}
	p, err := build(o.Network, &s.Knobs, o.Seed, true)
	if err != nil {
		return nil, err
	}
	return begin(ctx, s, o, p), nil
}

// begin begins to run a scenario in its lab.
func begin(ctx context.Context, s *scenarios.Scenario, o Options, p *place) *Run {
	ctx, cancel := context.WithCancel(ctx)
	r := &Run{
		scenario: s, options: o, place: p, start: p.wire.Now(), cancel: cancel,
		ended: make(chan struct{}), moved: make(chan struct{}, 1), asked: make(chan chan soFar), knobs: s.Knobs, analysis: diagnose.New(), checks: newChecks(s), progress: progress{end: s.End},
	}
	r.steps = slices.Clone(s.Script)
	if o.Quiz {
		r.quiz.Of = len(s.Questions())
	} else {
		r.steps = slices.DeleteFunc(r.steps, func(s scenarios.Step) bool { return s.OnlyAsks() })
	}
	r.readings.want(r.checks)
	r.analysis.Settled = r.settled
	r.snapshot.Store(&Snapshot{Start: r.start, End: s.End, Knobs: s.Knobs})
	go r.run(ctx)
	return r
}

// run plays the scenario and takes the lab down.
func (r *Run) run(ctx context.Context) {
	defer close(r.ended)
	defer r.cancel()
	piped := make(chan struct{})
	go func() {
		defer close(piped)
		r.pipeline()
	}()
	if err := r.play(ctx); err != nil {
		r.fail(err)
	}
	r.place.close()
	<-piped
	r.finish()
}

// play connects the two applications and follows the script to its end.
func (r *Run) play(ctx context.Context) error {
	dialing, stop := context.WithTimeout(ctx, r.scenario.End)
	err := r.place.connect(dialing, &r.scenario.Knobs)
	stop()
	if err != nil {
		r.over.Store(int64(r.place.wire.Now()))
		if ctx.Err() != nil {
			return nil // the run was stopped
		}
		return fmt.Errorf("connect: %w", err)
	}
	r.mu.Lock()
	r.connected = true
	err = r.place.apply(&r.knobs) // as they may have been turned meanwhile
	r.mu.Unlock()
	if err != nil {
		return err
	}
	apps, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for _, runs := range r.place.runs() {
		wg.Go(func() {
			if err := runs(apps); err != nil {
				r.fail(err)
				r.cancel()
			}
		})
	}
	err = r.follow(ctx)
	now := r.place.wire.Now()
	r.mu.Lock()
	r.truth = r.place.truth(now)
	r.mu.Unlock()
	r.over.Store(int64(now))
	stop()
	wg.Wait()
	return err
}

// Set turns a knob while the run goes on. The error is a [scenarios.Mistake],
// also for a knob that is fixed once a run has begun.
func (r *Run) Set(knob, value string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.turn(knob, value); err != nil {
		return err
	}
	r.byHand.add(r.elapsed(), scenarios.Setting{Knob: knob, Value: r.knobs.Get(knob)})
	return nil
}

// turn turns a knob, by hand or as the script says. r.mu is held.
func (r *Run) turn(knob, value string) error {
	if err := r.knobs.Turn(knob, value); err != nil {
		return err
	}
	apply := r.place.applyHosts
	if r.connected {
		apply = r.place.apply
	}
	if err := apply(&r.knobs); err != nil {
		return fmt.Errorf("turn %s: %w", knob, err)
	}
	at := r.elapsed()
	r.log.add(Entry{At: at, Kind: KnobTurned, Text: knob + " = " + r.knobs.Get(knob)})
	r.changes.add(change{at: at, knobs: r.knobs, caption: r.caption})
	return nil
}

// Snapshot returns the latest view of the run.
func (r *Run) Snapshot() *Snapshot { return r.snapshot.Load() }

// Stop ends the run early.
func (r *Run) Stop() { r.cancel() }

// Done is closed when the run is over and its lab is gone.
func (r *Run) Done() <-chan struct{} { return r.ended }

// Wait returns the result once the run is over. The error is that of the lab or
// of recording; an expectation that failed is no error.
func (r *Run) Wait() (*Result, error) {
	<-r.ended
	return &r.result, r.failure
}

// fail remembers the first failure.
func (r *Run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure == nil {
		r.failure = err
	}
}
