package report

import (
	"flowlab/diagnose"
	"flowlab/flow"
)

// balance is how the accounts stood in a stall, from who writes to who reads.
type balance struct {
	From          string       `json:"from"`
	Stream        uint32       `json:"stream"`
	Path          string       `json:"path"`
	At            exact        `json:"at"`
	Seconds       exact        `json:"seconds"`
	Cause         flow.Cause   `json:"cause"`
	HeldBy        flow.HeldBy  `json:"held_by"`
	MessageSize   int64        `json:"message_size,omitempty"`
	MessageDone   int64        `json:"message_done,omitempty"`
	ContentLength int64        `json:"content_length,omitempty"`
	Own           *httpAccount `json:"stream_window"`
	Connection    httpAccount  `json:"connection_window"`
	Holders       []holding    `json:"holders"`
	InFlight      int          `json:"in_flight"`
	Room          *int         `json:"receive_window"`
	Act           string       `json:"act"`
}

type httpAccount struct {
	Window     window `json:"window"`
	Sent       int64  `json:"sent"`
	Unreturned int64  `json:"unreturned"`
}

func balancesOf(v *diagnose.View, at point) []balance {
	list := []balance{}
	for i := range v.Layer.HTTP2.Balances {
		b := &v.Layer.HTTP2.Balances[i]
		j := balance{
			From: b.From.String(), Stream: b.Stream, Path: b.Path, At: exact(b.At.Sub(at.first)), Seconds: exact(b.For),
			Cause: b.Cause, HeldBy: b.HeldBy, ContentLength: b.Promised,
			Connection: accountOf(&b.Connection), Holders: holdingsOf(&b.Holders), InFlight: b.InFlight, Act: mustAct(b, v),
		}
		if !b.Messages.Lost {
			j.MessageSize, j.MessageDone = b.Messages.Length, b.Messages.Done
		}
		if b.Stream != 0 {
			own := accountOf(&b.Own)
			j.Own = &own
		}
		if b.WindowKnown {
			j.Room = &b.Room
		}
		list = append(list, j)
	}
	return list
}

func accountOf(a *diagnose.Account) httpAccount {
	return httpAccount{Window: windowOf(a.Window), Sent: a.Sent, Unreturned: a.Unreturned}
}

func holdingsOf(h *diagnose.Holdings) []holding {
	list := []holding{}
	for _, s := range h.Streams {
		list = append(list, holding{Stream: s.Stream, Path: s.Path, Bytes: s.Bytes})
	}
	return list
}
