//go:build !linux

package story

// loopback is the name of the loopback interface.
const loopback = "lo0"
