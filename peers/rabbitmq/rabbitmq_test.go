package rabbitmq

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"flowlab/internal/need"
	"flowlab/peers/story"
	"flowlab/peers/storytest"
)

func TestMain(m *testing.M) { os.Exit(need.Beside(m)) }

func TestStories(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	need.Program(t, "rabbitmq-server")
	storytest.Keep(t, Stories(Options{}), 3*time.Minute)
}

// TestURL: a broker that is there is used, and no queue of the story stays on it.
func TestURL(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	need.Program(t, "rabbitmq-server")
	there := &story.Story{Tell: func(ctx context.Context, s *story.Stage) error {
		b, err := Options{}.open(ctx, s)
		if err != nil {
			return err
		}
		result, err := prefetch(Options{URL: b.url}).Run(ctx, nil)
		if err != nil {
			return err
		}
		if !result.Passed {
			t.Errorf("%+v", result.Checks)
		}
		queues := b.server.command("rabbitmqctl", "--quiet", "--no-table-headers", "list_queues", "name")
		left, err := queues.Output()
		if len(left) > 0 {
			t.Errorf("queues are left: %s", left)
		}
		return err
	}}
	if _, err := there.Run(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestInterrupted: a story that is interrupted while its broker starts, or while its
// publisher is blocked, leaves nothing behind.
func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	need.Program(t, "rabbitmq-server")
	for name, at := range map[string]string{
		"while it starts": "A broker is started", "while it is blocked": "connection.blocked came",
	} {
		t.Run(name, func(t *testing.T) {
			storytest.Interrupt(t, func(ctx context.Context, now func()) error {
				_, err := memoryAlarm().Run(ctx, func(l story.Line) {
					if strings.HasPrefix(l.Text, at) {
						time.AfterFunc(time.Second, now)
					}
				})
				return err
			})
		})
	}
}

// TestMissing: without RabbitMQ it is said how to install it.
func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, s := range Stories(Options{}) {
		m, ok := errors.AsType[*story.Missing](s.Missing())
		if !ok || !strings.Contains(m.Hint(), "apt-get install") {
			t.Errorf("%s: %v", s.Name, s.Missing())
		}
	}
	for _, s := range Stories(Options{URL: "amqp://broker.example/"}) {
		if err := s.Missing(); err != nil && s.Name != "rabbitmq-memory-alarm" {
			t.Errorf("%s needs a program beside a broker that is there: %v", s.Name, err)
		}
	}
}
