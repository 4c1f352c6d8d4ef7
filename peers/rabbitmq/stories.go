// The stories that there are, and what they have in common.

package rabbitmq

import (
	"context"
	"fmt"
	"net"
	"time"

	"flowlab/peers/story"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Options are the knobs of the stories.
type Options struct {
	// URL is that of a broker that is there, amqp://user:password@host:port/vhost; empty
	// for one that is started. Queues that a story makes there are deleted with it. The
	// memory alarm is always that of a broker of the story's own.
	URL string
}

// Stories returns all stories with RabbitMQ.
func Stories(o Options) []*story.Story {
	return []*story.Story{prefetch(o), memoryAlarm(), linkCredit(o)}
}

// needs are the programs that a story needs, none if the broker is there.
func (o Options) needs() []story.Program {
	if o.URL != "" {
		return nil
	}
	return []story.Program{{Name: "rabbitmq-server", Install: "apt-get install --no-install-recommends rabbitmq-server"}}
}

// broker is what a story publishes to and consumes from.
type broker struct {
	stage   *story.Stage
	url     string
	server  *server        // nil if it is not ours
	watched *story.Watched // its port
}

// open starts a broker, or takes the one that is there, and watches its port if that is on
// this machine.
func (o Options) open(ctx context.Context, s *story.Stage, plugins ...string) (*broker, error) {
	b := &broker{stage: s, url: o.URL}
	if b.url == "" {
		port, err := s.Port()
		if err != nil {
			return nil, err
		}
		b.url = fmt.Sprintf("amqp://guest:guest@127.0.0.1:%d/", port)
		s.Say("A broker is started.")
		if b.server, err = start(ctx, s, port, plugins...); err != nil {
			return nil, err
		}
	}
	uri, err := amqp.ParseURI(b.url)
	if err != nil {
		return nil, fmt.Errorf("broker %q: %w", b.url, err)
	}
	b.watched, err = s.WatchAt("broker", net.JoinHostPort(uri.Host, fmt.Sprint(uri.Port)))
	return b, err
}

// dial returns a connection that ends with the story.
func (b *broker) dial() (*amqp.Connection, error) {
	// With the client's own 10 s a heartbeat that cannot be written has it give up a
	// connection that the broker does not read.
	c, err := amqp.DialConfig(b.url, amqp.Config{Heartbeat: time.Minute, Dial: func(network, address string) (net.Conn, error) {
		c, err := amqp.DefaultDial(30*time.Second)(network, address)
		if err == nil {
			// Not in AMQP's way: a broker that does not read does not hear it.
			b.stage.AtEnd(func() { c.Close() })
		}
		return c, err
	}})
	if err != nil {
		return nil, fmt.Errorf("connect to RabbitMQ: %w", err)
	}
	return c, nil
}

// channel returns a channel of a connection of its own.
func (b *broker) channel() (*amqp.Channel, error) {
	c, err := b.dial()
	if err != nil {
		return nil, err
	}
	ch, err := c.Channel()
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	return ch, nil
}

// queue makes a queue with so many messages in it, that is deleted with the story.
func (b *broker) queue(ctx context.Context, ch *amqp.Channel, messages, size int) (string, error) {
	name := fmt.Sprintf("flowlab-%d", time.Now().UnixNano())
	if _, err := ch.QueueDeclare(name, true, false, false, false, nil); err != nil {
		return "", fmt.Errorf("declare the queue %s: %w", name, err)
	}
	if b.server == nil {
		b.stage.AtEnd(func() { // while the connection is there: it was to end later
			if _, err := ch.QueueDelete(name, false, false, false); err != nil {
				b.stage.Say("The queue %s stays on the broker: %v", name, err)
			}
		})
	}
	if err := ch.Confirm(false); err != nil {
		return "", fmt.Errorf("have messages confirmed: %w", err)
	}
	var last *amqp.DeferredConfirmation
	for range messages {
		var err error
		last, err = ch.PublishWithDeferredConfirmWithContext(ctx, "", name, false, false, amqp.Publishing{Body: make([]byte, size)})
		if err != nil {
			return "", fmt.Errorf("publish to %s: %w", name, err)
		}
	}
	if last != nil {
		if _, err := last.WaitContext(ctx); err != nil {
			return "", fmt.Errorf("wait until the messages are in %s: %w", name, err)
		}
	}
	return name, nil
}

// ready is how many messages of a queue no consumer has.
func ready(ch *amqp.Channel, queue string) (int, error) {
	q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
	if err != nil {
		return 0, fmt.Errorf("look at the queue %s: %w", queue, err)
	}
	return q.Messages, nil
}

// comesTo waits for up to five seconds until so many messages of a queue are ready, and
// returns how many are.
func comesTo(ctx context.Context, ch *amqp.Channel, queue string, want int) (n int, err error) {
	for late := time.Now().Add(5 * time.Second); ; {
		if n, err = ready(ch, queue); err != nil || n == want || time.Now().After(late) {
			return n, err
		}
		if err := story.Wait(ctx, 20*time.Millisecond); err != nil {
			return n, err
		}
	}
}

// seen ends the watching, and tells whether packets were seen.
func (b *broker) seen() bool {
	b.watched.End()
	return b.stage.Seen(b.watched)
}
