package overload

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"flowlab/flow"
	"flowlab/internal/need"
)

func TestMain(m *testing.M) { os.Exit(need.Beside(m)) }

// virtually runs a policy in virtual time.
func virtually(t *testing.T, l Load, p Policy) (r *Result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { r = Run(t.Context(), l, p, Direct()) })
	if err := r.Account.Balance(); err != nil {
		t.Errorf("%s: %v", p.Name, err)
	}
	return r
}

// TestStory is the story with its usual numbers: 10,000 messages a second against 5,000
// for ten seconds.
func TestStory(t *testing.T) {
	for _, p := range Policies() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			l := Usual()
			r := virtually(t, l, p)
			a := &r.Account
			t.Logf("%+v", *a)
			t.Logf("latency %v, blocked %v, longest %d, %d bytes, died %v", r.Latency, r.Blocked, r.Longest, r.MostBytes, r.Died)
			lived := l.For
			if r.Died > 0 {
				lived = r.Died
			}
			if rate := float64(a.Delivered) / lived.Seconds(); p.Busy && (rate < 0.99*5000 || rate > 1.01*5000) {
				t.Errorf("delivered %.0f/s, want 5,000 within 1 %%", rate)
			}
			if p.Bounded && r.Longest > l.Capacity {
				t.Errorf("%d wait in a queue of %d", r.Longest, l.Capacity)
			}
			if growth := float64(r.Longest) / lived.Seconds(); !p.Bounded && (growth < 0.98*5000 || growth > 1.02*5000 || r.Died == 0) {
				t.Errorf("the queue grows by %.0f/s, want 5,000; died at %v", growth, r.Died)
			}
		})
	}
}

// TestEveryMessageIsSomewhere: whatever the load, and whenever the run ends, both
// equations hold, and the bound of the queue does.
func TestEveryMessageIsSomewhere(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 7))
		l := Load{
			Rate: 1 + r.Int64N(5000), Work: 1 + r.Int64N(5000), Jitter: r.Float64(), For: time.Duration(1+r.Int64N(3000)) * time.Millisecond,
			Size: r.IntN(200), Capacity: 1 + r.IntN(300), Memory: 1 + r.Int64N(200_000), Seed: seed,
		}
		for range r.IntN(3) {
			l.Pauses = append(l.Pauses, Pause{From: time.Duration(r.Int64N(int64(l.For))), For: time.Duration(r.Int64N(int64(time.Second)))})
		}
		for _, p := range Policies() {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.Int64N(2*int64(l.For)+1)))
				defer cancel()
				got := Run(ctx, l, p, Direct())
				if err := got.Account.Balance(); err != nil {
					t.Errorf("seed %d, %s: %v", seed, p.Name, err)
				}
				if p.Bounded && got.Longest > l.Capacity {
					t.Errorf("seed %d, %s: %d wait in a queue of %d", seed, p.Name, got.Longest, l.Capacity)
				}
				if got.Length > l.For || got.Account.Scheduled == 0 && got.Account.Offered > 0 {
					t.Errorf("seed %d, %s: %+v", seed, p.Name, got)
				}
			})
		}
	}
}

// TestOverTCP: in real time, over the lab's TCP: both equations hold, and where the
// policy has TCP push back, the window holds the producer for longer than where it drops.
func TestOverTCP(t *testing.T) {
	if testing.Short() {
		t.Skip("lives through four runs of a second")
	}
	need.Majority(t, func() (wrong []string) {
		held := map[string]time.Duration{}
		for _, name := range []string{"block", "drop-oldest", "transport", "request-n"} {
			p, _ := Named(name)
			l := Usual()
			l.For, l.Capacity = time.Second, 100
			w, err := NewWire(t.Context(), "producer", "consumer")
			if err != nil {
				t.Fatal(err)
			}
			r := Run(t.Context(), l, p, w.TCP(0))
			w.Close()
			if err := r.Account.Balance(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if r.Account.Delivered == 0 {
				wrong = append(wrong, fmt.Sprintf("%s: nothing was delivered: %+v", name, r.Account))
			}
			shown := w.Shown(0)
			held[name] = shown.Limits[flow.ReceiveWindow]
		}
		for _, name := range []string{"block", "transport"} {
			if held[name] <= 2*held["drop-oldest"] {
				wrong = append(wrong, fmt.Sprintf("the window held the producer for %v with %s, and for %v where it drops", held[name], name, held["drop-oldest"]))
			}
		}
		return wrong
	})
}

// row is what a policy came to, as docs/backpressure.md has it.
func row(r *Result) string {
	a := &r.Account
	ms := func(d time.Duration) string { return fmt.Sprintf("%.0f ms", d.Seconds()*1e3) }
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s | %s | %s |", r.Policy,
		flow.Grouped(a.Delivered), flow.Grouped(a.Withheld), flow.Grouped(a.Dropped+a.Shed+a.Expired+a.Failed+a.Lost),
		flow.Grouped(a.Queued), ms(r.Latency.P50), ms(r.Latency.P99), flow.Grouped(int64(r.Longest)))
}

// TestDocumented: the numbers of the page are those of the story in virtual time.
func TestDocumented(t *testing.T) {
	if testing.Short() {
		t.Skip("TestStory runs them too")
	}
	page, err := os.ReadFile("../../docs/backpressure.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range Policies() {
		if want := row(virtually(t, Usual(), p)); !strings.Contains(string(page), want) {
			t.Errorf("docs/backpressure.md does not have\n%s", want)
		}
	}
}

// TestOverHTTP2AndGRPC: in real time, over the lab: both equations hold on either, and where
// work is refused the sender is told so by as many answers as there were refusals.
func TestOverHTTP2AndGRPC(t *testing.T) {
	if testing.Short() {
		t.Skip("lives through runs of a second")
	}
	for _, c := range []struct {
		over   Over
		policy string
	}{
		{OverHTTP2, "block"}, {OverHTTP2, "request-n"}, {OverHTTP2, "fail"}, {OverHTTP2, "shed"}, {OverHTTP2, "adaptive-limit"},
		{OverGRPC, "block"}, {OverGRPC, "link-credit"}, {OverGRPC, "pull"}, {OverGRPC, "unbounded"},
	} {
		t.Run(string(c.over)+" "+c.policy, func(t *testing.T) {
			p, _ := Named(c.policy)
			l := Usual()
			l.Rate, l.Work, l.For, l.Capacity, l.Memory = 2000, 1000, 700*time.Millisecond, 100, 300_000
			w, err := NewWire(t.Context(), "producer", "consumer")
			if err != nil {
				t.Fatal(err)
			}
			link, end, err := w.link(t.Context(), c.over, &p)
			if err != nil {
				t.Fatal(err)
			}
			r := Run(t.Context(), l, p, link)
			end()
			w.Close()
			t.Logf("%+v", r.Account)
			if err := r.Account.Balance(); err != nil {
				t.Error(err)
			}
			if r.Account.Delivered == 0 {
				t.Error("nothing was delivered")
			}
			if asked, ok := link.(*requests); ok {
				// What is answered as the run ends may be told or not.
				const end = 5
				shed, processed := asked.shed.Load(), asked.processed.Load()
				if shed > r.Account.Shed || shed < r.Account.Shed-end || processed > r.Account.Delivered || processed < r.Account.Delivered-end || shed == 0 {
					t.Errorf("the sender counts %d refused and %d processed, the consumer %d and %d",
						asked.shed.Load(), asked.processed.Load(), r.Account.Shed, r.Account.Delivered)
				}
			}
		})
	}
}
