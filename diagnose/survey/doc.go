// Package survey analyses capture files: any number of files, of any size, on
// all cores, in memory that depends on how many connections are open at a time
// and not on how much was captured.
//
// One goroutine reads and decodes, and deals the segments out by connection to
// workers, in rounds of a fixed number of packets. Each worker keeps the ledgers
// of its connections ([diagnose.Bulk]). What they hand on is brought into one
// order, round by round, so the result is the same for any number of workers.
//
//	files ─▶ read, decode ─┬▶ worker: ledgers ─┬▶ order ─▶ Receive
//	                       └▶ worker: ledgers ─┘
//
// Files that follow each other in time, with the same interfaces, are one
// capture, as a ring of files is: connections go on from one into the next. Files
// that overlap in time are captures made at the same time at several points, and
// each gives observations of its own.
package survey
