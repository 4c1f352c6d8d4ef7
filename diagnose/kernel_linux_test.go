package diagnose_test

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/flow"
	"flowlab/internal/need"
)

const (
	// apart is how far the verdict on the receive window may be from the
	// kernel's own account, in points of 100 of a transfer. A phase lasts a
	// second or two, and the kernel counts in jiffies of 4 ms, while BBR's
	// pacing stops and goes each millisecond: phaseApart is for one, seen at the
	// sender. Farther away, what a path spaces and what its sender does cannot
	// always be told apart while the rate changes; see docs/verdict.md.
	apart, phaseApart = 5, 10

	// certain is how much of a phase of one known cause must be given to it.
	certain = 0.9
)

// kernelCase is a transfer between two kernels.
type kernelCase struct {
	name   string
	buffer int  // the receiver's SO_RCVBUF, 0 to let it grow
	single bool // no segment is larger than the MSS
	losses bool // a loss meets a full window, and comes first; see docs/verdict.md
	phases []phase
}

// greedy is a producer that writes as fast as TCP takes it.
const greedy = 64 << 10

var kernelCases = []kernelCase{
	{name: "reader stops", buffer: 128 << 10, phases: []phase{
		{name: "reads", length: time.Second, read: unlimited, write: greedy},
		{name: "stops", length: 2 * time.Second, read: 0, write: greedy},
		{name: "reads again", length: time.Second, read: unlimited, write: greedy},
	}},
	{name: "reader stops, segments of one MSS", buffer: 128 << 10, single: true, phases: []phase{
		{name: "reads", length: time.Second, read: unlimited, write: greedy},
		{name: "stops", length: 2 * time.Second, read: 0, write: greedy},
		{name: "reads again", length: time.Second, read: unlimited, write: greedy},
	}},
	{name: "slow reader", buffer: 128 << 10, phases: []phase{
		{name: "2 MB/s", length: 3 * time.Second, read: 2e6, write: greedy},
	}},
	{name: "slow reader, buffer grows", phases: []phase{
		{name: "2 MB/s", length: 3 * time.Second, read: 2e6, write: greedy},
	}},
	{name: "quiet producer", phases: []phase{
		{name: "20 KB every 100 ms", length: 2 * time.Second, read: unlimited, write: 20e3, every: 100 * time.Millisecond, cause: flow.Application},
		{name: "nothing", length: 2 * time.Second, read: unlimited, drain: true, cause: flow.Application},
	}},
	{name: "rate-limited path", phases: []phase{
		{name: "slow start", length: time.Second, read: unlimited, write: greedy, rate: "20mbit", queue: 100e3},
		{name: "20 Mbit/s", length: 3 * time.Second, read: unlimited, write: greedy, cause: flow.Congestion},
	}},
	{name: "mixed", buffer: 256 << 10, phases: []phase{
		{name: "slow start", length: time.Second, read: unlimited, write: greedy, rate: "20mbit", queue: 100e3},
		{name: "20 Mbit/s", length: 1500 * time.Millisecond, read: unlimited, write: greedy, cause: flow.Congestion},
		{name: "1 Gbit/s", length: time.Second, read: unlimited, write: greedy, rate: "1gbit", queue: 1e6},
		{name: "reader stops", length: time.Second, read: 0, write: greedy},
		{name: "slow reader", length: time.Second, read: 2e6, write: greedy},
		{name: "nothing", length: time.Second, read: unlimited, drain: true, cause: flow.Application},
	}},
	{name: "mixed, then the path loses", buffer: 256 << 10, losses: true, phases: []phase{
		{name: "window", length: time.Second, read: unlimited, write: greedy},
		{name: "reader stops", length: time.Second, read: 0, write: greedy},
		{name: "slow reader", length: time.Second, read: 2e6, write: greedy},
		{name: "nothing", length: time.Second, read: unlimited, drain: true, cause: flow.Application},
		{name: "20 Mbit/s", length: 2 * time.Second, read: unlimited, write: greedy, rate: "20mbit", queue: 100e3, cause: flow.Congestion},
	}},
}

// TestKernelAgrees holds the verdict, from the packets alone and at either end,
// against what the sending kernel says of itself, in transfers between two
// kernels.
func TestKernelAgrees(t *testing.T) {
	if testing.Short() {
		t.Skip("measures accuracy, which the race detector's slowness would spoil")
	}
	need.Root(t)
	for _, program := range []string{"ip", "tc"} {
		need.Program(t, program)
	}
	// A thread that carries packets must not wait for one of the runtime's
	// processors.
	before := runtime.GOMAXPROCS(16)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	var table kernelTable
	t.Cleanup(func() { t.Logf("shares of each phase, in %%\n%s", table.text()) })
	for _, c := range kernelCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var both sync.WaitGroup
			for _, congestion := range []string{"cubic", "bbr"} {
				if !available(t, congestion) {
					t.Logf("this kernel has no %s", congestion)
					continue
				}
				both.Go(func() {
					need.Majority(t, func() []string { return table.measure(t, &c, congestion) })
				})
			}
			both.Wait()
		})
	}
}

// available tells whether the kernel has a congestion control.
func available(t *testing.T, congestion string) bool {
	all, err := os.ReadFile("/proc/sys/net/ipv4/tcp_available_congestion_control")
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains(strings.Fields(string(all)), congestion)
}

// kernelTable is what was found, beside what the kernels said.
type kernelTable struct {
	mu   sync.Mutex
	rows []string
}

func (b *kernelTable) text() string {
	slices.Sort(b.rows)
	head := fmt.Sprintf("%-35s %-6s %-20s %-9s %7s %7s %6s %7s %7s %7s %7s",
		"case", "cc", "phase", "seen at", "kernel", "rwnd", "off", "applic.", "congest", "loss", "other")
	return head + "\n" + strings.Join(b.rows, "\n")
}

// measure runs a case, enters it, and returns what is wrong.
func (b *kernelTable) measure(t *testing.T, c *kernelCase, congestion string) []string {
	dir, err := os.MkdirTemp(t.ArtifactDir(), congestion+"-") // with -artifacts, the captures stay
	if err != nil {
		return []string{err.Error()}
	}
	result, err := c.run(t, congestion, dir)
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	for _, vantage := range []string{"sender", "receiver"} {
		spans, err := verdicts(result.captures[vantage])
		if err != nil {
			return []string{err.Error()}
		}
		var raw, off, length float64
		for i, l := range result.phases {
			r, o, w := b.add(c, congestion, vantage, i, l, during(spans, l.Interval))
			wrong = append(wrong, w...)
			raw += r * l.Length().Seconds()
			off += o * l.Length().Seconds()
			length += l.Length().Seconds()
		}
		raw, off = raw/length, off/length
		row := fmt.Sprintf("%-35s %-6s %-20s %-9s %15s %+6.1f", c.name, congestion, "whole transfer", vantage, "", raw)
		if c.losses {
			row += fmt.Sprintf(", %+.1f where losses come first", off)
		} else {
			off = raw
		}
		b.enter(row)
		if math.Abs(off) > apart {
			wrong = append(wrong, fmt.Sprintf("%s, %s, seen at the %s: receive-window is %+.1f points off", c.name, congestion, vantage, off))
		}
	}
	return wrong
}

func (b *kernelTable) enter(row string) {
	b.mu.Lock()
	b.rows = append(b.rows, row)
	b.mu.Unlock()
}

// add enters a phase, and returns by how many points the verdict on the receive
// window is off, as it is and where losses come first, and what is wrong.
func (b *kernelTable) add(c *kernelCase, congestion, vantage string, i int, l lived, limits flow.Limits) (raw, off float64, wrong []string) {
	p := c.phases[i]
	rwnd, kernel := limits.Share(flow.ReceiveWindow), l.rwndLimited()
	application, path, loss := limits.Share(flow.Application), limits.Share(flow.Congestion), limits.Share(flow.LossRecovery)
	raw = 100 * (rwnd - kernel)
	off = raw
	if p.cause == flow.Congestion && l.after.Total_retrans > l.before.Total_retrans && off < 0 {
		// Its queue was full. The kernel counts the window also while it repairs
		// a loss and what came after the gap fills the window; for flowlab the
		// loss comes first.
		off = min(0, off+100*loss)
	}
	b.enter(fmt.Sprintf("%-35s %-6s %d %-18s %-9s %7.1f %7.1f %+6.1f %7.1f %7.1f %7.1f %7.1f",
		c.name, congestion, i+1, p.name, vantage, 100*kernel, 100*rwnd, raw,
		100*application, 100*path, 100*loss, 100*max(0, 1-rwnd-application-path-loss)))
	name := fmt.Sprintf("%s, %s, %q seen at the %s", c.name, congestion, p.name, vantage)
	if vantage == "sender" && math.Abs(off) > phaseApart {
		wrong = append(wrong, fmt.Sprintf("%s: receive-window %.1f %%, the kernel says %.1f %%", name, 100*rwnd, 100*kernel))
	}
	share := limits.Share(p.cause)
	if p.cause == flow.Congestion && l.after.Total_retrans > l.before.Total_retrans {
		share += loss // its queue was full
	}
	if p.cause != flow.Unknown && share < certain {
		wrong = append(wrong, fmt.Sprintf("%s: %v only %.1f %%", name, p.cause, 100*share))
	}
	return raw, off, wrong
}

// span is a stretch of time with its verdict.
type span struct {
	flow.Interval
	cause flow.Cause
}

// verdicts analyses a capture of one transfer by the client.
func verdicts(path string) ([]span, error) {
	file, err := capture.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var spans []span
	a := diagnose.New()
	a.Settled = func(_ *diagnose.Connection, from flow.Side, i flow.Interval, cause flow.Cause, _ flow.HeldBy) {
		if from == flow.Client {
			spans = append(spans, span{i, cause})
		}
	}
	for {
		p, err := file.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		a.Observe(file.Interfaces()[p.Interface].LinkType, p)
	}
	a.End(a.Last)
	if n := len(a.Connections()); n != 1 || a.Skipped.Total() > 0 {
		return nil, fmt.Errorf("%s: %d connections, %d packets skipped, want 1 and none", path, n, a.Skipped.Total())
	}
	return spans, nil
}

// during adds up the verdicts within an interval.
func during(spans []span, i flow.Interval) (l flow.Limits) {
	for _, s := range spans {
		l[s.cause] += max(0, s.Clip(i).Length())
	}
	return l
}
