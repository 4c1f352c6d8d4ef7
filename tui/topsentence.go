// Who holds a socket, and what would let it go, in words.

package tui

import (
	"fmt"

	"flowlab/flow"
	"flowlab/sockets/looks"
	"flowlab/tui/parts"
)

// socketSentence says what limits a socket, for how long, and who must act.
func socketSentence(r *looks.Row, at flow.Time) verdict {
	who := processText(r)
	since := " for " + secondsText(r.For(at), 0)
	switch {
	case r.OwnReader():
		return verdict{lead: who + " holds the other side", ink: parts.Alarm,
			rest: fmt.Sprintf("%s: %s wait unread, and it must read them", since, bytesText(int64(r.Unread)))}
	case r.Cause == flow.Application:
		return verdict{lead: "nobody holds " + who + ": it has nothing to send"}
	case r.Cause == flow.Unknown:
		return verdict{lead: "what limits " + who + " is not known: this kernel does not count it (Linux 4.10 and later do)"}
	}
	return verdict{
		lead: who + " is held by ", cause: capitals(r.Cause), ink: inkOf(r.Cause),
		rest: since + ": " + remedy(r),
	}
}

// processText names who holds a socket.
func processText(r *looks.Row) string {
	if r.Process == nil {
		return "the sender"
	}
	return fmt.Sprintf("%s (pid %d)", r.Process.Name, r.Process.PID)
}

// remedy says who must act, and how.
func remedy(r *looks.Row) string {
	switch r.Cause {
	case flow.ReceiveWindow:
		if r.HeldBy == flow.WindowSize {
			return fmt.Sprintf("the window of %v, %s, is too small for this path; it needs a larger receive buffer", r.Remote, bytesText(int64(r.SndWnd)))
		}
		return fmt.Sprintf("the application at %v must read, or have a larger receive buffer", r.Remote)
	case flow.SendBuffer:
		return fmt.Sprintf("its send buffer, %s with the kernel's overhead, is too small for this path (SO_SNDBUF, net.ipv4.tcp_wmem)", bytesText(int64(r.SendBuffer)))
	case flow.LossRecovery:
		return fmt.Sprintf("the kernel repairs a loss, %d segments were sent again so far; look where the path loses packets", r.Retransmitted)
	case flow.Handshake:
		return fmt.Sprintf("the connection is being opened; see whether %v can be reached", r.Remote)
	}
	return "the path takes no more; nothing on this host would let it go"
}
