// Package interop has no code, only tests: what real HTTP/2 programs send to each other,
// captured in a network namespace, goes through flowlab's pipeline. The frames that it
// finds are those that tshark finds, no window goes where RFC 9113 forbids it, and what
// each program announces first is what it is known to.
package interop
