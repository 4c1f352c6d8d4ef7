package overload

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"flowlab/flow"
)

// told tells a story in virtual time, under each of its policies.
func told(t *testing.T, name string, change ...func(*ChainLoad)) map[string]*ChainResult {
	t.Helper()
	story, ok := ChainNamed(name)
	if !ok {
		t.Fatalf("no story is called %s", name)
	}
	for _, c := range change {
		c(&story.Load)
	}
	all := map[string]*ChainResult{}
	for _, p := range story.Policies {
		synctest.Test(t, func(t *testing.T) {
			r, err := story.Run(t.Context(), p, OverDirect)
			if err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			all[p.Name] = r
		})
		r := all[p.Name]
		t.Logf("%s: %+v latency %v good %v", p.Name, r.Clients, r.Latency, r.Good)
		for _, h := range r.Hops {
			t.Logf("  %+v", h)
		}
	}
	return all
}

// TestCascade: without bounds all three services die, the database first; with them none
// does, nothing is lost, and the wait passes up hop by hop.
func TestCascade(t *testing.T) {
	all := told(t, "cascade")
	died := all["unbounded"].Hops
	if !(died[2].Died > time.Second && died[1].Died > died[2].Died && died[0].Died > died[1].Died) {
		t.Errorf("died at %v, %v, %v, want all, the database first", died[0].Died, died[1].Died, died[2].Died)
	}
	if good := all["unbounded"].Good; good[len(good)-1] != 0 {
		t.Errorf("%d are answered in the last second, though all are dead", good[len(good)-1])
	}
	// With bounds all go on when the database does.
	kept := told(t, "cascade", func(l *ChainLoad) {
		l.Pauses, l.For = []Pause{{From: time.Second, For: 4 * time.Second}}, 8*time.Second
	})["backpressure"]
	for i, h := range kept.Hops {
		if h.Died > 0 || h.Account.Lost > 0 || h.Longest > kept.Load.Capacity {
			t.Errorf("%s: died at %v, %d lost, %d waited", h.Name, h.Died, h.Account.Lost, h.Longest)
		}
		if i < 2 && h.Blocked < 2*time.Second {
			t.Errorf("%s was blocked for %v, want most of 4 s", h.Name, h.Blocked)
		}
	}
	if !(kept.Hops[1].Blocked > kept.Hops[0].Blocked && kept.Hops[0].Blocked > kept.Blocked && kept.Blocked > 2*time.Second) {
		t.Errorf("blocked %v, %v, %v: the wait does not pass from the service up to the clients", kept.Hops[1].Blocked, kept.Hops[0].Blocked, kept.Blocked)
	}
	if good := kept.Good[6]; good < 1240 || good > 1260 {
		t.Errorf("%d are answered in the second after, want the 1,250 that the database can do", good)
	}
}

// TestWrongLayer: a limit at the gateway is too low for the first half or too high for the
// second; at the bottleneck it is right for both.
func TestWrongLayer(t *testing.T) {
	all := told(t, "wrong-layer")
	shallow := func(name string) int64 { return all[name].Clients.Good - all[name].Clients.GoodDeep }
	best := all["at-the-bottleneck"]
	wanted := best.Clients.Requests - best.Clients.Deep
	if got := shallow("at-the-bottleneck"); float64(got) < 0.99*float64(wanted) {
		t.Errorf("%d of %d that need no database were good", got, wanted)
	}
	for _, name := range []string{"no-limit", "gateway-safe", "gateway-tuned"} {
		if got := shallow(name); float64(got) > 0.9*float64(wanted) {
			t.Errorf("%s: %d of %d that need no database were good: what is wrong with it?", name, got, wanted)
		}
	}
	if refused, of := all["gateway-safe"].Hops[0].Account.Shed, best.Clients.Requests; float64(refused) < 0.7*float64(of) {
		t.Errorf("the safe limit refused %d of %d, want three of four", refused, of)
	}
	if refused, of := all["gateway-tuned"].Hops[0].Account.Shed, best.Clients.Requests; refused*100 > of {
		t.Errorf("the tuned limit refused %d of %d, though no more than 1,250 a second come", refused, of)
	}
	// 200 a second need it in the first half, and it can do 250 in the second.
	if got := best.Clients.GoodDeep; float64(got) < 0.95*(4*200+4*250) {
		t.Errorf("the database answered %d in time, want some 1,800", got)
	}
}

// TestRecovery: when an outage ends, by what its clients do.
func TestRecovery(t *testing.T) {
	all := told(t, "recovery")
	for name, want := range map[string]struct {
		second      int     // of the run, from which on
		least, most float64 // is the part of what is due that is answered in time; above 1 where some was due before
	}{
		"patient":      {7, 0.95, 1.05},
		"retry-storm":  {3, 0, 0.2},
		"retry-budget": {6, 0.95, 1.25},
		"retry-shed":   {3, 0.95, 1.25},
	} {
		r := all[name]
		for second := want.second; second < len(r.Good); second++ {
			if part := float64(r.Good[second]) / float64(r.Load.Rate); part < want.least || part > want.most {
				t.Errorf("%s: in second %d %.0f %% are good, want %.0f to %.0f %%", name, second, 100*part, 100*want.least, 100*want.most)
			}
		}
	}
	storm, budget, shed := all["retry-storm"].Clients, all["retry-budget"].Clients, all["retry-shed"].Clients
	if storm.Tries < 3*storm.Requests || storm.Wasted < storm.Good {
		t.Errorf("no storm: %+v", storm)
	}
	if float64(budget.Tries) > 1.1*float64(budget.Requests)+burst {
		t.Errorf("%d tries for %d requests, with a budget of a tenth", budget.Tries, budget.Requests)
	}
	if most := int64(all["retry-shed"].Load.Capacity) + 2; shed.Wasted > most {
		t.Errorf("%d of the answers come too late, want no more than one queue of them, and two in hands", shed.Wasted)
	}
	if max := all["patient"].Latency.Max; max < 900*time.Millisecond || max > 1100*time.Millisecond {
		t.Errorf("the patient waited for %v at the most, want the outage's second", max)
	}
}

// TestEveryRequestIsSomewhere: whatever the load, and whenever the run ends, every
// equation holds at every hop.
func TestEveryRequestIsSomewhere(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 8))
		l := ChainLoad{Quick: 1 + r.Int64N(5000), Deep: [2]int{r.IntN(101), r.IntN(101)}, Load: Load{
			Rate: 1 + r.Int64N(3000), Work: 1 + r.Int64N(3000), Jitter: r.Float64(), For: time.Duration(1+r.Int64N(2000)) * time.Millisecond,
			Size: r.IntN(200), Capacity: 2 + r.IntN(300), Memory: 1 + r.Int64N(200_000), Seed: seed,
		}}
		for range r.IntN(3) {
			l.Pauses = append(l.Pauses, Pause{From: time.Duration(r.Int64N(int64(l.For))), For: time.Duration(r.Int64N(int64(time.Second)))})
		}
		for _, story := range Chains() {
			story.Load = l
			for _, p := range story.Policies {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.Int64N(2*int64(l.For)+1)))
					defer cancel()
					if _, err := story.Run(ctx, p, OverDirect); err != nil {
						t.Errorf("seed %d, %s, %s: %v", seed, story.Name, p.Name, err)
					}
				})
			}
		}
	}
}

// TestCascadeOverTCP: in real time, over the lab's TCP, the packets tell who waits for
// whom, along all three hops.
func TestCascadeOverTCP(t *testing.T) {
	if testing.Short() {
		t.Skip("takes three seconds")
	}
	story, _ := ChainNamed("cascade")
	story.Load.Rate, story.Load.For = 2000, 3*time.Second
	story.Load.Pauses = []Pause{{From: 500 * time.Millisecond, For: time.Minute}}
	story.Load.Capacity = 50
	r, err := story.Run(t.Context(), story.Policies[1], OverTCP)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", r)
	for i := range r.Shown {
		if r.Shown[i].ZeroWindow == 0 || r.Shown[i].Limits[flow.ReceiveWindow] == 0 {
			t.Errorf("the window of the %s never closed: %+v", services[i], r.Shown[i])
		}
	}
	if len(r.Waits) != 1 || len(r.Waits[0].Legs) != 3 || r.Waits[0].From != flow.Client {
		t.Errorf("chains %+v, want one of three hops", r.Waits)
	}
}
