// Package story runs scenarios on real systems: programs of others, started on this
// machine's loopback interface, watched from outside, and ended.
//
// A [Story] is told on a [Stage], which has what every story needs: a folder that is
// removed, ports that are free, processes that end with it, the packets of a port with
// flowlab's verdict on them, figures over time, and checks of what was promised. Whatever
// happens to the story, an interruption included, nothing of it stays behind. Only who kills
// flowlab itself has the folder stay; the processes are asked to end then, on Linux.
package story
