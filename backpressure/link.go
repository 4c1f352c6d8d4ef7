package backpressure

// LinkCredit is the credit of one AMQP 1.0 link, as its sender keeps it (AMQP 1.0, part 2,
// 2.6.7). Counts are serial numbers of 32 bits, which wrap (RFC 1982).
type LinkCredit struct {
	deliveries uint32 // delivery-count: messages sent since the link began, and credit given up
	credit     uint32 // link-credit
	drain      bool
}

// NewLinkCredit returns a link's account that begins at a delivery-count, without credit.
func NewLinkCredit(initial uint32) *LinkCredit { return &LinkCredit{deliveries: initial} }

// Flow takes in a flow frame of the receiver: the delivery-count that it has seen, the
// credit that it gives from there, and whether what cannot be used now is to be given up.
// What was sent meanwhile is taken off:
//
//	link-credit(sender) = delivery-count(receiver) + link-credit(receiver) - delivery-count(sender)
func (l *LinkCredit) Flow(deliveries, credit uint32, drain bool) {
	left := deliveries + credit - l.deliveries
	if int32(left) < 0 { // the receiver took back more than was left
		left = 0
	}
	l.credit, l.drain = left, drain
}

// Credit is how many messages may still be sent.
func (l *LinkCredit) Credit() uint32 { return l.credit }

// DeliveryCount is the sender's delivery-count.
func (l *LinkCredit) DeliveryCount() uint32 { return l.deliveries }

// Send takes one off the credit; it is false if there is none.
func (l *LinkCredit) Send() bool {
	if l.credit == 0 {
		return false
	}
	l.credit--
	l.deliveries++
	return true
}

// Idle tells the link that its sender has nothing to send: if the receiver drains, all
// credit is given up, and the delivery-count moves on by as much. It is true if a flow
// frame must say so.
func (l *LinkCredit) Idle() bool {
	if !l.drain || l.credit == 0 {
		return false
	}
	l.deliveries += l.credit
	l.credit = 0
	return true
}
