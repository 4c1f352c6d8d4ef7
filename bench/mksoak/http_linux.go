package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// longHTTP2 is how many connections of HTTP/2 last all the time.
	longHTTP2 = 10
	// perSecond is how many short ones begin in a second.
	perSecond = 10
	// atOnce is how many streams a connection has at once.
	atOnce = 20
)

// http2 is a server of HTTP/2 without TLS that answers with what it is sent, and its
// clients.
type http2 struct {
	server  http.Server
	url     string
	dialled atomic.Int64 // connections, also those that a client made and did not need
	spoken  atomic.Int64 // of these, those on which a client spoke
	streams atomic.Int64
}

func startHTTP2() (*http2, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &http2{url: "http://" + l.Addr().String() + "/soak"}
	h.server.Protocols = new(http.Protocols)
	h.server.Protocols.SetUnencryptedHTTP2(true)
	var speaking sync.Map // by net.Conn
	h.server.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			speaking.Delete(c)
		} else if state == http.StateActive {
			if _, known := speaking.LoadOrStore(c, true); !known {
				h.spoken.Add(1)
			}
		}
	}
	h.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	go func() { _ = h.server.Serve(l) }()
	return h, nil
}

func (h *http2) stop() { _ = h.server.Close() }

func (h *http2) dial(ctx context.Context, network, to string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, to)
	if err == nil {
		h.dialled.Add(1)
	}
	return c, err
}

// client returns a client with a connection of its own, and what closes that.
func (h *http2) client() (*http.Client, func()) {
	t := &http.Transport{Protocols: new(http.Protocols), DialContext: h.dial}
	t.Protocols.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: t, Timeout: 10 * time.Second}, t.CloseIdleConnections
}

// ask has so many streams at once, each with two kilobytes there and back. The first one
// makes the connection that all use.
func (h *http2) ask(c *http.Client, streams int) error {
	if err := h.one(c); err != nil {
		return err
	}
	failures := make([]error, streams-1)
	var wg sync.WaitGroup
	for i := range failures {
		wg.Go(func() { failures[i] = h.one(c) })
	}
	wg.Wait()
	return errors.Join(failures...)
}

func (h *http2) one(c *http.Client) error {
	h.streams.Add(1)
	answer, err := c.Post(h.url, "", bytes.NewReader(make([]byte, 2000)))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if n, err := io.Copy(io.Discard, answer.Body); err != nil || n != 2000 {
		return fmt.Errorf("%d bytes came back: %w", n, err)
	}
	return nil
}

// visits makes short connections.
func (h *http2) visits(ends time.Time) error {
	for tick := time.NewTicker(time.Second / perSecond); time.Now().Before(ends); <-tick.C {
		c, end := h.client()
		if err := h.ask(c, atOnce); err != nil {
			return err
		}
		end()
	}
	return nil
}

// stay is a long connection, with four streams a second.
func (h *http2) stay(ends time.Time) error {
	c, end := h.client()
	defer end()
	for time.Now().Before(ends) {
		if err := h.ask(c, 1); err != nil {
			return err
		}
		time.Sleep(250 * time.Millisecond)
	}
	return nil
}
