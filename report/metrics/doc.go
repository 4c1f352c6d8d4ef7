// Package metrics exposes to Prometheus what holds senders: by cause, how often, and now.
//
// [Run], [Watch] and [Serve] are filled from snapshots, which never change, and so ask
// nothing of what is measured. Connections are added up; none has a label of its own, but
// for those of [Watch] that are held the longest, at most as many as are asked for. All
// names, with what they mean and who exposes them, are in the table of definitions, and in
// docs/metrics.md, which a test holds to it.
package metrics
