// The stories of three services in a row, and the policies that they are told with.

package overload

import (
	"fmt"
	"time"

	"flowlab/scenarios"
)

// Chain is a story of three services in a row, the gateway, the service and the database,
// each with a queue of its own.
type Chain struct {
	Name     string
	Teaches  string
	Load     ChainLoad // that it is usually told with
	Policies []ChainPolicy
}

// ChainLoad is what clients ask of a chain, and what its services can do. Work, Jitter and
// Pauses are the database's; Memory and Capacity are those of each service.
type ChainLoad struct {
	Load
	Quick int64  // messages that gateway and service process each second; at least 1
	Deep  [2]int // of 100 requests so many need the database, in each half of the time
}

// ChainPolicy is how services and clients deal with more than the database can do.
type ChainPolicy struct {
	Name  string
	Does  string // what services and clients do,
	Comes string // and what comes of it; each a sentence

	unbound  bool          // queues have no bound; else who sends waits for room
	sheds    bool          // the database refuses what its queue has no room for
	limit    int64         // requests a second that the gateway lets through; 0 for all
	patience time.Duration // a client gives a request up after that; 0 for never
	retries  int           // times that a client asks again
	budgeted bool          // only for one request in ten
}

// services are those of every chain, in a row.
var services = [...]string{"gateway", "service", "database"}

// all says that each request needs the database.
var all = [2]int{100, 100}

// chains are all there are, in the order in which they are told.
var chains = []Chain{
	{
		Name:    "cascade",
		Teaches: "A database stands still. Without bounds it takes all three services down, one after the other; with them the windows close hop by hop, and nothing is lost.",
		Load: ChainLoad{Quick: 5_000, Deep: all, Load: Load{
			Rate: 1_000, Work: 1_250, Pauses: []Pause{{From: time.Second, For: time.Hour}}, For: 6 * time.Second,
			Size: 1 << 10, Capacity: 250, Memory: 1 << 20, Seed: 1,
		}},
		Policies: []ChainPolicy{
			{
				Name: "unbounded", Does: "Each service takes in all that comes, and keeps what the next one does not take.", unbound: true,
				Comes: "Memory fills at the database first. When its process has died, the service keeps what it had for it, and dies of it; then the gateway does. No client was told to slow down.",
			},
			{
				Name: "backpressure", Does: "Each queue has a bound, and a service that has no room does not read.",
				Comes: "The wait passes from hop to hop up to the clients, and nobody dies. What it costs is the clients' time: they wait for as long as the database does.",
			},
		},
	},
	{
		Name:    "wrong-layer",
		Teaches: "The bottleneck is three deep, and only some requests need it: first 20 of 100, then 60. No number at the gateway is right for both.",
		Load: ChainLoad{Quick: 5_000, Deep: [2]int{20, 60}, Load: Load{
			Rate: 1_000, Work: 250, For: 8 * time.Second, Size: 1 << 10, Capacity: 100, Memory: 32 << 20, Seed: 1,
		}},
		Policies: []ChainPolicy{
			{
				Name: "no-limit", Does: "Nobody refuses anything; a service that has no room does not read.",
				Comes: "In the second half requests that need no database stand behind those that do, and all are as slow as the database.",
			},
			{
				Name: "gateway-safe", Does: "The gateway lets through 250 requests a second, which the database can do whatever they are.", limit: 250,
				Comes: "It protects the database, and refuses three requests of four, most of which would never have come to it.",
			},
			{
				Name: "gateway-tuned", Does: "The gateway lets through 1,250 requests a second, of which 250 need the database while 20 of 100 do.", limit: 1_250,
				Comes: "It is right until the mix changes; then it lets through more than twice what the database can do, and protects nothing.",
			},
			{
				Name: "at-the-bottleneck", Does: "The database refuses what it has no room for, what matters least first.", sheds: true,
				Comes: "It works all the time, and whoever does not need it feels nothing.",
			},
		},
	},
	{
		Name:    "recovery",
		Teaches: "A database is away for a second. What it finds when it is back, backlog or retry storm, decides whether the outage ends.",
		Load: ChainLoad{Quick: 5_000, Deep: all, Load: Load{
			Rate: 500, Work: 625, Pauses: []Pause{{From: time.Second, For: time.Second}}, For: 8 * time.Second,
			Size: 256, Capacity: 125, Memory: 64 << 20, Seed: 1,
		}},
		Policies: []ChainPolicy{
			{
				Name: "patient", Does: "Queues have no bound, and clients wait for as long as it takes.", unbound: true,
				Comes: "The backlog drains with what the database has to spare: four seconds for one of outage, in which everybody is late.",
			},
			{
				Name: "retry-storm", Does: "Clients give up after 500 ms and ask again at once, up to three times.", unbound: true, patience: patience, retries: 3,
				Comes: "Each answer comes after its client has asked again. The database is busy with what nobody waits for any more, and the outage goes on though its cause is gone.",
			},
			{
				Name: "retry-budget", Does: "The same, but only one request in ten may be asked again.", unbound: true, patience: patience, retries: 3, budgeted: true,
				Comes: "Retries add a tenth to the load at most, so the backlog drains; until then clients have given up whatever is processed.",
			},
			{
				Name: "retry-shed", Does: "The same three retries, but the database refuses at once what it has no room for, and clients wait longer each time.",
				sheds: true, patience: patience, retries: 3,
				Comes: "There is no backlog but one short queue: what is taken is answered in time, and the outage ends when its cause does.",
			},
		},
	},
}

// patience is for how long a client waits for an answer where it gives up at all.
const patience = 500 * time.Millisecond

// Chains returns all stories, in the order in which they are told.
func Chains() []Chain { return chains }

// Check returns a [scenarios.Mistake] for a load that cannot be run.
func (c *Chain) Check() error {
	if c.Load.Capacity < 2 { // half of a shedder's is for what matters least
		return &scenarios.Mistake{Problem: fmt.Sprintf("a queue of %d", c.Load.Capacity), Hint: "write 2 messages or more"}
	}
	return c.Load.Check()
}

// Named returns the policy of that name. The error is a [scenarios.Mistake].
func (c *Chain) Named(policy string) (ChainPolicy, error) {
	var names []string
	for _, p := range c.Policies {
		if p.Name == policy {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return ChainPolicy{}, unknown("policy of "+c.Name, policy, names)
}

// ChainNamed returns the story of that name; false if there is none.
func ChainNamed(name string) (Chain, bool) {
	for _, c := range chains {
		if c.Name == name {
			return c, true
		}
	}
	return Chain{}, false
}
