package backpressure

// LinkCredit is the credit of one AMQP 1.0 link, as its sender keeps it (AMQP 1.0, part 2,
// 2.6.7). Counts are serial numbers of 32 bits, which wrap (RFC 1982).
type LinkCredit struct {
	deliveries uint32 // delivery-count: messages sent since the link began
	credit     uint32 // link-credit
}

// NewLinkCredit returns a link's account that begins at a delivery-count, without credit.
func NewLinkCredit(initial uint32) *LinkCredit { return &LinkCredit{deliveries: initial} }

// Flow takes in a flow frame of the receiver: the delivery-count that it has seen, and the
// credit that it gives from there. What was sent meanwhile is taken off:
//
//	link-credit(sender) = delivery-count(receiver) + link-credit(receiver) - delivery-count(sender)
func (l *LinkCredit) Flow(deliveries, credit uint32) {
	l.credit = deliveries + credit - l.deliveries
	if int32(l.credit) < 0 { // the receiver took back more than was left
		l.credit = 0
	}
}

// Send takes one off the credit; it is false if there is none.
func (l *LinkCredit) Send() bool {
	if l.credit == 0 {
		return false
	}
	l.credit--
	l.deliveries++
	return true
}
