// A consumer group's only member, whose pace can be turned.

package kafka

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	fetchMost     = 32 << 10 // bytes that a fetch asks for: less than the smallest window here
	partitionMost = 16 << 10
	pollMost      = 20 // records that a poll takes
)

// member polls, processes for a while, commits, and polls again.
type member struct {
	client    *kgo.Client
	assigned  chan struct{}
	busy      atomic.Int64 // ns that it takes to process what a poll gave
	processed atomic.Int64 // records
	committed atomic.Int64 // of these
	buffered  atomic.Int64 // most that the client had fetched and was not polled for
	polling   *task

	mu    sync.Mutex
	ports map[uint16]bool // from which it has called the broker
}

// join has a member join the group of a topic's name, and returns once it has all of the
// topic.
func (c *cluster) join(ctx context.Context, s *story.Stage, topic string, busy time.Duration) (*member, error) {
	m := &member{assigned: make(chan struct{}), ports: map[uint16]bool{}}
	m.busy.Store(int64(busy))
	var once sync.Once
	client, err := c.client(s,
		kgo.ConsumerGroup(topic), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxBytes(fetchMost), kgo.FetchMaxPartitionBytes(partitionMost),
		kgo.FetchMaxWait(250*time.Millisecond), kgo.Dialer(m.dial),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			if len(got[topic]) > 0 {
				once.Do(func() { close(m.assigned) })
			}
		}))
	if err != nil {
		return nil, err
	}
	m.client = client
	m.polling = begin(ctx, s, m.run)
	select {
	case <-m.assigned:
		return m, nil
	case <-m.polling.done:
		return nil, m.polling.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// dial notes from which ports the member calls.
func (m *member) dial(ctx context.Context, network, host string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, host)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ports[uint16(c.LocalAddr().(*net.TCPAddr).Port)] = true
	return c, nil
}

// calls tells whether a connection is one of the member's.
func (m *member) calls(id flow.Conn) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ports[id.Client.Port]
}

// run polls until ctx is done.
func (m *member) run(ctx context.Context) error {
	for {
		fetches := m.client.PollRecords(ctx, pollMost)
		if ctx.Err() != nil {
			return nil
		}
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("poll: %w", err)
		}
		m.buffered.Store(max(m.buffered.Load(), m.client.BufferedFetchRecords()))
		if err := story.Wait(ctx, time.Duration(m.busy.Load())); err != nil {
			return nil
		}
		m.processed.Add(int64(fetches.NumRecords()))
		if err := m.client.CommitRecords(ctx, fetches.Records()...); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("commit: %w", err)
		}
		m.committed.Add(int64(fetches.NumRecords()))
	}
}
