package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Device is the name of a host's device in its namespace.
const Device = "tun0"

// deviceQueue is how many packets a device holds that the host has not yet read.
// A packet that finds it full is lost without having been on the wire, so it is
// more than windows let in flight at once.
const deviceQueue = 1 << 16

// openDevice makes the TUN device of the namespace that the thread is in. Each
// read takes a packet, each write gives one.
func openDevice() (*os.File, error) {
	const path = "/dev/net/tun"
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	request, err := unix.NewIfreq(Device)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the TUN device: %w", err), unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), path), nil
}

// setDevice brings up the devices of the namespace that the thread is in, with
// their addresses, and routes all to the TUN device.
func setDevice(o *Options) error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find lo: %w", err)
	}
	tun, err := netlink.LinkByName(Device)
	if err != nil {
		return fmt.Errorf("find %s: %w", Device, err)
	}
	for _, step := range []struct {
		what string
		err  error
	}{
		{"bring lo up", netlink.LinkSetUp(lo)},
		{"set the queue", netlink.LinkSetTxQLen(tun, deviceQueue)},
		{"set the largest segment", netlink.LinkSetGSOMaxSegs(tun, 1)},
		{"set the MTU", netlink.LinkSetMTU(tun, o.MTU)},
		{"bring the device up", netlink.LinkSetUp(tun)},
	} {
		if step.err != nil {
			return fmt.Errorf("%s: %w", step.what, step.err)
		}
	}
	for _, a := range o.Addrs {
		a = a.Unmap()
		whole := &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(a.BitLen(), a.BitLen())}
		if err := netlink.AddrAdd(tun, &netlink.Addr{IPNet: whole, Flags: unix.IFA_F_NODAD}); err != nil {
			return fmt.Errorf("add the address %s: %w", a, err)
		}
	}
	return setRoutes(o.Addrs, o.DelayedACK)
}

// setRoutes sends everything to the TUN device, with ACKs that the kernel delays
// or not.
func setRoutes(addrs []netip.Addr, delayed bool) error {
	tun, err := netlink.LinkByName(Device)
	if err != nil {
		return fmt.Errorf("find %s: %w", Device, err)
	}
	for _, a := range addrs {
		bits := a.Unmap().BitLen()
		all := netlink.Route{
			LinkIndex: tun.Attrs().Index,
			Dst:       &net.IPNet{IP: make(net.IP, bits/8), Mask: net.CIDRMask(0, bits)},
		}
		if !delayed {
			all.QuickACK = 1
		}
		if err := netlink.RouteReplace(&all); err != nil {
			return fmt.Errorf("set the route: %w", err)
		}
	}
	return nil
}
