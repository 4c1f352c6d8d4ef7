package peers_test

import (
	"sync"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/internal/need"
	"flowlab/peers"
	"flowlab/peers/grpcgo"
)

// TestManyCallsDoNotStall is row 13 of the catalogue as a control: 1,024 goroutines that
// make one call after another, over sockets with small buffers, stalled grpc-go v1.82.1
// and v1.84.0, of which neither side read its socket then. The version that is here goes
// on, so that neither side may be said not to read.
func TestManyCallsDoNotStall(t *testing.T) {
	if testing.Short() {
		t.Skip("measures real time")
	}
	const callers = 1024
	for network := range networks {
		t.Run(network, func(t *testing.T) {
			need.Majority(t, func() (wrong []string) {
				s := newStage(t, network, path{rtt: time.Millisecond, window: 4096, sendBuffer: 4096}, grpcGo(grpcgo.ServerOptions{}, grpcgo.Options{}))
				s.answers.Set("/lab.S/Unary", peers.Answer{When: peers.AtEnd, Content: bytes(100), ReadRate: peers.Unlimited})
				stop := make(chan struct{})
				var running sync.WaitGroup
				var done [callers]int
				for i := range callers {
					running.Go(func() {
						for {
							p := s.client.Open(peers.Call{Path: "/lab.S/Unary", Content: bytes(100), Ends: true, ReadRate: peers.Unlimited})
							<-p.Done()
							select {
							case <-stop:
								return
							default:
							}
							if p.Err() == nil {
								done[i]++
							}
						}
					})
				}
				before := s.watch(2 * time.Second)
				after := s.watch(time.Second)
				close(stop)
				s.close()
				running.Wait()
				total := 0
				for _, n := range done {
					total += n
				}
				t.Logf("%s: %d calls in 3 s", network, total)
				if total < callers {
					wrong = append(wrong, "fewer calls than callers were answered")
				}
				for at, v := range after {
					for _, from := range []flow.Side{flow.Client, flow.Server} {
						if n := v.Layer.HTTP2.Directions[from].Sent - before[at].Layer.HTTP2.Directions[from].Sent; n == 0 {
							wrong = append(wrong, from.String()+" sent no DATA in the last second")
						}
					}
					if a, b := v.Directions[0].Now, v.Directions[1].Now; min(a.For, b.For) > 500*time.Millisecond &&
						a.Cause == flow.ReceiveWindow && b.Cause == flow.ReceiveWindow {
						wrong = append(wrong, "it is said that neither side reads its socket")
					}
				}
				return wrong
			})
		})
	}
}
