package main

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// made is what was generated.
type made struct {
	connections int // in all
	http2       int // of these
	streams     int // of HTTP/2, on all of them
}

// generate opens and closes short connections, spread over the time, while the
// long ones last and send a little four times a second. Beside them there are
// connections of HTTP/2, ten a second that are short, and ten that are long.
func generate(length time.Duration, short, long int) (made, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return made{}, err
	}
	var served sync.WaitGroup
	served.Go(func() { serve(l, &served) })
	defer served.Wait()
	defer l.Close()
	h2, err := startHTTP2()
	if err != nil {
		return made{}, err
	}
	defer h2.stop()

	ends := time.Now().Add(length)
	var wg sync.WaitGroup
	failures := make(chan error, long+2+longHTTP2)
	for range long {
		wg.Go(func() {
			if err := stay(l.Addr(), ends); err != nil {
				failures <- err
			}
		})
	}
	for range longHTTP2 {
		wg.Go(func() {
			if err := h2.stay(ends); err != nil {
				failures <- err
			}
		})
	}
	wg.Go(func() {
		if err := h2.visits(ends); err != nil {
			failures <- err
		}
	})
	all := made{connections: long}
	began := time.Now()
	for n := range short {
		time.Sleep(time.Until(began.Add(length * time.Duration(n) / time.Duration(short))))
		if err := visit(l.Addr()); err != nil {
			failures <- err
			break
		}
		all.connections++
	}
	wg.Wait()
	close(failures)
	for failure := range failures {
		err = errors.Join(err, failure)
	}
	all.http2, all.streams = int(h2.spoken.Load()), int(h2.streams.Load())
	all.connections += int(h2.dialled.Load())
	return all, err
}

// serve answers each connection with what it sends, until the listener is closed.
func serve(l net.Listener, served *sync.WaitGroup) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		served.Go(func() {
			_, _ = io.Copy(c, c)
			_ = c.Close()
		})
	}
}

// visit is a short connection: two kilobytes there and back.
func visit(to net.Addr) error {
	c, err := net.Dial("tcp", to.String())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := echo(c, 2000); err != nil {
		return err
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, c)
	return err
}

// stay is a long connection.
func stay(to net.Addr, ends time.Time) error {
	c, err := net.Dial("tcp", to.String())
	if err != nil {
		return err
	}
	defer c.Close()
	for time.Now().Before(ends) {
		if err := echo(c, 5000); err != nil {
			return err
		}
		time.Sleep(250 * time.Millisecond)
	}
	return nil
}

// echo sends bytes and reads them back.
func echo(c net.Conn, bytes int) error {
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	buffer := make([]byte, bytes)
	if _, err := c.Write(buffer); err != nil {
		return err
	}
	_, err := io.ReadFull(c, buffer)
	return err
}
