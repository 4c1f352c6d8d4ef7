package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// upload is a program for scripts: upload PORT WINDOW TIME [KEYLOG [DELAY]]. On the
// loopback interface it uploads two megabytes by HTTP/2 to net/http, with that window
// of the stream, whose handler reads nothing for that time, and then all. With a key
// log it is inside TLS; the client's keys come to the file after the delay. If
// UPLOAD_CLIENT is curl, that is the client.
func upload() {
	if err := runUpload(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func runUpload(args []string) error {
	window, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	pause, err := time.ParseDuration(args[2])
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	if err != nil {
		return err
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(pause)
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	server.Listener = l
	server.Config.HTTP2 = &http.HTTP2Config{MaxReceiveBufferPerStream: window, MaxReceiveBufferPerConnection: 1 << 20}
	server.Config.Protocols = new(http.Protocols)
	defer server.Close()
	if len(args) == 3 {
		server.Config.Protocols.SetUnencryptedHTTP2(true)
		server.Start()
		return send2MB(server, "")
	}
	server.Config.Protocols.SetHTTP2(true)
	server.EnableHTTP2 = true
	server.StartTLS()
	return send2MB(server, args[3:]...)
}

// send2MB uploads, with a file for the client's keys that may be empty.
func send2MB(server *httptest.Server, keys ...string) error {
	body := make([]byte, 2<<20)
	if os.Getenv("UPLOAD_CLIENT") == "curl" {
		curl := exec.Command("curl", "--silent", "--show-error", "--insecure", "--data-binary", "@-", "--output", os.DevNull, server.URL+"/curl")
		if keys[0] == "" {
			curl.Args = append(curl.Args, "--http2-prior-knowledge")
		}
		curl.Stdin, curl.Stderr = bytes.NewReader(body), os.Stderr
		curl.Env = append(os.Environ(), "SSLKEYLOGFILE="+keys[0])
		return curl.Run()
	}
	transport := server.Client().Transport.(*http.Transport)
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetUnencryptedHTTP2(keys[0] == "")
	transport.Protocols.SetHTTP2(keys[0] != "")
	late := &lateFile{path: keys[0]}
	if len(keys) > 1 {
		late.delay, _ = time.ParseDuration(keys[1])
	}
	if keys[0] != "" {
		transport.TLSClientConfig.KeyLogWriter = late
	}
	answer, err := server.Client().Post(server.URL+"/unread", "", bytes.NewReader(body))
	late.written.Wait()
	if err != nil {
		return err
	}
	return errors.Join(answer.Body.Close(), late.err)
}

// lateFile adds what is written to a file after a while.
type lateFile struct {
	path    string
	delay   time.Duration
	written sync.WaitGroup
	mu      sync.Mutex
	err     error
}

// Write writes before what the keys protect is sent, unless there is a delay.
func (f *lateFile) Write(b []byte) (int, error) {
	line := bytes.Clone(b)
	if f.delay == 0 {
		f.append(line)
		return len(b), nil
	}
	f.written.Go(func() {
		time.Sleep(f.delay)
		f.append(line)
	})
	return len(b), nil
}

func (f *lateFile) append(line []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	file, err := os.OpenFile(f.path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = file.Write(line)
		err = errors.Join(err, file.Close())
	}
	f.err = errors.Join(f.err, err)
}
