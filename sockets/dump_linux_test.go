package sockets

import (
	"net"
	"testing"
	"time"

	"flowlab/flow"
)

// stalled is a connection on the loopback interface whose writer wrote until it was
// stopped, as nobody reads. Its ends are closed at the end of the test.
func stalled(t *testing.T) (writer, reader *net.TCPConn) {
	t.Helper()
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	l, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	writer, reader = c.(*net.TCPConn), a.(*net.TCPConn)
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = writer.Write(make([]byte, 64<<20)) // more than any buffer takes
	}()
	t.Cleanup(func() {
		_, _ = writer.Close(), reader.Close()
		<-written
	})
	for range 5000 {
		info, err := Of(writer)
		if err != nil {
			t.Fatal(err)
		}
		if info.SndWnd < int64(info.MSS) && info.NotSent > 0 {
			return writer, reader
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the window did not close within 5 s")
	return nil, nil
}

// find returns the socket of a connection's end.
func find(t *testing.T, list []Socket, c net.Conn) *Socket {
	t.Helper()
	local := flow.EndpointOf(c.LocalAddr().(*net.TCPAddr).AddrPort())
	remote := flow.EndpointOf(c.RemoteAddr().(*net.TCPAddr).AddrPort())
	for i := range list {
		if list[i].Local == local && list[i].Remote == remote {
			return &list[i]
		}
	}
	t.Fatalf("%v is not among the %d sockets", local, len(list))
	return nil
}

// A writer whose reader stopped is held by the receive window, for as long as its
// own TCP_INFO says.
func TestReaderStops(t *testing.T) {
	writer, reader := stalled(t)
	d, err := OpenDiag("")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	dump := func() ([]Socket, Info) {
		list, err := d.Dump(nil)
		if err != nil {
			t.Fatal(err)
		}
		info, err := Of(writer)
		if err != nil {
			t.Fatal(err)
		}
		return list, info
	}
	first, was := dump()
	time.Sleep(time.Second) // the interval that is measured
	last, is := dump()

	before, after := find(t, first, writer), find(t, last, writer)
	if before.Cookie != after.Cookie || after.State != Established || after.Inode == 0 || after.SendQ == 0 {
		t.Errorf("the writer was %+v and is %+v", before, after)
	}
	v := Between(before, after, before.At)
	share := v.Limits.Share(flow.ReceiveWindow)
	own := float64(is.RwndLimited-was.RwndLimited) / float64(v.Length)
	t.Logf("receive-window: %.2f %% by two dumps, %.2f %% by the writer's own TCP_INFO", 100*share, 100*own)
	if v.Cause != flow.ReceiveWindow || v.HeldBy != flow.Reader || share < 0.98 {
		t.Errorf("%v by %v, %.3f of %v", v.Cause, v.HeldBy, share, v.Length)
	}
	if diff := share - min(own, 1); diff < -0.02 || diff > 0.02 {
		t.Errorf("the share is %.3f, by the writer's own account %.3f", share, own)
	}

	other := find(t, last, reader)
	r := Between(find(t, first, reader), other, before.At)
	if r.Unread == 0 || r.Unread != other.RecvQ || r.Growing {
		t.Errorf("the reader left %d of %d bytes unread, growing %v", r.Unread, other.RecvQ, r.Growing)
	}
	if r.Cause != flow.Application {
		t.Errorf("the reader, which sends nothing, is held by %v", r.Cause)
	}
}

// A list that is long enough is filled in place.
func TestDumpAllocatesNothing(t *testing.T) {
	stalled(t)
	d, err := OpenDiag("")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	list := make([]Socket, 0, 100_000)
	allocations := testing.AllocsPerRun(5, func() {
		if list, err = d.Dump(list); err != nil {
			t.Fatal(err)
		}
	})
	if len(list) < 2 || allocations > 16 {
		t.Errorf("%d sockets, %.0f allocations", len(list), allocations)
	}
}
