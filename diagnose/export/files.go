package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"flowlab/capture"
	"flowlab/diagnose"
	"flowlab/diagnose/survey"
	"flowlab/flow"
	"flowlab/tlsrec"
)

// Files exports connections of capture files. They are read twice: [Files.Analyse]
// concludes, and [Files.Write] writes with what was concluded. Memory does not depend
// on how much is written.
type Files struct {
	// Survey says what to read, as for an analysis; its Receive, Carried and Only are
	// set here. It numbers the connections.
	Survey      survey.Survey
	Connections []int

	source survey.Source
	views  []*diagnose.View
}

// NotFoundError says that there is no connection of a number.
type NotFoundError struct{ Number, Connections int }

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("connection %d: there are %d", e.Number, e.Connections)
}

// Analyse reads the files a first time. A capture that is damaged, or ends within a
// packet, is exported up to there: its error is returned where the connections were
// found nevertheless, beside what was read. Where one was not found the error is, or
// wraps, a [*NotFoundError].
func (x *Files) Analyse(ctx context.Context) (survey.Source, error) {
	x.Survey.Carried = tlsrec.NewKeys()
	x.views = nil
	x.Survey.Receive = func(_ *survey.Source, v *diagnose.View) {
		if slices.Contains(x.Connections, v.Number) {
			x.views = append(x.views, v)
		}
	}
	var err error
	x.source, err = x.Survey.Run(ctx)
	for _, n := range x.Connections {
		if !slices.ContainsFunc(x.views, func(v *diagnose.View) bool { return v.Number == n }) {
			return x.source, errors.Join(err, &NotFoundError{Number: n, Connections: x.source.Connections})
		}
	}
	return x.source, err
}

// Comment is what is to be said of the file as a whole, once it was analysed.
func (x *Files) Comment() string {
	return verdict(x.views, func(v *diagnose.View) string {
		at := &x.source.Interfaces[v.Interface]
		text := fmt.Sprintf(" as seen in %s", x.source.Files[at.File].Name)
		if at.Name != "" {
			text = fmt.Sprintf(" as seen at %s in %s", at.Name, x.source.Files[at.File].Name)
		}
		return text
	}, x.source.First)
}

// Write reads the files once more, and writes the packets of the connections: all
// bytes that were kept of them, their times, the names of their interfaces, and those
// keys of their TLS sessions that the files carry. A capture that ends within a packet,
// or is damaged, ends here as it did in [Files.Analyse], without an error.
func (x *Files) Write(ctx context.Context, to Target) (Written, error) {
	out := excerpt{to: to, notes: newNotes(x.views), known: map[int]int{}}
	analysis := diagnose.NewEndless(2*len(x.Connections)+1, func(*diagnose.View) {})
	analysis.Keys = x.Survey.Keys
	keys := sessions{carried: x.Survey.Carried, told: map[int]int{}}
	again := x.again()
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	_, err := again.RunFrames(reading, func(src *survey.Source, f *survey.Frame) {
		if reading.Err() != nil || int64(f.Number) > x.source.Packets {
			return // it grew since
		}
		k := capture.Kept{
			Packet:     capture.Packet{Time: f.Time, Interface: f.Interface, Data: f.Data, Length: f.Length},
			Connection: f.Connection, Frame: f.Number, Comment: "captured twice, counted once",
		}
		if !f.Double {
			o := analysis.Observe(f.Link, k.Packet)
			k.Comment = Observed(&o)
			if err := keys.write(to, o.Connection); err != nil {
				stop(err)
				return
			}
		}
		if err := out.write(&k, src.Interfaces[f.Interface].Interface); err != nil {
			stop(err)
		}
	})
	switch {
	case reading.Err() != nil:
		return out.Written, context.Cause(reading)
	case errors.Is(err, io.ErrUnexpectedEOF), damaged(err):
		return out.Written, nil
	}
	return out.Written, err
}

// again is the survey that finds the packets of the connections once more. Others are
// passed over by their ends, so that nothing is kept of them; that changes the numbers
// of connections, so they are known by their beginnings.
func (x *Files) again() survey.Survey {
	again := x.Survey
	again.Carried = nil
	again.Keep = func(t *flow.Tuple) bool {
		back := t.Reverse()
		return slices.ContainsFunc(x.views, func(v *diagnose.View) bool {
			ends := flow.Tuple{Src: v.ID.Client, Dst: v.ID.Server}
			return (ends == *t || ends == back) && (x.Survey.Keep == nil || x.Survey.Keep(t))
		})
	}
	numbers := map[int]int{} // by number in this survey: that of Analyse, 0 for those not asked for
	again.Only = func(f *survey.Frame) bool {
		number, known := numbers[f.Connection]
		if !known {
			for _, v := range x.views {
				if v.Interface == f.Interface && v.ID == f.ID && v.Start == f.Time {
					number = v.Number
				}
			}
			numbers[f.Connection] = number
		}
		f.Connection = number
		return number != 0
	}
	return again
}

func damaged(err error) bool {
	var at *capture.ReadError
	return errors.As(err, &at)
}

// sessions writes the keys of TLS sessions, each before the packets that need it.
type sessions struct {
	carried *tlsrec.Keys
	told    map[int]int // by connection: how many bytes of keys were written
}

func (s *sessions) write(to Target, c *diagnose.Connection) error {
	if c == nil {
		return nil
	}
	random, ok := c.Session()
	if !ok {
		return nil
	}
	lines := s.carried.Lines(&random)
	if len(lines) == s.told[c.Number] {
		return nil
	}
	s.told[c.Number] = len(lines)
	return to.Secrets(capture.Secrets{Type: capture.SecretsTLS, Data: lines})
}
