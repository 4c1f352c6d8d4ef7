// Package floors has no code, only a test: that the packages of flowlab stand
// on floors. A package imports only from floors below its own; the pure ones
// know no network, no system and no clock, so that a file replays exactly as it
// was recorded; and each heavy dependency is imported in one place.
//
// A new package is given its floor in floors_test.go. The list of packages
// comes from the go command, which the test cache does not watch: after adding
// one, test with -count=1.
package floors
