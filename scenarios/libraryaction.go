package scenarios

import (
	"strings"

	"golang.org/x/net/http2"
)

// stockCannot says that the library of who acts has no way to do so, or that the two
// would not understand each other.
func (k *Knobs) stockCannot(a Action) *Mistake {
	if o, ok := a.(Open); ok {
		return k.stockOpens(o)
	}
	if a.By() == "" || !k.Stock(a.By()) {
		return nil
	}
	own := k.HTTP2(a.By()).Library
	const hint = "the steps of a stock library are open, read, send and reset"
	switch a := a.(type) {
	case Credit:
		return mistake(hint, "credit from the %s: %s gives it by its own rule", a.From, own)
	case GoAway:
		return mistake(hint, "goaway from the %s: %s has no call for it", a.From, own)
	case Send:
		if a.Message > 0 {
			return mistake("leave message out: those that follow are as long as those before", "send from the %s: the messages of a stream on %s are all as long", a.From, own)
		}
	case Reset:
		if a.Code != http2.ErrCodeCancel {
			return mistake("leave the code out", "reset from the %s: %s resets with a code of its own, and not with %v", a.From, own, a.Code)
		}
	}
	return nil
}

// stockOpens says what is wrong with streams that a stock library opens or answers.
func (k *Knobs) stockOpens(o Open) *Mistake {
	client, server := k.Producer.HTTP2.Library, k.Consumer.HTTP2.Library
	answers := o.Answer.When != Never
	switch {
	case k.Stock(Consumer) && answers && !o.Answer.Echo && !o.Answer.Body.Ends && o.Answer.Body.Sends != Unlimited:
		return mistake("leave ends out", "open %s: an answer of %s ends with its last byte", o.Path, server)
	case o.Path == "" || client != GRPCGo && server != GRPCGo:
		return nil
	case strings.Count(o.Path, "/") != 2:
		return mistake("write a path such as /log.Log/Put", "open %s: grpc-go wants /service/method", o.Path)
	case client == Flowlab && o.Request.Message == 0:
		return mistake("add message to open, such as message: 1000", "open %s: grpc-go wants gRPC messages", o.Path)
	case server == Flowlab && o.Answer.Echo:
		return mistake("give the consumer grpc-go too, or an answer that it sends", "open %s: an echo of flowlab does not say that it is gRPC, which grpc-go wants", o.Path)
	case server == Flowlab && answers && o.Answer.Body.Message == 0:
		return mistake("add message to the answer, such as message: 1000", "open %s: grpc-go wants gRPC messages", o.Path)
	}
	return nil
}
