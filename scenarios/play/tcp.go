package play

import (
	"context"
	"fmt"

	"flowlab/flow"
	"flowlab/scenarios"
	"flowlab/tcpwin/endpoint"
)

// writer is the producer on TCP alone.
type writer struct {
	conn   conn
	sender *endpoint.Sender
}

func newWriter(k *scenarios.Knobs, c conn) *writer {
	return &writer{c, endpoint.NewSender(c, byteRate(k.Producer.Rate), int(k.Producer.Chunk), int64(k.Producer.Total))}
}

func (w *writer) run(ctx context.Context) error { return w.sender.Run(ctx) }

func (w *writer) apply(k *scenarios.Knobs) error {
	w.sender.SetRate(byteRate(k.Producer.Rate))
	w.sender.SetChunk(int(k.Producer.Chunk))
	return nil
}

func (w *writer) do(a scenarios.Action) error { return onlyHTTP2(a) }

func (w *writer) awaits(string) bool { return false }

func (w *writer) account(now flow.Time) account {
	return account{sent: w.sender.Account(), limits: w.conn.Limits(now)}
}

// reader is the consumer on TCP alone.
type reader struct {
	conn     conn
	receiver *endpoint.Receiver
}

func newReader(k *scenarios.Knobs, c conn) *reader {
	return &reader{c, endpoint.NewReceiver(c, byteRate(k.Consumer.ReadRate), int(k.Consumer.Chunk))}
}

func (r *reader) run(ctx context.Context) error { return r.receiver.Run(ctx) }

func (r *reader) apply(k *scenarios.Knobs) error {
	r.receiver.SetRate(byteRate(k.Consumer.ReadRate))
	r.receiver.SetChunk(int(k.Consumer.Chunk))
	return nil
}

func (r *reader) do(a scenarios.Action) error { return onlyHTTP2(a) }

func (r *reader) awaits(string) bool { return false }

func (r *reader) account(now flow.Time) account {
	return account{read: r.receiver.Read(), limits: r.conn.Limits(now)}
}

func onlyHTTP2(a scenarios.Action) error { return fmt.Errorf("%v: it does not speak HTTP/2", a) }

func byteRate(r scenarios.ByteRate) float64 {
	if r == scenarios.Unlimited {
		return endpoint.Unlimited
	}
	return float64(r)
}
