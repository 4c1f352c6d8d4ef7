package metrics

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"flowlab/diagnose/board"
	"flowlab/flow"
)

// Watch is the metrics of connections that are watched. Use [NewWatch].
type Watch struct {
	exposed
	senders senders
	packets grown
	bytes   grown
	dropped grown
	states  *prometheus.GaugeVec
	shut    *prometheus.GaugeVec
	worst   *prometheus.GaugeVec
	named   map[[5]string]bool // labels that worst has now
	most    int
}

// NewWatch returns the metrics of connections of which nothing is known yet. As many of
// those that are held, the longest first, have a label of their own.
func NewWatch(most int) *Watch {
	e := newExposed("watch")
	return &Watch{
		exposed: e, senders: newSenders(&e), most: most,
		packets: grown{of: e.counter("flowlab_packets_total").WithLabelValues()},
		bytes:   grown{of: e.counter("flowlab_wire_bytes_total").WithLabelValues()},
		dropped: grown{of: e.counter("flowlab_capture_dropped_packets_total").WithLabelValues()},
		states:  e.gauge("flowlab_connections"),
		shut:    e.gauge("flowlab_receive_windows_shut"),
		worst:   e.gauge("flowlab_connection_held_seconds"),
	}
}

// heldRow is a sender that is held.
type heldRow struct {
	row  *board.Row
	side flow.Side
}

func (h heldRow) of() *board.Side { return &h.row.Sides[h.side] }

// Enter enters how connections stand. It is for one goroutine at a time.
func (w *Watch) Enter(s *board.Snapshot) {
	w.packets.to(s.Source.Packets)
	w.bytes.to(s.Source.Bytes)
	w.dropped.to(s.Source.Dropped)
	var states [board.Closed + 1]int
	var shut [2]int
	var held []heldRow
	seenAt := map[flow.Conn]string{}
	w.senders.begin()
	for i := range s.Rows {
		row := &s.Rows[i]
		if at, seen := seenAt[row.ID]; seen && at != row.Interface {
			continue // a second observation of it
		}
		seenAt[row.ID] = row.Interface
		states[row.State]++
		for side := range row.Sides {
			from := flow.Side(side)
			w.senders.enter(key{row.ID, from}, row.Start, senderAt(&row.Sides[side], from), s.At)
			if row.Sides[side].Shut {
				shut[side]++
			}
			if row.Sides[side].Held {
				held = append(held, heldRow{row, from})
			}
		}
	}
	w.senders.end(s.At)
	for state, n := range states {
		w.states.WithLabelValues(board.State(state).String()).Set(float64(n))
	}
	for side, n := range shut {
		w.shut.WithLabelValues(flow.Side(side).String()).Set(float64(n))
	}
	w.name(held, s.At)
}

// name gives labels to the senders that are held the longest, and to no others.
func (w *Watch) name(held []heldRow, at flow.Time) {
	slices.SortFunc(held, func(a, b heldRow) int {
		return cmp.Or(cmp.Compare(a.of().Since, b.of().Since), cmp.Compare(a.row.Number, b.row.Number))
	})
	named := map[[5]string]bool{}
	for _, h := range held[:min(len(held), w.most)] {
		s := h.of()
		labels := [5]string{h.row.ID.Client.String(), h.row.ID.Server.String(), h.side.String(), s.Cause.String(), s.HeldBy.String()}
		named[labels] = true
		w.worst.WithLabelValues(labels[:]...).Set(s.For(at).Seconds())
	}
	for labels := range w.named {
		if !named[labels] {
			w.worst.DeleteLabelValues(labels[:]...)
		}
	}
	w.named = named
}

// senderAt is one side of a row.
func senderAt(s *board.Side, from flow.Side) *sender {
	return &sender{
		from: from, bytes: s.Bytes, cause: s.Cause, heldBy: s.HeldBy, since: s.Since, held: s.Held,
		stalled: s.Stalled, stalls: s.Stalls,
	}
}
