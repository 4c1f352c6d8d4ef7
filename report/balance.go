package report

import (
	"fmt"

	"flowlab/diagnose"
	"flowlab/flow"
)

// mostBalances is of how many stalls of a connection the text has the accounts.
const mostBalances = 3

// balances tells, of the longest stalls, how the accounts stood from application to
// application, and who must act.
func (p *page) balances(v *diagnose.View) {
	list := v.Layer.HTTP2.Balances
	for i := range list[:min(len(list), mostBalances)] {
		p.balance(&list[i], v)
	}
}

func (p *page) balance(b *diagnose.Balance, v *diagnose.View) {
	what := "all streams"
	if b.Stream != 0 {
		what = "stream " + pathName(b.Stream, b.Path)
	}
	p.line("  %s", wrap(fmt.Sprintf("how the accounts stood of %s, %v → %v, in %s of %v:", what, b.From, b.From.Peer(), seconds(b.For), causeOf(b)), 2, 4))
	row := func(name, text string) { p.line("    %-17s %s", name, wrap(text, 22, 22)) }
	row("writer", writer(b))
	if b.Stream != 0 {
		row("stream window", windowRow(&b.Own, b.Cause == flow.StreamWindow))
	}
	row("connection window", windowRow(&b.Connection, b.Cause == flow.ConnectionWindow))
	row("TCP in flight", size(int64(b.InFlight)))
	row("TCP window", room(b))
	row("reader", reader(b))
	p.line("    %s", wrap(mustAct(b, v), 4, 6))
}

// causeOf is what the stall is called.
func causeOf(b *diagnose.Balance) string {
	if b.Cause == flow.Application {
		return "silence"
	}
	return b.Cause.String()
}

// writer says what the sending application is known to want.
func writer(b *diagnose.Balance) string {
	m := &b.Messages
	switch content := b.Own.Sent - b.Own.Padding; {
	case m.Length > 0 && !m.Lost:
		return fmt.Sprintf("has sent %s of %s bytes of message %d", flow.Grouped(m.Done), flow.Grouped(m.Length), m.Whole+1)
	case content < b.Promised:
		return fmt.Sprintf("has sent %s of %s bytes", flow.Grouped(content), flow.Grouped(b.Promised))
	case b.Cause == flow.Application:
		return "has more to send"
	}
	return "has not said that it ends"
}

// windowRow says how much a window has left, and how much of it is out.
func windowRow(a *diagnose.Account, shut bool) string {
	text := fmt.Sprintf("%v bytes", a.Window)
	if shut {
		text += ": shut"
	}
	return text + fmt.Sprintf("; %s of %s not given back", flow.Grouped(a.Unreturned), size(a.Sent))
}

// room says how much TCP's receive window has left.
func room(b *diagnose.Balance) string {
	switch {
	case b.Cause == flow.ReceiveWindow:
		return size(int64(b.Room)) + ": shut"
	case !b.WindowKnown:
		return "its scale was not seen"
	}
	return size(int64(b.Room))
}

// reader says what the receiving application has, as far as packets show it.
func reader(b *diagnose.Balance) string {
	unreturned := b.Own.Unreturned
	if b.Stream == 0 {
		unreturned = b.Connection.Unreturned
	}
	switch b.HeldBy {
	case flow.WindowSize:
		return "reads; credit takes a round trip to come back"
	case flow.PeerLibrary:
		return fmt.Sprintf("has read; its library keeps credit for %s", size(unreturned))
	case flow.CreditHeld:
		return "does not read: " + b.Holders.Text()
	case flow.CreditLeaked:
		return "is done with them: " + b.Holders.Text()
	case flow.PeerSettings:
		return "has set the window so"
	case flow.SenderLibrary:
		return "has given credit"
	}
	if b.Cause == flow.ReceiveWindow {
		return "does not read its socket"
	}
	return fmt.Sprintf("has not read %s", size(unreturned))
}

// mustAct says who must act to end the stall.
func mustAct(b *diagnose.Balance, v *diagnose.View) string {
	switch {
	case b.HeldBy == flow.SenderLibrary:
		return fmt.Sprintf("The HTTP/2 library at %v must use its credit: it was given it, and sends nothing.", v.ID.Addr(b.From))
	case b.HeldBy == flow.Reader && b.Stream != 0:
		return fmt.Sprintf("The application at %v must read stream %s.", v.ID.Addr(b.From.Peer()), pathName(b.Stream, b.Path))
	}
	s := diagnose.Stall{Cause: b.Cause, HeldBy: b.HeldBy}
	return v.MustAct(&s, b.From)
}

// pathName is a stream's number with its path.
func pathName(id uint32, path string) string {
	if path == "" {
		return fmt.Sprint(id)
	}
	return fmt.Sprintf("%d (%s)", id, path)
}
