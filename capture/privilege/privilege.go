// Package privilege gives up what a process may do, once it has opened what it
// needs.
//
// Whoever captures packets parses what strangers send. A mistake in the parser
// must not be worth anything: so an interface is opened first, then [Drop] is
// called, and only then the first packet is looked at.
//
// On Linux no thread has a capability then (capabilities(7)), not even in its
// bounding set, no program that is run gains any (no_new_privs), and Landlock
// (landlock(7)) confines all threads to the files that were granted, to the
// terminal, to the list of their own threads, and to no TCP connection. What was
// open stays open. Landlock does not cover UDP before
// its version 10, nor Multipath TCP, and kernels before 5.13 do not have it; then
// the capabilities are given up all the same. Other systems have nothing of this
// that a process can do to itself without cgo: there Drop does nothing.
package privilege

// Grant is what a process may still do with files after [Drop].
type Grant struct {
	// Write are folders in which files may be made, written, read and removed.
	Write []string
	// Make are folders in which files may be made and written, but neither read nor
	// removed.
	Make []string
	// Read are files that may be read.
	Read []string
}
