// Package play runs a scenario: it builds the lab, starts producer and
// consumer, turns the knobs when the script says so, feeds every packet to the
// analysis, and at the end checks what the scenario promised.
//
// A [Run] goes on by itself from [Start] until its end. Meanwhile anybody may
// turn a knob with [Run.Set] and look at the latest [Snapshot], which costs the
// run nothing: it is made sixty times a second at most, and never changes. The script can be
// held ([Run.Hold]) and moved on ([Run.Next]), and in a quiz it waits for answers ([Run.Answer]).
//
// What runs at either end is an application: TCP's writer and reader, or with HTTP/2
// the instrumented client and server. [All] plays several scenarios.
//
// The lab gets no private path. What a snapshot says of windows and causes was
// concluded from packets; what the endpoints and their stacks know stands
// beside it, as [Truth], so that the two can be compared.
package play
