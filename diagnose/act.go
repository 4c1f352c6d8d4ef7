package diagnose

import (
	"fmt"

	"flowlab/flow"
)

// MustAct says who must act to end a stall of a sender, and what to do: a sentence, or
// none where nothing can be said.
func (v *View) MustAct(s *Stall, from flow.Side) string {
	sender, receiver := v.ID.Addr(from), v.ID.Addr(from.Peer())
	switch {
	case s.Cause == flow.ConnectionWindow || s.Cause == flow.StreamWindow || s.Cause == flow.StreamLimit:
		return v.mustActHTTP(s, from)
	case s.HeldBy == flow.Reader:
		return fmt.Sprintf("The application at %v must read what it is sent.", receiver)
	case s.HeldBy == flow.WindowSize:
		return fmt.Sprintf("The receive buffer at %v must be larger.", receiver)
	case s.HeldBy == flow.LostUpdate, s.Cause == flow.LossRecovery:
		return fmt.Sprintf("Look where packets between %v and %v are lost.", sender, receiver)
	case s.Cause == flow.Congestion:
		return fmt.Sprintf("Neither application can do anything: only a faster path from %v to %v would help.", sender, receiver)
	case s.Cause == flow.Nagle:
		return fmt.Sprintf("The application at %v must write each message in one piece, or set TCP_NODELAY.", sender)
	case s.Cause == flow.SendBuffer:
		return fmt.Sprintf("The send buffer at %v must be larger.", sender)
	case s.Cause == flow.Handshake && v.Handshake:
		return fmt.Sprintf("See how far away %v is, and whether SYNs were lost or had to wait there.", v.ID.Server)
	case s.Cause == flow.Handshake:
		return fmt.Sprintf("See whether %v can be reached, and listens.", v.ID.Server)
	case v.Directions[from].Unseen > 0:
		return "What it sent must be captured: at a place that all of it passes, without losses."
	case !v.Handshake:
		return "The capture must have the connection's start to tell more."
	}
	return ""
}

// mustActHTTP says who must act to end a stall of HTTP/2, on which streams.
func (v *View) mustActHTTP(s *Stall, from flow.Side) string {
	receiver := v.ID.Addr(from.Peer())
	h := v.Layer.HTTP2
	switch {
	case s.Cause == flow.StreamLimit:
		return fmt.Sprintf("The application at %v must raise SETTINGS_MAX_CONCURRENT_STREAMS, or the client end streams sooner or open another connection.", receiver)
	case s.HeldBy == flow.CreditHeld:
		return fmt.Sprintf("The application at %v must read or cancel them: %s.", receiver, h.Directions[from].Holders.Text())
	case s.HeldBy == flow.CreditLeaked:
		return fmt.Sprintf("The HTTP/2 library at %v must give it back; until then only a new connection helps: %s.", receiver, h.Directions[from].Holders.Text())
	case s.HeldBy == flow.WindowSize:
		return fmt.Sprintf("The HTTP/2 windows at %v must be larger.", receiver)
	case s.HeldBy == flow.PeerLibrary:
		return fmt.Sprintf("The HTTP/2 library at %v must give credit for what was read, and for padding.", receiver)
	case s.HeldBy == flow.PeerSettings:
		return fmt.Sprintf("The application at %v must raise SETTINGS_INITIAL_WINDOW_SIZE, or give credit by WINDOW_UPDATE.", receiver)
	}
	for i := range h.Streams {
		st := &h.Streams[i]
		if half := &st.Halves[from]; half.Limits[flow.StreamWindow] > 0 {
			return fmt.Sprintf("The application at %v must read %s: it has not read %s bytes of it.", receiver, named(st), flow.Grouped(half.Unreturned))
		}
	}
	return ""
}
