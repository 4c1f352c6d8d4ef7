package overload

import (
	"context"
	"fmt"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	"flowlab/scenarios"
)

// Over is what messages travel on.
type Over string

const (
	OverDirect Over = "direct" // from hand to hand within the process
	OverTCP    Over = "tcp"    // a TCP connection of the lab
	OverHTTP2  Over = "http2"  // a stream of HTTP/2 on it; where work is refused, a request for each message
	OverGRPC   Over = "grpc"   // a gRPC call with a stream each way
)

// Overs are the names of all there is to travel on.
func Overs() []string {
	return []string{string(OverDirect), string(OverTCP), string(OverHTTP2), string(OverGRPC)}
}

// Task is one policy's run, as a process of its own gets it: so its memory is its own.
type Task struct {
	Load   Load
	Policy string
	Over   Over
}

// Outcome is what a task came to.
type Outcome struct {
	Result
	Over  Over
	Heap  int64  // bytes of objects on the heap, at the most, with dead ones that are not swept yet
	Shown *Shown // what packets showed; nil where there are none
}

// Check returns a [scenarios.Mistake] for what cannot be run.
func (t *Task) Check() error {
	p, ok := Named(t.Policy)
	if !ok {
		return unknown("policy", t.Policy, names())
	}
	if err := t.Over.Check(); err != nil {
		return err
	}
	if err := t.Load.Check(); err != nil {
		return err
	}
	return t.Load.checkLog(&p)
}

// mostMemory is how many bytes a process may hold, so that it dies and not the machine.
const mostMemory = 1 << 30

// checkLog returns a [scenarios.Mistake] for a load that a policy's log could not hold. A log
// has no bound, and its process does not die: it may come to all that is due.
func (l *Load) checkLog(p *Policy) error {
	due := l.Rate * int64(l.For) / int64(time.Second)
	if log := due * (int64(l.Size) + overhead); p.gate == fetchGate && log > mostMemory {
		return &scenarios.Mistake{
			Problem: fmt.Sprintf("policy %s keeps what is due in a log, which may come to %d bytes; it may have %d", p.Name, log, mostMemory),
			Hint:    "lower --rate, --for or --size, or name other policies with --policy",
		}
	}
	return nil
}

// Check returns a [scenarios.Mistake] if there is nothing of that name to travel on.
func (o Over) Check() error {
	if !slices.Contains(Overs(), string(o)) {
		return unknown("transport", string(o), Overs())
	}
	return nil
}

// Check returns a [scenarios.Mistake] for a load that cannot be run.
func (l *Load) Check() error {
	wrong := func(hint, problem string, args ...any) error {
		return &scenarios.Mistake{Problem: fmt.Sprintf(problem, args...), Hint: hint}
	}
	const most = 1_000_000
	switch {
	case l.Rate < 1 || l.Rate > most || l.Work < 1 || l.Work > most:
		return wrong("write 1 to 1000000 messages a second", "a rate of %d, and work of %d, messages a second", l.Rate, l.Work)
	case !(l.Jitter >= 0 && l.Jitter <= 1): // so that NaN is refused too
		return wrong("write a part from 0 to 1", "a jitter of %v", l.Jitter)
	case l.For <= 0 || l.For > time.Hour:
		return wrong("write a time of at most an hour, such as 10s", "messages for %v", l.For)
	case l.Size < 0 || l.Size > 1<<20:
		return wrong("write at most 1048576 bytes", "messages of %d bytes", l.Size)
	case l.Capacity < 1 || l.Capacity > 10*most:
		return wrong("write 1 to 10000000 messages", "a queue of %d", l.Capacity)
	case l.Memory < 1 || l.Memory > mostMemory:
		return wrong("write at most 1 GiB, so that it is the process that dies and not the machine", "memory of %d bytes", l.Memory)
	}
	return nil
}

// Do does a task, whose process does nothing else. The error is that of [Task.Check], or of
// the lab, or says what does not balance.
func (t *Task) Do(ctx context.Context) (*Outcome, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	p, _ := Named(t.Policy)
	stop := make(chan struct{})
	heap := make(chan int64)
	go func() { heap <- mostHeap(stop) }()
	o, err := t.run(ctx, p)
	close(stop)
	most := <-heap
	if err != nil {
		return nil, err
	}
	o.Heap = most
	if err := o.Account.Balance(); err != nil {
		return nil, fmt.Errorf("the account over %s does not balance: %w", o.Over, err)
	}
	return o, nil
}

func (t *Task) run(ctx context.Context, p Policy) (*Outcome, error) {
	if t.Over == OverDirect {
		return &Outcome{Result: *Run(ctx, t.Load, p, Direct()), Over: t.Over}, nil
	}
	w, err := NewWire(ctx, "producer", "consumer")
	if err != nil {
		return nil, err
	}
	link, end, err := w.link(ctx, t.Over, &p)
	if err != nil {
		w.Close()
		return nil, err
	}
	r := w.run(ctx, t.Load, p, link)
	end()
	w.Close()
	shown := w.Shown(0)
	return &Outcome{Result: *r, Over: t.Over, Shown: &shown}, nil
}

// run is [Run] on a link of the lab. What the packets show ends with the run.
func (w *Wire) run(ctx context.Context, l Load, p Policy, link Link) *Result {
	return run(ctx, l, p, link, w.Cut)
}

// link returns what a policy's messages travel on, and what ends it.
func (w *Wire) link(ctx context.Context, over Over, p *Policy) (link Link, end func(), err error) {
	switch {
	case over == OverGRPC:
		return w.GRPC(ctx, 0)
	case over == OverHTTP2 && p.refuses != refuseNothing:
		link, end = w.Requests(ctx, 0)
		return link, end, nil
	case over == OverHTTP2:
		return w.HTTP2(ctx, 0)
	}
	return w.TCP(0), func() {}, nil
}

// names are those of all policies.
func names() (all []string) {
	for _, p := range policies {
		all = append(all, p.Name)
	}
	return all
}

func unknown(kind, name string, all []string) error {
	const most = 10 // of which a hint tells all
	hint := scenarios.DidYouMean(name, all)
	switch {
	case hint != "":
	case len(all) > most:
		hint = "flowlab compare --help has their names"
	default:
		hint = "there are " + strings.Join(all, ", ")
	}
	return &scenarios.Mistake{Problem: fmt.Sprintf("unknown %s %q", kind, name), Hint: hint}
}

// looking is how often the heap is looked at.
const looking = 20 * time.Millisecond

// mostHeap looks at the heap until stop is closed, and returns the most bytes of objects
// that were there. Dead ones count until they are swept, as they do for whoever runs such a
// process; those that live are known only at the end of a collection, which comes too rarely.
func mostHeap(stop <-chan struct{}) (most int64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for {
		metrics.Read(sample)
		most = max(most, int64(sample[0].Value.Uint64()))
		select {
		case <-stop:
			return most
		case <-time.After(looking):
		}
	}
}
