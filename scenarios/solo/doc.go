// Package solo plays one end of a scenario over a real connection: the producer
// or the consumer alone, as flowlab send and flowlab serve do on two machines. The
// other end, and the path between the two, are somebody else's.
//
// Of a scenario it takes what concerns that end: its knobs, the steps of the
// script that turn them, and the lines that the script says. Times count from the
// connection's start. Knobs of the network, and drop rules, mean nothing here; see
// [Foreign].
package solo
