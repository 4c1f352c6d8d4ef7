// The stories that there are, and the broker that they are told with.

package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Options are the knobs of the stories.
type Options struct {
	// Brokers are addresses, host:port, of a cluster that is there; none for a broker in
	// this process. Topics and groups that a story makes there are deleted with it.
	Brokers []string
}

// Stories returns all stories with Kafka.
func Stories(o Options) []*story.Story {
	return []*story.Story{slowPoll(o), fullBuffer()}
}

// cluster is what a story produces to and consumes from.
type cluster struct {
	seeds   []string
	fake    *kfake.Cluster // nil if it is not ours
	admin   *kadm.Client
	watched *story.Watched // the port of the first broker
}

// open starts a broker, or takes the one that is there, and watches its port if that is on
// this machine.
func (o Options) open(s *story.Stage) (*cluster, error) {
	c := &cluster{seeds: o.Brokers}
	var err error
	if len(c.seeds) == 0 {
		if c.fake, err = kfake.NewCluster(kfake.NumBrokers(1)); err != nil {
			return nil, fmt.Errorf("start a broker: %w", err)
		}
		s.AtEnd(c.fake.Close)
		c.seeds = c.fake.ListenAddrs()
	}
	if c.watched, err = s.WatchAt("broker", c.seeds[0]); err != nil {
		return nil, err
	}
	client, err := c.client(s)
	if err != nil {
		return nil, err
	}
	c.admin = kadm.NewClient(client)
	return c, nil
}

// client returns a client of the cluster that is closed with the story.
func (c *cluster) client(s *story.Stage, opts ...kgo.Opt) (*kgo.Client, error) {
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(c.seeds...))...)
	if err != nil {
		return nil, fmt.Errorf("make a client of Kafka: %w", err)
	}
	s.AtEnd(client.CloseAllowingRebalance)
	return client, nil
}

// topic makes a topic that is deleted with the story, and with it a group of its name.
func (c *cluster) topic(ctx context.Context, s *story.Stage, partitions int32) (string, error) {
	name := fmt.Sprintf("flowlab-%d", time.Now().UnixNano())
	if _, err := c.admin.CreateTopic(ctx, partitions, -1, nil, name); err != nil {
		return "", fmt.Errorf("create the topic %s: %w", name, err)
	}
	if c.fake != nil {
		return name, nil // it goes with the broker
	}
	s.AtEnd(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_, group := c.admin.DeleteGroup(ctx, name)
		_, topic := c.admin.DeleteTopic(ctx, name)
		if err := errors.Join(group, topic); err != nil {
			s.Say("Of %s something stays on the broker: %v", name, err)
		}
	})
	return name, nil
}

// checkOpen ends the watching, and checks that a side closed no window.
func (c *cluster) checkOpen(s *story.Stage, of flow.Side, text string) {
	c.watched.End()
	zeros, zero := c.watched.ZeroWindows(of), c.watched.ZeroWindow(of)
	s.Figure("zero-window time", zero.Seconds(), "s")
	s.Check(zeros == 0, text, "%d segments advertised a window of zero, for %v in all", zeros, zero.Round(time.Millisecond))
}
