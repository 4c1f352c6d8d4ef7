package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"flowlab/internal/need"
	"flowlab/lab"
	"flowlab/lab/kernel"
)

// TestTopAgreesWithSS makes each of the kernel's causes happen to a real socket, and
// holds its row of top to what ss says just before and just after.
func TestTopAgreesWithSS(t *testing.T) {
	need.Root(t)
	need.Program(t, "ss")
	need.Program(t, "nsenter")
	program := built(t)
	for _, c := range []struct {
		cause, heldBy string
		sender        kernel.Options
		window        int
		path          lab.Path
		read          bool
		write         int // bytes every 10 ms, or all it can
	}{
		{cause: "receive-window", heldBy: "reader", window: 64 << 10, path: lab.Path{Delay: 5 * time.Millisecond}},
		{cause: "receive-window", heldBy: "window-size", window: 64 << 10, path: lab.Path{Delay: 50 * time.Millisecond}, read: true},
		{cause: "send-buffer", heldBy: "sender-socket", sender: kernel.Options{SendBuffer: 64 << 10}, window: 4 << 20, path: lab.Path{Delay: 25 * time.Millisecond}, read: true},
		{cause: "application", heldBy: "sender-application", window: 4 << 20, path: lab.Path{Delay: 100 * time.Millisecond}, read: true, write: 8 << 10},
		{cause: "congestion", heldBy: "path", sender: kernel.Options{SendBuffer: 64 << 20}, window: 64 << 20, path: lab.Path{Delay: 5 * time.Millisecond, Rate: 10e6}, read: true},
	} {
		t.Run(c.cause+" by "+c.heldBy, func(t *testing.T) {
			t.Parallel()
			wire := lab.NewWire(1)
			t.Cleanup(wire.Close)
			c.sender.Name, c.sender.Addrs = "sender", []netip.Addr{netip.MustParseAddr("192.0.2.1")}
			sender := topHost(t, wire, c.sender)
			reader := topHost(t, wire, kernel.Options{Name: "reader", Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.2")}, Window: c.window})
			if err := sender.Port().SetPath(c.path); err != nil {
				t.Fatal(err)
			}
			writing(t, sender, reader, c.read, c.write)
			time.Sleep(time.Second) // until it is as it stays

			namespace := fmt.Sprintf("/proc/%d/fd/%s", os.Getpid(), filepath.Base(sender.Namespace()))
			need.Majority(t, func() []string {
				before := readSS(t, namespace)
				out, err := exec.Command(program, "top", "--once", "--json", "--all", "--netns", namespace).Output()
				after := readSS(t, namespace)
				if err != nil {
					t.Fatal(err)
				}
				return compare(t, out, before, after, c.cause, c.heldBy)
			})
		})
	}
}

func topHost(t *testing.T, w *lab.Wire, o kernel.Options) *kernel.Host {
	h, err := kernel.NewHost(w, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// writing writes until the test ends, so many bytes every 10 ms or all it can. What
// comes is read only if so said.
func writing(t *testing.T, sender, reader *kernel.Host, read bool, steadily int) {
	l, err := reader.Listen(9000)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	out, err := sender.Dial(ctx, netip.MustParseAddrPort("192.0.2.2:9000"))
	if err != nil {
		t.Fatal(err)
	}
	in, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{}, 2)
	t.Cleanup(func() {
		_, _ = out.Close(), in.Close()
		<-done
		<-done
	})
	go func() {
		defer func() { done <- struct{}{} }()
		b := make([]byte, 64<<10)
		if steadily > 0 {
			b = b[:steadily]
		}
		for err == nil {
			_, err = out.Write(b)
			if steadily > 0 {
				time.Sleep(10 * time.Millisecond)
			}
		}
	}()
	go func() {
		defer func() { done <- struct{}{} }()
		if !read {
			return
		}
		for b := make([]byte, 64<<10); ; {
			if _, err := in.Read(b); err != nil {
				return
			}
		}
	}()
}

// ssSays is what ss tells of a socket.
type ssSays struct {
	at                                  time.Time
	local, remote, state, congestion    string
	busy, rwnd, sndbuf                  time.Duration
	recvQ, sendQ, mss, cwnd, ackedBytes int64
}

var (
	ssSocket = regexp.MustCompile(`(?m)^(\S+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)[^\n]*\n\s+(.*)$`)
	ssName   = regexp.MustCompile(`\b(cubic|reno|bbr)\b`)
)

// readSS asks ss for the one connection of a namespace.
func readSS(t *testing.T, namespace string) (s ssSays) {
	t.Helper()
	start := time.Now()
	out, err := exec.Command("nsenter", "--net="+namespace, "ss", "-Htino").CombinedOutput()
	s.at = start.Add(time.Since(start) / 2)
	found := ssSocket.FindAllStringSubmatch(string(out), -1)
	if err != nil || len(found) != 1 {
		t.Fatalf("ss: %v, %d connections: %s", err, len(found), out)
	}
	f := found[0]
	number := func(name string) int64 {
		m := regexp.MustCompile(`\b` + name + `:(\d+)`).FindStringSubmatch(f[6])
		if m == nil {
			return 0 // which ss leaves out
		}
		n, _ := strconv.ParseInt(m[1], 10, 64)
		return n
	}
	span := func(name string) time.Duration { return time.Duration(number(name)) * time.Millisecond }
	s.state, s.local, s.remote, s.congestion = f[1], f[4], f[5], ssName.FindString(f[6])
	s.recvQ, _ = strconv.ParseInt(f[2], 10, 64)
	s.sendQ, _ = strconv.ParseInt(f[3], 10, 64)
	s.busy, s.rwnd, s.sndbuf = span("busy"), span("rwnd_limited"), span("sndbuf_limited")
	s.mss, s.cwnd, s.ackedBytes = number("mss"), number("cwnd"), number("bytes_acked")
	return s
}

// compare holds a row of top to what ss said before and after, and returns what is wrong.
func compare(t *testing.T, row []byte, before, after ssSays, cause, heldBy string) (wrong []string) {
	failed := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	var top struct {
		Local, Remote, Limit string
		HeldBy               string  `json:"held_by"`
		CongestionControl    string  `json:"congestion_control"`
		Interval, Busy       float64 // seconds
		RwndLimited          float64 `json:"rwnd_limited"`
		SndbufLimited        float64 `json:"sndbuf_limited"`
		RecvQ                int64   `json:"recv_q"`
		SendQ                int64   `json:"send_q"`
		MSS, CWnd, Acked     int64
		Limits               map[string]float64
	}
	if err := json.Unmarshal(row, &top); err != nil {
		t.Fatalf("%v: %s", err, row)
	}
	t.Logf("top: %s", row)
	t.Logf("ss: %+v\n%+v", before, after)
	if top.Limit != cause || top.HeldBy != heldBy {
		failed("limited by %s, held by %s; want %s and %s", top.Limit, top.HeldBy, cause, heldBy)
	}
	if top.Local != before.local || top.Remote != before.remote || top.CongestionControl != before.congestion || top.MSS != before.mss {
		failed("top says %s to %s, %s, MSS %d; ss %+v", top.Local, top.Remote, top.CongestionControl, top.MSS, before)
	}
	// Between the two of ss lies the interval of top. What happened in it happened
	// between them, and not more happened than there was time besides. ss counts in
	// milliseconds, the kernel in jiffies of up to 10 ms, at either end.
	besides := after.at.Sub(before.at).Seconds() - top.Interval
	const grain = 0.022
	for _, c := range []struct {
		name     string
		top      float64
		from, to time.Duration
	}{
		{"busy", top.Busy, before.busy, after.busy},
		{"rwnd_limited", top.RwndLimited, before.rwnd, after.rwnd},
		{"sndbuf_limited", top.SndbufLimited, before.sndbuf, after.sndbuf},
	} {
		ss := (c.to - c.from).Seconds()
		if c.top > ss+grain || c.top < ss-besides-grain {
			failed("%s: %.3f s of %.3f s by top, %.3f s by ss in %.3f s more", c.name, c.top, top.Interval, ss, besides)
		}
	}
	if acked := after.ackedBytes - before.ackedBytes; top.Acked > acked {
		failed("%d bytes acknowledged by top, %d by ss, which looked longer", top.Acked, acked)
	}
	if share := top.Limits[cause] / top.Interval; share < 0.8 {
		failed("%s is %.2f of the interval", cause, share)
	}
	return wrong
}
