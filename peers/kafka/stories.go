// The stories that there are, and the broker that they are told with.

package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
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
	watched *story.Watched // nil if its packets do not pass here
}

// open starts a broker, or takes the one that is there, and watches its port if that is on
// this machine.
func (o Options) open(s *story.Stage) (*cluster, error) {
	c := &cluster{seeds: o.Brokers}
	port, err := o.port(s)
	if err != nil {
		return nil, err
	}
	if port == 0 {
		s.Say("The broker %s is not on this machine: its packets are not looked at.", c.seeds[0])
	} else if c.watched, err = s.Watch("broker", port); err != nil {
		return nil, err
	}
	if len(c.seeds) == 0 {
		if c.fake, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(int(port))); err != nil {
			return nil, fmt.Errorf("start a broker: %w", err)
		}
		s.AtEnd(c.fake.Close)
		c.seeds = c.fake.ListenAddrs()
	}
	client, err := c.client(s)
	if err != nil {
		return nil, err
	}
	c.admin = kadm.NewClient(client)
	return c, nil
}

// port is that of the broker, 0 if it is not on loopback.
func (o Options) port(s *story.Stage) (uint16, error) {
	if len(o.Brokers) == 0 {
		return s.Port()
	}
	host, port, err := net.SplitHostPort(o.Brokers[0])
	if err != nil {
		return 0, fmt.Errorf("broker %q: %w", o.Brokers[0], err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return 0, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("broker %q: %w", o.Brokers[0], err)
	}
	return uint16(n), nil
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

// seen tells whether packets were seen; if not, why is said.
func (c *cluster) seen(s *story.Stage) bool {
	switch {
	case c.watched == nil:
		return false
	case c.watched.Unseen != "":
		s.Say("The packets are not looked at: %s.", c.watched.Unseen)
		return false
	}
	return true
}

// checkOpen ends the watching, and checks that a side closed no window.
func (c *cluster) checkOpen(s *story.Stage, of flow.Side, text string) {
	c.watched.End()
	zeros, zero := c.watched.ZeroWindows(of), c.watched.ZeroWindow(of)
	s.Figure("zero-window time", zero.Seconds(), "s")
	s.Check(zeros == 0, text, "%d segments advertised a window of zero, for %v in all", zeros, zero.Round(time.Millisecond))
}
