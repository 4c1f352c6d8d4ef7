package lab

// PortStats are what became of a port's packets. A packet that was sent and is
// in none of the other counts is on its way.
type PortStats struct {
	Name       string
	Sent       uint64 // handed to Send
	Delivered  uint64 // of those, how many reached their destination
	Lost       uint64 // by Path.Loss
	Overflowed uint64 // by Path.Queue
	Dropped    uint64 // by a Rule
	Unroutable uint64 // no port has the destination address
}

// Stats returns the counts of all ports, by their index. Ports count while they
// are being read, so the counts of a busy port need not fit each other.
func (w *Wire) Stats() []PortStats {
	w.mu.RLock()
	defer w.mu.RUnlock()
	stats := make([]PortStats, len(w.ports))
	for i, p := range w.ports {
		stats[i] = PortStats{
			Name:       p.name,
			Sent:       p.count.sent.Load(),
			Delivered:  p.count.delivered.Load(),
			Lost:       p.count.lost.Load(),
			Overflowed: p.count.overflowed.Load(),
			Dropped:    p.count.ruled.Load(),
			Unroutable: p.count.unroutable.Load(),
		}
	}
	return stats
}
