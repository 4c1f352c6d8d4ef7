package endpoint

import (
	"context"
	"io"
	"net"
	"testing"
	"time"
)

// pair is a connection over loopback.
func pair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server = <-accepted
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func TestTransferIsCountedExactly(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	s, r := NewSender(client, Unlimited, 3000, 1_000_001), NewReceiver(server, Unlimited, 4096)
	received := make(chan error, 1)
	go func() { received <- r.Run(t.Context()) }()
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-received; err != nil {
		t.Fatal(err)
	}
	if s.Account().Written != 1_000_001 || r.Read() != 1_000_001 {
		t.Errorf("written %d, read %d, want 1000001", s.Account().Written, r.Read())
	}
}

func TestBlockedWriteIsCounted(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe() // takes nothing until it is read
	defer far.Close()
	s := NewSender(near, Unlimited, 10, 20)
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()
	for s.Account().Writing < 20*time.Millisecond {
		time.Sleep(time.Millisecond) // the account is all that can tell
	}
	if _, err := io.ReadFull(far, make([]byte, 20)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if a := s.Account(); a.Written != 20 || a.Blocked < 20*time.Millisecond || a.Writing != 0 {
		t.Errorf("account %+v; want 20 bytes, at least 20ms blocked, none under way", a)
	}
}

func TestStoppedSenderGoesOnWhenTurned(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	s, r := NewSender(client, 0, 1000, 5000), NewReceiver(server, Unlimited, 1000)
	go s.Run(t.Context())
	received := make(chan error, 1)
	go func() { received <- r.Run(t.Context()) }()
	select {
	case <-received:
		t.Fatal("the receiver ended although the sender was stopped")
	case <-time.After(20 * time.Millisecond):
	}
	if n := s.Account().Written; n != 0 {
		t.Fatalf("a stopped sender wrote %d bytes", n)
	}
	s.SetRate(Unlimited)
	if err := <-received; err != nil || r.Read() != 5000 {
		t.Errorf("read %d, error %v; want 5000 and none", r.Read(), err)
	}
}

func TestCancelEndsBothAtOnce(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	ctx, cancel := context.WithCancel(t.Context())
	s, r := NewSender(client, Unlimited, 64<<10, 0), NewReceiver(server, 0, 1000)
	ended := make(chan error, 2)
	go func() { ended <- s.Run(ctx) }()
	go func() { ended <- r.Run(ctx) }()
	cancel()
	for range 2 {
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("it goes on 10 s after it was cancelled")
		}
	}
}

// TestRate is about arithmetic, not about timers: what a valve lets through in
// a while is the rate times the while, within what one piece and one late timer
// make.
func TestRate(t *testing.T) {
	t.Parallel()
	v := NewValve(1_000_000)
	start := time.Now()
	for range 30 {
		if err := v.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		v.Passed(10_000)
	}
	if took := time.Since(start); took < 280*time.Millisecond {
		t.Errorf("300 kB at 1 MB/s took %v, want at least 280ms", took)
	}
}
