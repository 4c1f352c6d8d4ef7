//go:build amd64 || 386

package live

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/google/gopacket/pcap"

	"flowlab/capture"
	"flowlab/capture/filter"
	"flowlab/flow"
)

// retire is after how long the driver gives what it has.
const retire = 40 * time.Millisecond

// adapter captures through Npcap's library, which is found when the program runs.
type adapter struct {
	pcap     *pcap.Handle
	ifaces   []capture.Interface
	stopping atomic.Bool
	over     time.Time // once stopping: when nothing more can come
}

func open(o *Options) (handle, *filter.Filter, error) {
	switch {
	case o.Namespace != "":
		return nil, nil, fmt.Errorf("network namespace %s: %w on this system", o.Namespace, errors.ErrUnsupported)
	case o.Interface == Any:
		return nil, nil, fmt.Errorf("all interfaces: %w on this system", errors.ErrUnsupported)
	}
	if err := pcap.LoadWinPCAP(); err != nil {
		return nil, nil, fmt.Errorf("Npcap is not installed: %w", err)
	}
	inactive, err := pcap.NewInactiveHandle(o.Interface)
	if err != nil {
		return nil, nil, err
	}
	defer inactive.CleanUp()
	if err := errors.Join(
		inactive.SetSnapLen(o.SnapLen), inactive.SetPromisc(o.Promiscuous),
		inactive.SetTimeout(retire), inactive.SetBufferSize(o.Buffer),
	); err != nil {
		return nil, nil, err
	}
	opened, err := inactive.Activate()
	if err != nil {
		return nil, nil, err
	}
	a := &adapter{pcap: opened}
	match, err := a.begin(o)
	if err != nil {
		return nil, nil, errors.Join(err, a.close())
	}
	return a, match, nil
}

// begin attaches the filter. Packets that came before it did are left out by the
// same filter again.
func (a *adapter) begin(o *Options) (*filter.Filter, error) {
	link := capture.LinkType(a.pcap.LinkType())
	a.ifaces = []capture.Interface{{Name: o.Interface, LinkType: link, SnapLen: o.SnapLen}}
	program, match, err := compile(o, link)
	if err != nil || match != nil || o.Filter == "" {
		return match, err
	}
	instructions := make([]pcap.BPFInstruction, len(program))
	for i, p := range program {
		instructions[i] = pcap.BPFInstruction{Code: p.Op, Jt: p.Jt, Jf: p.Jf, K: p.K}
	}
	if err := a.pcap.SetBPFInstructionFilter(instructions); err != nil {
		return nil, fmt.Errorf("attach a filter of %d instructions: %w", len(program), err)
	}
	return filter.Compile(o.Filter, link)
}

func (a *adapter) interfaces() []capture.Interface { return a.ifaces }

func (a *adapter) next(wait time.Duration) (capture.Packet, error) {
	until := time.Now().Add(wait)
	for {
		data, info, err := a.pcap.ZeroCopyReadPacketData()
		switch {
		case err == nil:
			return capture.Packet{Time: flow.FromTime(info.Timestamp), Data: data, Length: info.Length}, nil
		case errors.Is(err, pcap.NextErrorNoMorePackets):
			return capture.Packet{}, io.EOF
		case !errors.Is(err, pcap.NextErrorTimeoutExpired):
			return capture.Packet{}, fmt.Errorf("%w: %w", ErrGone, err)
		}
		if a.stopping.Load() {
			if a.over.IsZero() {
				a.over = time.Now().Add(2 * retire)
			}
			if time.Now().After(a.over) {
				return capture.Packet{}, io.EOF
			}
			continue
		}
		if !time.Now().Before(until) {
			return capture.Packet{}, ErrNone
		}
	}
}

// spare: a filter that is set anew empties the buffer here.
func (a *adapter) spare([]flow.Tuple) error { return errors.ErrUnsupported }

func (a *adapter) stop() { a.stopping.Store(true) }

func (a *adapter) stats() (Stats, error) {
	count, err := a.pcap.Stats()
	if err != nil {
		return Stats{}, fmt.Errorf("count packets: %w", err)
	}
	return Stats{Received: int64(count.PacketsReceived), Dropped: int64(count.PacketsDropped + count.PacketsIfDropped)}, nil
}

func (a *adapter) close() error {
	a.pcap.Close()
	return nil
}
