package overload

import (
	"context"

	"flowlab/peers/grpcgo"
)

// GRPC returns a link on a gRPC call on the connection of a hop, with a stream of messages
// each way. What it returns besides ends it.
func (w *Wire) GRPC(ctx context.Context, hop int) (Link, func(), error) {
	d, err := grpcgo.NewDuplex(ctx, w.hops[hop].near, w.hops[hop].far)
	if err != nil {
		return nil, nil, err
	}
	return Stream(d.Up(), d.Arrived(), d.Down(), d.Answers()), d.Close, nil
}
