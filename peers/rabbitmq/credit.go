// AMQP 1.0's link credit.

package rabbitmq

import (
	"context"
	"fmt"
	"net"
	"time"

	"flowlab/flow"
	"flowlab/peers/story"

	amqp1 "github.com/Azure/go-amqp"
	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	keepsCredit = 10 // of the receiver that renews it
	handles     = 10 * time.Millisecond
)

func linkCredit(o Options) *story.Story {
	return &story.Story{
		Name:    "amqp-link-credit",
		Title:   "An AMQP 1.0 receiver gives credit for 1, 10 and 100 messages",
		Teaches: "A receiver gives credit, and each message takes one: who gives none gets none. That is request(n), on the wire.",
		Wire:    "Flow frames with delivery-count and link-credit from the receiver, and never more transfers than they allow. No window closes.",
		Needs:   o.needs(),
		There:   "amqp-url",
		Lasts:   20 * time.Second,
		Tell: func(ctx context.Context, s *story.Stage) error {
			b, err := o.open(ctx, s, "rabbitmq_amqp1_0")
			if err != nil {
				return err
			}
			c := &crediting{broker: b}
			return c.tell(ctx)
		},
	}
}

// crediting is the story while it is told.
type crediting struct {
	*broker
	admin *amqp.Channel
}

func (c *crediting) tell(ctx context.Context) (err error) {
	if c.admin, err = c.channel(); err != nil {
		return err
	}
	queue, err := c.queue(ctx, c.admin, queued, messageSize)
	if err != nil {
		return err
	}
	c.stage.Say("%d messages of %d bytes lie in a queue.", queued, messageSize)
	if err := c.byHand(ctx, queue); err != nil {
		return err
	}
	if err := c.renewed(ctx, queue); err != nil {
		return err
	}
	if c.seen() {
		zeros := c.watched.ZeroWindows(flow.Client)
		c.stage.Check(zeros == 0, "No window of a receiver closes.", "%d segments advertised a window of zero", zeros)
	}
	return nil
}

// byHand gives credit three times, and takes nothing.
func (c *crediting) byHand(ctx context.Context, queue string) error {
	receiver, link, end, err := c.receiver(ctx, queue, -1) // -1: credit is given by hand
	if err != nil {
		return err
	}
	defer end()
	sum := 0
	for _, n := range []int{1, 10, 100} {
		if err := receiver.IssueCredit(uint32(n)); err != nil {
			return fmt.Errorf("give a credit of %d: %w", n, err)
		}
		sum += n
		left, err := comesTo(ctx, c.admin, queue, queued-sum)
		if err != nil {
			return err
		}
		// Whether more come than there was credit for.
		if err := story.Wait(ctx, 500*time.Millisecond); err != nil {
			return err
		}
		allowed, delivered, flows, beyond := link.count()
		c.stage.Say("A credit of %d more: flow frame %d allows %d messages in all, and %d came; %d are in the queue.", n, flows, allowed, delivered, left)
		c.stage.Figure("transfers", float64(delivered), "messages")
		c.stage.Check(allowed == sum && delivered == sum && !beyond && left == queued-sum && link.unread() == nil,
			fmt.Sprintf("A credit of %d brings as many messages, and no other.", n),
			"%d allowed and %d delivered in all, %d left in the queue, %v", allowed, delivered, left, link.unread())
	}
	return nil
}

// renewed has the library renew the credit as messages are settled.
func (c *crediting) renewed(ctx context.Context, queue string) error {
	receiver, link, end, err := c.receiver(ctx, queue, keepsCredit)
	if err != nil {
		return err
	}
	defer end()
	settled, most := 0, 0
	for begun := time.Now(); time.Since(begun) < consumes; settled++ {
		m, err := receiver.Receive(ctx, nil)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		if err := story.Wait(ctx, handles); err != nil {
			return err
		}
		_, delivered, _, _ := link.count()
		most = max(most, delivered-settled)
		c.stage.Figure("unsettled", float64(delivered-settled), "messages")
		if err := receiver.AcceptMessage(ctx, m); err != nil {
			return fmt.Errorf("accept a message: %w", err)
		}
	}
	_, delivered, flows, beyond := link.count()
	c.stage.Say("With a credit of %d that is renewed %d messages came in %v, by %d flow frames; at most %d were unsettled.", keepsCredit, delivered, consumes, flows, most)
	c.stage.Check(most <= keepsCredit && !beyond && settled > 2*keepsCredit && link.unread() == nil,
		fmt.Sprintf("With a credit of %d never more are unsettled.", keepsCredit),
		"at most %d, of %d that were settled, %v", most, settled, link.unread())
	return nil
}

// receiver returns a receiver on a connection of its own.
func (c *crediting) receiver(ctx context.Context, queue string, credit int32) (*amqp1.Receiver, *link, func(), error) {
	uri, err := amqp.ParseURI(c.url)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("broker %q: %w", c.url, err)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(uri.Host, fmt.Sprint(uri.Port)))
	if err != nil {
		return nil, nil, nil, fmt.Errorf("connect to RabbitMQ: %w", err)
	}
	end := func() { conn.Close() }
	c.stage.AtEnd(end)
	l := &link{}
	client, err := amqp1.NewConn(ctx, l.tap(conn), &amqp1.ConnOptions{
		SASLType: amqp1.SASLTypePlain(uri.Username, uri.Password), HostName: "vhost:" + uri.Vhost,
	})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("open a connection of AMQP 1.0: %w", err)
	}
	session, err := client.NewSession(ctx, nil)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("begin a session of AMQP 1.0: %w", err)
	}
	r, err := session.NewReceiver(ctx, "/amq/queue/"+queue, &amqp1.ReceiverOptions{Credit: credit})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("attach a receiver: %w", err)
	}
	return r, l, end, nil
}
