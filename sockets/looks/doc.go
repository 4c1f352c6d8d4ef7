// Package looks keeps what was seen of a host's sockets, look by look, for a screen that
// goes back and forth in it.
//
// [Looks.Add] enters a look: what [sockets.Monitor] says of an interval. A [Snapshot] is
// how all sockets stood at one look, the latest or an earlier one; nothing changes it.
// [Looks.Past] is all that is known of one socket.
//
// Of a socket that is as it was nothing is written. Looks are kept for ten minutes and in
// at most 128 MiB: that is enough for the whole time if 1,000 sockets are busy all of it
// and looked at once a second, and for a minute of 10,000 that are (TestBudget). Then the
// oldest are given up.
//
// Which sockets a screen shows, and in which order, is for [ParseFilter] and [Sort].
package looks
