package peers_test

import (
	"context"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"flowlab/peers"
	"flowlab/peers/grpcgo"
	"flowlab/peers/nethttp"
)

var stock = map[string]guest{
	"nethttp": netHTTP(http.HTTP2Config{}, nethttp.ClientOptions{}),
	"grpcgo":  grpcGo(grpcgo.ServerOptions{}, grpcgo.Options{}),
}

// meet is a client and a server of one library over loopback.
func meet(t *testing.T, g guest, answers *peers.Answers) (c client, closeAll func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closeServer := g.serve(l, answers)
	c = g.dial(t, func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", l.Addr().String())
	})
	return c, func() { c.Close(); closeServer() }
}

func content(bytes int64) peers.Content {
	return peers.Content{Bytes: bytes, Message: 1000, Rate: peers.Unlimited}
}

// over waits for a party's end.
func over(t *testing.T, p *peers.Party) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(20 * time.Second):
		t.Fatalf("%s goes on after 20s: %+v", p.Path(), p.Account())
	}
}

// served is the server's party of a path that was called once; it waits for it.
func served(t *testing.T, a *peers.Answers, path string) *peers.Party {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); runtime.Gosched() {
		if list := a.Parties(path); len(list) == 1 {
			return list[0]
		}
	}
	t.Fatalf("%s was not called once within 20s", path)
	return nil
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for name, g := range stock {
		for _, c := range []struct {
			name   string
			call   peers.Call
			answer peers.Answer
			up     int64
			down   int64
		}{
			{"discard", peers.Call{Content: content(300_500), Ends: true}, peers.Answer{When: peers.AtEnd, ReadRate: peers.Unlimited}, 300_500, 0},
			{"answer at the end", peers.Call{Content: content(2000), Ends: true}, peers.Answer{When: peers.AtEnd, Content: content(300_500), ReadRate: peers.Unlimited}, 2000, 300_500},
			{"both at once", peers.Call{Content: content(300_500), Ends: true}, peers.Answer{Content: content(200_000), ReadRate: peers.Unlimited}, 300_500, 200_000},
			{"echo", peers.Call{Content: content(300_500), Ends: true}, peers.Answer{Echo: true, ReadRate: peers.Unlimited}, 300_500, 300_500},
			{"nothing", peers.Call{Ends: true}, peers.Answer{ReadRate: peers.Unlimited}, 0, 0},
		} {
			t.Run(name+", "+c.name, func(t *testing.T) {
				t.Parallel()
				var answers peers.Answers
				client, closeAll := meet(t, g, &answers)
				defer closeAll()
				answers.Set("/test.S/M", c.answer)
				c.call.Path, c.call.ReadRate = "/test.S/M", peers.Unlimited
				p := client.Open(c.call)
				over(t, p)
				s := served(t, &answers, "/test.S/M")
				over(t, s)
				if p.Err() != nil || s.Err() != nil {
					t.Errorf("errors %v and %v", p.Err(), s.Err())
				}
				near, far := p.Account(), s.Account()
				if near.Written.Bytes != c.up || far.Read.Bytes != c.up || far.Written.Bytes != c.down || near.Read.Bytes != c.down {
					t.Errorf("client %+v, server %+v; want %d bytes up and %d down", near, far, c.up, c.down)
				}
				if n := (c.up + 999) / 1000; near.Written.Messages != n || name == "grpcgo" && far.Read.Messages != n {
					t.Errorf("client %+v, server %+v; want %d messages up", near, far, n)
				}
			})
		}
	}
}

// A call that is not read stops, says so in the account, and goes on when it is turned.
func TestReadRateIsTurned(t *testing.T) {
	for name, g := range stock {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var answers peers.Answers
			client, closeAll := meet(t, g, &answers)
			defer closeAll()
			const size = 8 << 20
			answers.Set("/test.S/M", peers.Answer{When: peers.AtEnd})
			p := client.Open(peers.Call{Path: "/test.S/M", Content: content(size), Ends: true, ReadRate: peers.Unlimited})
			for p.Account().Written.Waiting < 50*time.Millisecond {
				time.Sleep(time.Millisecond) // the account is all that can tell
			}
			s := served(t, &answers, "/test.S/M")
			if a := s.Account(); a.Read.Bytes != 0 {
				t.Errorf("%d bytes were read at a rate of 0", a.Read.Bytes)
			}
			answers.SetReadRate("/test.S/M", peers.Unlimited)
			over(t, p)
			if a := p.Account(); a.Written.Bytes != size || a.Written.Blocked < 50*time.Millisecond || a.Written.Waiting != 0 {
				t.Errorf("account %+v; want %d bytes, at least 50ms blocked, none under way", a, size)
			}
		})
	}
}

// Either side can cancel, and both are over then.
func TestCancel(t *testing.T) {
	endless := peers.Content{Bytes: peers.Endless, Rate: peers.Unlimited}
	for name, g := range stock {
		for _, by := range []string{"client", "server"} {
			for what, answer := range map[string]peers.Answer{
				"unread":       {When: peers.Never},
				"read":         {When: peers.Never, ReadRate: peers.Unlimited},
				"both unread":  {Content: endless},
				"echoed":       {Echo: true, ReadRate: peers.Unlimited},
				"never answer": {When: peers.Never, ReadRate: peers.Unlimited},
			} {
				t.Run(name+", "+what+", by the "+by, func(t *testing.T) {
					t.Parallel()
					var answers peers.Answers
					client, closeAll := meet(t, g, &answers)
					answers.Set("/test.S/M", answer)
					call := peers.Call{Path: "/test.S/M", Content: endless}
					if by == "server" {
						call.ReadRate = peers.Unlimited // or it would not see it
					}
					p := client.Open(call)
					s := served(t, &answers, "/test.S/M")
					for p.Account().Written.Bytes == 0 {
						time.Sleep(time.Millisecond)
					}
					if by == "client" {
						p.Cancel()
					} else {
						s.Cancel()
					}
					over(t, p)
					over(t, s)
					if p.Err() == nil || s.Err() == nil {
						t.Errorf("errors %v and %v, want two", p.Err(), s.Err())
					}
					closeAll()
				})
			}
		}
	}
}

// Closing ends whatever is under way, and leaves no goroutine.
func TestCloseEndsAll(t *testing.T) {
	for name, g := range stock {
		var answers peers.Answers
		client, closeAll := meet(t, g, &answers)
		answers.Set("/test.S/Unread", peers.Answer{Content: content(peers.Endless)})
		answers.Set("/test.S/Never", peers.Answer{When: peers.Never, ReadRate: peers.Unlimited})
		var parties []*peers.Party
		for _, path := range []string{"/test.S/Unread", "/test.S/Never"} {
			parties = append(parties, client.Open(peers.Call{Path: path, Content: content(peers.Endless)}))
			parties = append(parties, served(t, &answers, path))
		}
		closeAll()
		for _, p := range parties {
			select {
			case <-p.Done():
			default:
				t.Errorf("%s: a party of %s is not over", name, p.Path())
			}
		}
		var left string
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if left = goroutines("flowlab/peers.", "flowlab/peers/", "net/http", "google.golang.org/grpc/internal/transport"); left == "" {
				break
			}
		}
		if left != "" {
			t.Errorf("%s: goroutines are left:\n%s", name, left)
		}
	}
}

// goroutines are those that run code of any of the packages, but for tests.
func goroutines(packages ...string) (found string) {
	buf := make([]byte, 1<<20)
	for one := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		for _, p := range packages {
			if strings.Contains(one, p) && !strings.Contains(one, "testing.tRunner") {
				found += one + "\n\n"
				break
			}
		}
	}
	return found
}

// What grpc-go accepts of a stream that is not read is its window and the write quota of
// 64 KiB: 131 messages of 1,005 bytes with their prefixes.
func TestWriteQuota(t *testing.T) {
	t.Parallel()
	var answers peers.Answers
	static := grpcgo.Options{StreamWindow: 65535, ConnWindow: 1 << 20}
	client, closeAll := meet(t, grpcGo(grpcgo.ServerOptions{Options: static}, static), &answers)
	defer closeAll()
	answers.Set("/test.S/M", peers.Answer{When: peers.Never})
	p := client.Open(peers.Call{Path: "/test.S/M", Content: content(peers.Endless)})
	for p.Account().Written.Waiting < 200*time.Millisecond {
		time.Sleep(time.Millisecond)
	}
	if n := p.Account().Written.Messages; n != 131 {
		t.Errorf("%d messages were accepted, want 131", n)
	}
}

// What is sent later is read, on either side, and the accounts of all calls have it.
func TestSendMore(t *testing.T) {
	for name, g := range stock {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var answers peers.Answers
			client, closeAll := meet(t, g, &answers)
			defer closeAll()
			answers.Set("/test.S/M", peers.Answer{When: peers.Never, Content: content(0), ReadRate: peers.Unlimited})
			p := client.Open(peers.Call{Path: "/test.S/M", Content: content(2000), ReadRate: peers.Unlimited})
			s := served(t, &answers, "/test.S/M")
			if err := p.Send(3500); err != nil {
				t.Fatal(err)
			}
			if err := s.Send(1500); err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(20 * time.Second); s.Account().Read.Bytes < 5500 || p.Account().Read.Bytes < 1500; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("client %+v, server %+v after 20s", p.Account(), s.Account())
				}
			}
			near, far := client.Total(), answers.Total()
			if near.Written != 5500 || near.Read != 1500 || far.Written != 1500 || far.Read != 5500 {
				t.Errorf("client %+v, server %+v; want 5,500 bytes up and 1,500 down", near, far)
			}
			over := client.Open(peers.Call{Path: "/test.S/Ended", Ends: true, ReadRate: peers.Unlimited})
			if err := over.Send(1); err == nil {
				t.Error("a request that has ended took more")
			}
		})
	}
}

// The account of all calls counts the time once in which several wait.
func TestTimeWaitedIsThatOfAny(t *testing.T) {
	for name, g := range stock {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var answers peers.Answers
			client, closeAll := meet(t, g, &answers)
			defer closeAll()
			answers.Set("/test.S/M", peers.Answer{When: peers.Never})
			began := time.Now()
			for range 3 {
				client.Open(peers.Call{Path: "/test.S/M", Content: content(peers.Endless)})
			}
			for client.Total().Waiting < 100*time.Millisecond {
				time.Sleep(time.Millisecond)
			}
			if a := client.Total(); a.Waited < a.Waiting || a.Waited > time.Since(began) {
				t.Errorf("%v of %v were waited for, the last %v of them now", a.Waited, time.Since(began), a.Waiting)
			}
		})
	}
}
