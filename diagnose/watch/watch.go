package watch

import (
	"context"
	"errors"
	"io"
	"time"

	"flowlab/capture"
	"flowlab/capture/live"
	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/diagnose/export"
	"flowlab/diagnose/survey"
	"flowlab/flow"
	"flowlab/tlsrec"
)

const (
	// look is how often stalls under way are looked for.
	look = 250 * time.Millisecond
	// behind is how much later than it passed a packet may be given by its
	// source. Time passes so much later for the verdict.
	behind = 100 * time.Millisecond
)

// Source is where packets come from while they pass.
type Source interface {
	// Interfaces are those that showed up so far.
	Interfaces() []capture.Interface
	// Next returns the next packet, [live.ErrNone] if none comes for a while, and
	// [io.EOF] after the last one.
	Next(wait time.Duration) (capture.Packet, error)
	// Stop has Next return what is left, and then io.EOF.
	Stop()
	// Stats returns how many packets were captured, and how many were lost.
	Stats() (live.Stats, error)
}

// Recorder is where packets go.
type Recorder interface {
	AddInterface(capture.Interface) error
	Secrets(capture.Secrets) error
	Write(p capture.Packet, comment string) error
	Statistics(iface int, now flow.Time, received, dropped int64) error
	Flush() error
	Close() error
}

// Watch is what to follow, and what to do. Set the fields, then call
// [Watch.Run].
type Watch struct {
	Source   Source
	Record   Recorder       // nil for none; closed at the end
	Trigger  *Trigger       // nil for none
	Memory   *export.Memory // of the latest packets, to export connections from; nil for none
	MinStall time.Duration  // 0 for [diagnose.MinStall]
	Most     int            // connections that are kept
	Limit    int64          // packets after which to stop; 0 for none
	// Keys are those of TLS, nil if it is not to be read.
	Keys *tlsrec.Keys
	// KeyLog, if set, is where more of them come from while packets do; closed at the
	// end.
	KeyLog *KeyLog
	// Payload is set where packets come whole unless they are spared.
	Payload *Payload
	// Snap is how many bytes of each packet are recorded; 0 for all that come.
	Snap int
	// Embed has the keys of TLS sessions recorded before their packets.
	Embed bool
	// Match, if set, chooses packets, by how they begin and what they hold.
	Match func(link capture.LinkType, p *capture.Packet) bool

	// Board, if set, is what a screen looks at: it is given how things stand.
	Board *board.Live

	// All of these may be nil. They are called from the goroutine of Run.
	Event  func(*Event)
	Second func(*Second)
	Ended  func(*survey.Source, *diagnose.View)

	current  capture.Packet // here, so that none is allocated
	source   survey.Source
	analysis *diagnose.Analysis
	begun    bool      // a packet has come
	now      flow.Time // of the latest packet
	idle     time.Time // since when there is none, by the system's clock; zero if there is
	looked   flow.Time
	second   Second
	last     flow.Time // the end of the second before
	told     map[stalled]bool
	byStream map[stalled]flow.Time // by sender: until when stalls of its streams were told
	repeated map[kind]repeated
	comment  []byte
	released []Event                // stalls that the packet just seen has ended
	found    map[int]map[found]bool // by connection: what was told of it
	asked    flow.Time              // when the key log was last read
	embedded map[int]embedded       // by connection
	boarded  flow.Time              // when a screen was last given something
	hidden   int                    // connections of which TLS hides what is above TCP
}

// stalled names what a stall holds: a sender, or one of its streams.
type stalled struct {
	connection int
	from       flow.Side
	stream     uint32 // 0 for all
}

func (e *Event) stalled() stalled { return stalled{e.Connection, e.From, e.Stream} }

// Run follows the source until it ends, or until ctx is done: then what the
// source still has is entered too. The error is that of the source, or of
// recording; what was seen until then is returned with it.
func (w *Watch) Run(ctx context.Context) (survey.Source, error) {
	if err := w.begin(); err != nil {
		return w.source, err
	}
	defer context.AfterFunc(ctx, w.Source.Stop)()
	err := w.follow()
	w.showAll(w.now)
	w.analysis.End(w.time())
	w.tell()
	w.count() // what was lost since the last second, too
	if w.KeyLog != nil {
		_ = w.KeyLog.file.Close() // nothing was written to it
	}
	if w.Record != nil {
		if closing := w.Record.Close(); err == nil {
			err = closing
		}
	}
	w.update()
	return w.source, err
}

func (w *Watch) begin() error {
	w.embedded = map[int]embedded{}
	w.told, w.byStream = map[stalled]bool{}, map[stalled]flow.Time{}
	w.repeated, w.found = map[kind]repeated{}, map[int]map[found]bool{}
	w.idle = time.Now()
	w.now = flow.FromTime(w.idle)
	w.looked, w.last = w.now, w.now
	w.analysis = diagnose.NewEndless(w.Most, w.ended)
	if w.MinStall == 0 {
		w.MinStall = diagnose.MinStall
	}
	w.analysis.MinStall = w.MinStall
	w.analysis.Stalled, w.analysis.StreamStalled = w.over, w.streamOver
	w.analysis.Keys = w.Keys
	return w.know(len(w.Source.Interfaces()))
}

// follow enters packets until there are no more.
func (w *Watch) follow() error {
	for {
		var err error
		w.current, err = w.Source.Next(look)
		switch {
		case err == nil:
			if err := w.packet(&w.current); err != nil {
				return err
			}
			if w.Limit > 0 && w.analysis.Packets == w.Limit {
				return nil
			}
		case errors.Is(err, live.ErrNone):
			if w.idle.IsZero() {
				w.idle = time.Now().Add(-look)
			}
			if err := w.pass(w.time()); err != nil {
				return err
			}
		case errors.Is(err, io.EOF):
			return nil
		default:
			return err
		}
	}
}

// time is the time by the packets' clock, which need not be this system's: that
// of the latest packet, and what has passed since it came.
func (w *Watch) time() flow.Time {
	if w.idle.IsZero() {
		return w.now
	}
	return w.now.Add(time.Since(w.idle))
}

// packet enters a packet.
func (w *Watch) packet(p *capture.Packet) error {
	if !w.begun { // from now on the packets' clock counts
		w.begun = true
		w.now, w.looked, w.last = p.Time, p.Time, p.Time
	}
	w.now, w.idle = max(w.now, p.Time), time.Time{}
	if p.Interface >= len(w.source.Interfaces) {
		if err := w.know(p.Interface + 1); err != nil {
			return err
		}
	}
	if w.KeyLog != nil && p.Time.Sub(w.asked) >= ask {
		w.learn(p.Time)
	}
	link := w.source.Interfaces[p.Interface].LinkType
	if w.Match != nil && !w.Match(link, p) {
		w.source.Skipped.Unmatched++
	} else if err := w.enter(link, p); err != nil {
		return err
	}
	if p.Time.Sub(w.looked) < look {
		return nil
	}
	return w.pass(p.Time)
}

// enter takes in a packet that is asked for.
func (w *Watch) enter(link capture.LinkType, p *capture.Packet) error {
	w.second.Packets++
	w.second.Bytes += int64(p.Length)
	if w.Board != nil {
		w.Board.Until(p.Time)
	}
	o := w.analysis.Observe(link, *p)
	w.shown(&o)
	if w.Payload != nil && o.Connection != nil {
		w.Payload.weigh(o.Connection, p)
		w.Payload.apply(p.Time)
	}
	if w.Memory != nil && o.Connection != nil {
		w.Memory.Keep(capture.Kept{
			Packet: *p, Comment: export.Observed(&o), Connection: o.Connection.Number, Frame: int(w.analysis.Packets),
		})
	}
	if w.Record != nil {
		if w.Embed && o.Connection != nil {
			if err := w.embed(o.Connection); err != nil {
				return err
			}
		}
		if err := w.Record.Write(*p, w.remark(&o)); err != nil {
			return err
		}
	}
	w.tell()
	return nil
}

// know takes in the first interfaces of the source, so many, as far as they are
// new.
func (w *Watch) know(number int) error {
	for _, i := range w.Source.Interfaces()[len(w.source.Interfaces):number] {
		w.source.Interfaces = append(w.source.Interfaces, survey.Interface{Interface: i})
		if w.Memory != nil {
			w.Memory.AddInterface(i)
		}
		if w.Record == nil {
			continue
		}
		if w.Snap > 0 {
			i.SnapLen = w.Snap + live.Headroom
		}
		if err := w.Record.AddInterface(i); err != nil {
			return err
		}
	}
	return nil
}
