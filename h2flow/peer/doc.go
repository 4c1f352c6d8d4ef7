// Package peer is an HTTP/2 client and server over any net.Conn, made to be
// measured: every decision that HTTP/2 leaves to an implementation is a knob that
// can be turned while it runs, and both keep an exact account of every window.
//
//	c, err := peer.New(flow.Client, conn, peer.Config{}, nil)
//	go c.Run(ctx)
//	s, err := c.Open(peer.Request{Method: "POST", Path: "/", Body: peer.Source{Bytes: 1 << 20, End: true}})
//
// HTTP/2 is spoken with prior knowledge (RFC 9113 3.3): the client sends its
// preface at once. Over TLS the caller makes the handshake, with the protocol "h2".
//
// # The sender
//
// A stream sends what its [Source] gives it. Streams with something to send and credit
// take turns, a DATA frame each, unless another [Scheduler] is chosen; all other
// frames go before DATA. A sender may send while both the connection's window and the
// stream's are above zero (5.2.1, 6.9.1); both are debited by the whole payload,
// padding included (6.1).
//
// SETTINGS of the other side hold from the frame on in which they are acknowledged
// (6.5.3), at that place in this side's bytes: a lower INITIAL_WINDOW_SIZE can make
// windows negative (6.9.2). The connection's window is not touched by SETTINGS.
//
// # The receiver
//
// The bytes that arrive are *unread* until the stream's application reads them, at a
// rate ([Stream.SetReadRate]). When which bytes are credited is a [Credit], for the
// stream and for the connection apart. Padding is credited at once, as are bytes that
// nobody will read any more.
//
// [Conn.StopReading] is another thing: it leaves the socket alone, so that TCP's
// window closes while HTTP/2's windows stay open.
//
// # The account
//
// [Conn.Account] tells all windows at an instant; [Config.OnFrame] tells them after
// each frame. Both are this side's own: what it has written may still be on its way.
// [Conn.Limits] tells what held its sending, if [Config.Below] tells what held TCP's.
//
// # Breaking rules
//
// Both sides keep to RFC 9113. A [Rule] that is named in [Config.Break] or by
// [Conn.Break] is broken from then on until [Conn.Obey].
//
// # The stalls of the catalogue
//
// Each real stall that flowlab knows can be made with these knobs:
//
//	 1 unread stream holds the connection     Stream.SetReadRate(0), Credit.Conn AtRead, ConnWindow <= INITIAL_WINDOW_SIZE
//	 2 stream limit                           Config.Settings MAX_CONCURRENT_STREAMS
//	 3 small window, long path                Config.Settings INITIAL_WINDOW_SIZE, Credit.Share
//	 4 both send, neither reads               Conn.SetReadRate(0) on both sides
//	 5 peer never reads                       NeverRead, Credit.Conn OnReceipt
//	 6 credit leaks on reset                  Credit.LeakReset and Stream.Reset
//	 7 a window that never grows              Config.ConnWindow 0; it never grows by itself
//	 8 whole messages are credited            Credit.Stream AfterMessage, Source.Message > window
//	 9 raised initial window is ignored       Break(IgnoreInitialWindow)
//	10 negative window                        ChangeSettings(INITIAL_WINDOW_SIZE) on a stream under way
//	11 early response                         EarlyResponse
//	12 credit for streams that cannot open    Break(AssignCreditToUnopened), MAX_CONCURRENT_STREAMS
//	13 both ends stop reading                 StopReading on both sides
//	14 starved stream, not by a window        Scheduler OldestFirst, and an older stream with much to send
//	15 silly window                           Credit.MaxUpdate
//	16 proxy's buffer                         Stream.Pass, between two connections
//	17 zero initial window                    Config.Settings INITIAL_WINDOW_SIZE 0, then WindowUpdate
//	18 padding is not credited                Knobs.Padding and Break(NeverCreditPadding)
//	19 configured window never advertised     Credit.Bytes above INITIAL_WINDOW_SIZE
//	20 lost wake-up                           Break(IgnoreWindowUpdate)
//	21 GOAWAY                                 GoAway with a stream below the ones that are open
//	22 stream limit lowered                   ChangeSettings(MAX_CONCURRENT_STREAMS)
//	23 burst before SETTINGS                  Open before Ready, MAX_CONCURRENT_STREAMS of the server
//	24 overflowing or stray update            WindowUpdate with Break(WindowOverflow) or Break(WindowUpdateZero)
//	25 overrun                                Break(SendBeyondWindow)
//	26 abuse                                  INITIAL_WINDOW_SIZE 1; or great windows and StopReading
//
// # Where RFC 9113 is not RFC 7540
//
// Programs that check RFC 7540 find these differences: PRIORITY frames and fields are
// accepted and mean nothing, so a stream may depend on itself (9113 5.3.2, 7540
// 5.3.1).
package peer
