// Package overload runs the story of backpressure: a producer has more messages than a
// worker can process, and a policy decides what becomes of the rest.
//
// A [Load] says what is due when, and what the worker can do; a [Policy], by what rules
// messages go from one to the other; a [Link], on what they travel. [Run] plays that in the
// time of package time, which may be virtual (testing/synctest), and returns where every
// message went.
//
//	schedule ─▶ gate ─▶ link ─▶ queue ─▶ worker
//	              ▲                │        │
//	              └──── signals ◀──┴────────┘
//
// A [Chain] is the story of three services in a row, gateway, service and database, each
// with a queue and a link of its own. Requests go down the row, and answers come back as
// signals; clients may give up and ask again. Every message is accounted for at every hop
// ([ChainResult.Balance]).
//
//	clients ─▶ link ─▶ gateway ─▶ link ─▶ service ─▶ link ─▶ database
//	   ▲────────── answers ◀──────────────────────────────────┘
package overload
