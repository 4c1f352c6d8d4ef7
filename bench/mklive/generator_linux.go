package main

import (
	"encoding/binary"
	"errors"
	"net"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const connections = 100

// generator sends segments of a hundred connections, both directions of them:
// data, and an ACK after every second segment.
type generator struct {
	fd    int
	to    unix.SockaddrLinklayer
	seq   [connections]uint32
	count int
	frame [1514]byte
}

func newGenerator(iface string) (*generator, error) {
	i, err := net.InterfaceByName(iface)
	if err != nil {
		return nil, err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &generator{fd: fd, to: unix.SockaddrLinklayer{Ifindex: i.Index}}, nil
}

func (g *generator) close() { _ = unix.Close(g.fd) }

// send sends frames of a size for a time, at a rate or as fast as it can, and
// returns how many.
func (g *generator) send(size, rate int, length time.Duration) (sent int, err error) {
	began := time.Now()
	for time.Since(began) < length {
		due := sent + 64
		if rate > 0 {
			due = int(time.Since(began).Seconds() * float64(rate))
		}
		for ; sent < due; sent++ {
			if err := g.one(size); err != nil {
				return sent, err
			}
		}
		if rate > 0 {
			time.Sleep(200 * time.Microsecond)
		}
	}
	return sent, nil
}

func (g *generator) one(size int) error {
	n := g.count % (3 * connections)
	g.count++
	frame := g.next(n%connections, n/connections == 2, size)
	for {
		err := unix.Sendto(g.fd, frame, 0, &g.to)
		if !errors.Is(err, unix.ENOBUFS) && !errors.Is(err, unix.EINTR) {
			return err
		}
		runtime.Gosched()
	}
}

// next is the next segment of a connection: an ACK of all, or data.
func (g *generator) next(n int, ack bool, size int) []byte {
	const headers, tcp = 14 + 20 + 20, 14 + 20
	if ack {
		size = headers
	}
	f := g.frame[:max(size, headers)]
	payload := uint32(len(f) - headers)
	f[5], f[11], f[12], f[13] = 2, 1, 8, 0
	f[14], f[22], f[23] = 0x45, 64, 6
	binary.BigEndian.PutUint16(f[16:], uint16(len(f)-14))
	client, server := []byte{10, 79, 0, 1}, []byte{10, 79, 0, 2}
	ports := [2]uint16{uint16(40000 + n), 443}
	seq, acked := g.seq[n], uint32(1)
	if ack {
		client, server, ports = server, client, [2]uint16{443, uint16(40000 + n)}
		seq, acked = 1, g.seq[n]
	}
	copy(f[26:], client)
	copy(f[30:], server)
	binary.BigEndian.PutUint16(f[tcp:], ports[0])
	binary.BigEndian.PutUint16(f[tcp+2:], ports[1])
	binary.BigEndian.PutUint32(f[tcp+4:], seq)
	binary.BigEndian.PutUint32(f[tcp+8:], acked)
	f[tcp+12], f[tcp+13] = 0x50, 0x10
	binary.BigEndian.PutUint16(f[tcp+14:], 60000)
	if !ack {
		g.seq[n] += payload
	}
	return f
}
