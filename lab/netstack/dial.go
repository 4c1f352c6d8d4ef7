package netstack

import (
	"context"
	"errors"
	"net"
	"net/netip"

	"flowlab/flow"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// Dial opens a connection; it waits for the handshake. The error is a
// [*net.OpError]: of ctx if it ends before, or that the other side refuses the
// connection or does not answer.
func (h *Host) Dial(ctx context.Context, to netip.AddrPort) (*Conn, error) {
	fail := func(err error) (*Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: tcpAddr(to), Err: err}
	}
	if !to.IsValid() {
		return fail(errors.New("the address is invalid"))
	}
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	addr := to.Addr().Unmap()
	queue := new(waiter.Queue)
	ep, terr := h.stack.NewEndpoint(tcp.ProtocolNumber, protocolOf(addr), queue)
	if terr != nil {
		return fail(errors.New(terr.String()))
	}
	entry, done := waiter.NewChannelEntry(waiter.WritableEvents | waiter.EventErr | waiter.EventHUp)
	queue.EventRegister(&entry)
	defer queue.EventUnregister(&entry)

	terr = ep.Connect(tcpip.FullAddress{NIC: nic, Addr: toStack(addr), Port: to.Port()})
	tuple := flow.Tuple{Dst: flow.EndpointOf(netip.AddrPortFrom(addr, to.Port()))}
	if local, err := ep.GetLocalAddress(); err == nil {
		tuple.Src = endpointOf(local.Addr, local.Port)
	}
	if _, started := terr.(*tcpip.ErrConnectStarted); started {
		select {
		case <-done:
			terr = ep.LastError()
		case <-ctx.Done():
			ep.Abort()
			h.tracks.drop(tuple)
			return fail(ctx.Err())
		}
	}
	if terr != nil {
		ep.Close()
		h.tracks.drop(tuple)
		return fail(errors.New(terr.String()))
	}
	return h.newConn(ep, queue), nil
}
