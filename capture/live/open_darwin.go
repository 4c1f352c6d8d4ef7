package live

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"sync/atomic"

	"flowlab/capture"
	"flowlab/capture/filter"
	"flowlab/flow"
)

// retire is after how long the kernel gives what it has.
const retire = 40 * time.Millisecond

// device captures through a device of the Berkeley packet filter (bpf(4)).
type device struct {
	fd       int
	ifaces   []capture.Interface
	buffer   []byte
	rest     []byte // of what was read last
	received atomic.Int64
	stopping atomic.Bool
	last     bool // the last read after stopping is done
}

func open(o *Options) (handle, *filter.Filter, error) {
	switch {
	case o.Namespace != "":
		return nil, nil, fmt.Errorf("network namespace %s: %w on this system", o.Namespace, errors.ErrUnsupported)
	case o.Interface == Any:
		return nil, nil, fmt.Errorf("all interfaces: %w on this system", errors.ErrUnsupported)
	}
	fd, err := openDevice()
	if err != nil {
		return nil, nil, err
	}
	d := &device{fd: fd}
	match, err := d.begin(o)
	if err != nil {
		return nil, nil, errors.Join(err, d.close())
	}
	return d, match, nil
}

// openDevice opens the first device that nobody uses.
func openDevice() (int, error) {
	for n := range 256 {
		path := fmt.Sprintf("/dev/bpf%d", n)
		fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		switch {
		case err == nil:
			return fd, nil
		case !errors.Is(err, syscall.EBUSY):
			return 0, fmt.Errorf("%s: %w", path, err)
		}
	}
	return 0, fmt.Errorf("each device /dev/bpf* is in use: %w", syscall.EBUSY)
}

// begin begins to capture. Until the filter is known nothing is let through; to
// set it empties the buffer, too.
func (d *device) begin(o *Options) (*filter.Filter, error) {
	size, err := syscall.SetBpfBuflen(d.fd, o.Buffer)
	if err != nil {
		return nil, fmt.Errorf("a buffer of %d bytes: %w", o.Buffer, err)
	}
	d.buffer = make([]byte, size)
	if err := syscall.SetBpf(d.fd, []syscall.BpfInsn{*syscall.BpfStmt(syscall.BPF_RET|syscall.BPF_K, 0)}); err != nil {
		return nil, fmt.Errorf("set a filter: %w", err)
	}
	err = syscall.SetBpfInterface(d.fd, o.Interface)
	if errors.Is(err, syscall.ENXIO) {
		return nil, ErrNoInterface
	}
	if err != nil {
		return nil, err
	}
	dlt, err := syscall.BpfDatalink(d.fd)
	if err != nil {
		return nil, fmt.Errorf("link type: %w", err)
	}
	link := linkType(dlt)
	d.ifaces = []capture.Interface{{Name: o.Interface, LinkType: link, SnapLen: o.SnapLen}}
	wait := syscall.NsecToTimeval(int64(retire))
	if err := syscall.SetBpfTimeout(d.fd, &wait); err != nil {
		return nil, fmt.Errorf("set a time to wait: %w", err)
	}
	if o.Promiscuous {
		if err := syscall.SetBpfPromisc(d.fd, 1); err != nil {
			return nil, fmt.Errorf("promiscuous mode: %w", err)
		}
	}
	program, match, err := compile(o, link)
	if err != nil {
		return nil, err
	}
	instructions := make([]syscall.BpfInsn, len(program))
	for i, p := range program {
		instructions[i] = syscall.BpfInsn{Code: p.Op, Jt: p.Jt, Jf: p.Jf, K: p.K}
	}
	if err := syscall.SetBpf(d.fd, instructions); err != nil {
		return nil, fmt.Errorf("attach a filter of %d instructions: %w", len(program), err)
	}
	return match, nil
}

// linkType is that of a capture file for a data link type of this system.
func linkType(dlt int) capture.LinkType {
	if dlt == 12 { // DLT_RAW
		return capture.RawIP
	}
	return capture.LinkType(dlt)
}

func (d *device) interfaces() []capture.Interface { return d.ifaces }

func (d *device) next(wait time.Duration) (capture.Packet, error) {
	until := time.Now().Add(wait)
	for len(d.rest) == 0 {
		if d.last {
			return capture.Packet{}, io.EOF
		}
		d.last = d.stopping.Load()
		n, err := syscall.Read(d.fd, d.buffer)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENETDOWN):
			return capture.Packet{}, ErrGone
		case err != nil:
			return capture.Packet{}, fmt.Errorf("read packets: %w", err)
		}
		d.rest = d.buffer[:max(n, 0)]
		if n <= 0 && !d.stopping.Load() && !time.Now().Before(until) {
			return capture.Packet{}, ErrNone
		}
	}
	p, rest, err := record(d.rest)
	d.rest = rest
	d.received.Add(1)
	return p, err
}

// spare: a filter that is set anew empties the buffer here.
func (d *device) spare([]flow.Tuple) error { return errors.ErrUnsupported }

func (d *device) stop() { d.stopping.Store(true) }

// stats counts what was read: the system's own number has packets that the filter
// did not let through.
func (d *device) stats() (Stats, error) {
	s := Stats{Received: d.received.Load()}
	count, err := syscall.BpfStats(d.fd)
	if err != nil {
		return s, fmt.Errorf("count packets: %w", err)
	}
	s.Dropped = int64(count.Drop)
	return s, nil
}

func (d *device) close() error { return syscall.Close(d.fd) }
