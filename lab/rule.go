package lab

import "fmt"

// AnyPort as [Rule.From] makes a rule hold for packets of every port.
const AnyPort = -1

// Rule says which packets to drop. It counts the packets of its kind from its
// port from 1 on, starting when it is set, and drops those in its range.
//
//	{From: 1, What: WindowUpdate, Last: 1}             // the next window update
//	{From: 0, What: Any, First: 10, Last: 14}          // five packets
//	{From: 1, What: WindowUpdate, Until: WindowProbe}  // all, until a probe arrived
type Rule struct {
	// From is the index of the port whose packets are dropped, or AnyPort.
	From int
	// What kind of packets is counted and dropped.
	What Kind
	// First and Last are the range to drop. First 0 is the same as 1; Last 0
	// is no end.
	First, Last int
	// Until ends the rule when a packet of this kind, sent to the port From
	// after the rule was set, arrives; with AnyPort one to any port. The
	// answer to it is no longer dropped. Any is no such end.
	Until Kind
}

// Validate returns an error that names the first senseless value.
func (r Rule) Validate() error {
	switch {
	case r.From < AnyPort:
		return fmt.Errorf("from port %d: a port has an index from 0, or %d for any", r.From, AnyPort)
	case r.What >= numKinds:
		return fmt.Errorf("drop %v: no such kind of packet", r.What)
	case r.Until >= numKinds:
		return fmt.Errorf("until %v: no such kind of packet", r.Until)
	case r.First < 0:
		return fmt.Errorf("first is %d: packets are counted from 1", r.First)
	case r.Last < 0:
		return fmt.Errorf("last is %d: packets are counted from 1", r.Last)
	case r.Last > 0 && r.Last < r.First:
		return fmt.Errorf("last is %d, before first, %d", r.Last, r.First)
	}
	return nil
}

// Drop adds a rule. Every rule counts every packet, also those that another
// one drops; a packet is dropped if any of them says so. The error is that of
// [Rule.Validate], or that the wire has no such port yet.
func (w *Wire) Drop(r Rule) error {
	if err := r.Validate(); err != nil {
		return fmt.Errorf("drop rule: %w", err)
	}
	w.mu.RLock()
	ports := len(w.ports)
	w.mu.RUnlock()
	if r.From >= ports {
		return fmt.Errorf("drop rule: from port %d, but there are %d ports", r.From, ports)
	}
	w.filter.add(r)
	return nil
}
