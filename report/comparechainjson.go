package report

import (
	"io"

	"flowlab/scenarios/overload"
)

// chainComparison is docs/schema/compare-1.json, of a chain.
type chainComparison struct {
	comparedHead
	Load     chainLoadJSON     `json:"load"`
	Policies []chainPolicyJSON `json:"policies"`
}

type chainLoadJSON struct {
	loadJSON
	Quick int64  `json:"quick"`
	Deep  [2]int `json:"deep"`
}

// chainPolicyJSON is what the clients got under one policy. Counts are of requests, but for
// tries and wasted.
type chainPolicyJSON struct {
	Policy   string    `json:"policy"`
	Requests int64     `json:"requests"`
	Withheld int64     `json:"withheld"`
	Good     int64     `json:"good"`
	Failed   int64     `json:"failed"`
	Waiting  int64     `json:"waiting"`
	Tries    int64     `json:"tries"`
	Wasted   int64     `json:"wasted"`
	Deep     int64     `json:"deep"`
	GoodDeep int64     `json:"good_deep"`
	Length   exact     `json:"length"`
	P50      exact     `json:"latency_p50"`
	P99      exact     `json:"latency_p99"`
	Max      exact     `json:"latency_max"`
	Seconds  []int64   `json:"good_by_second"`
	Blocked  exact     `json:"blocked"`
	Services []hopJSON `json:"services"`
	Chains   []chain   `json:"chains"`
}

// hopJSON is what one service came to. Counts are of messages.
type hopJSON struct {
	Service   string  `json:"service"`
	Offered   int64   `json:"offered"`
	Delivered int64   `json:"delivered"`
	Answered  int64   `json:"answered"`
	Shed      int64   `json:"shed"`
	Queued    int64   `json:"queued"`
	Lost      int64   `json:"lost"`
	Longest   int     `json:"longest_queue"`
	MostBytes int64   `json:"most_queue_bytes"`
	Blocked   exact   `json:"blocked"`
	Died      *exact  `json:"died"`
	Zero      *exact  `json:"zero_window"`
	Limits    []limit `json:"limits"`
}

// CompareChainJSON writes what the same load came to in a chain of services under several
// policies, as one JSON document of the schema flowlab/compare/1. The error is that of w.
func CompareChainJSON(w io.Writer, c *overload.Chain, over overload.Over, results []*overload.ChainResult) error {
	all := chainComparison{
		comparedHead: headOf(c.Name, over), Policies: []chainPolicyJSON{},
		Load: chainLoadJSON{loadJSON: loadOf(&c.Load.Load), Quick: c.Load.Quick, Deep: c.Load.Deep},
	}
	for _, r := range results {
		all.Policies = append(all.Policies, chainPolicyOf(r))
	}
	return writeIndented(w, all)
}

func chainPolicyOf(r *overload.ChainResult) chainPolicyJSON {
	c := &r.Clients
	j := chainPolicyJSON{
		Policy: r.Policy.Name, Requests: c.Requests, Withheld: c.Withheld, Good: c.Good, Failed: c.Failed, Waiting: c.Waiting,
		Tries: c.Tries, Wasted: c.Wasted, Deep: c.Deep, GoodDeep: c.GoodDeep, Length: exact(r.Length), Blocked: exact(r.Blocked),
		P50: exact(r.Latency.P50), P99: exact(r.Latency.P99), Max: exact(r.Latency.Max), Seconds: r.Good, Chains: []chain{},
	}
	for i := range r.Hops {
		j.Services = append(j.Services, hopOf(r, i))
	}
	for i := range r.Waits {
		j.Chains = append(j.Chains, chain{Connections: connectionsOf(&r.Waits[i]), Text: chainText(&r.Waits[i], r.Hosts)})
	}
	return j
}

func hopOf(r *overload.ChainResult, i int) hopJSON {
	h := &r.Hops[i]
	a := &h.Account
	j := hopJSON{
		Service: h.Name, Offered: a.Offered, Delivered: a.Delivered, Answered: h.Answered, Shed: a.Shed, Queued: a.Queued, Lost: a.Lost,
		Longest: h.Longest, MostBytes: h.MostBytes, Blocked: exact(h.Blocked),
	}
	if h.Died > 0 {
		died := exact(h.Died)
		j.Died = &died
	}
	if r.Shown != nil {
		zero := exact(r.Shown[i].ZeroWindow)
		j.Zero, j.Limits = &zero, limitsOf(&r.Shown[i].Limits)
	}
	return j
}
