// What verbs expose to Prometheus while they run.

package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"flowlab/report/metrics"
)

// exposing is what the flag --metrics says.
type exposing struct{ address string }

func (e *exposing) flag(verb *cobra.Command) {
	verb.Flags().StringVar(&e.address, "metrics", "", "expose metrics to Prometheus on `HOST:PORT` while it runs; :PORT is for this machine only (docs/metrics.md)")
}

// open listens for who asks, if the flag is given, and returns what ends that.
func (e *exposing) open(of metrics.Exposed) (end func(), err error) {
	if e.address == "" {
		return func() {}, nil
	}
	_, port, err := net.SplitHostPort(e.address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return nil, mistake("write HOST:PORT, such as 127.0.0.1:9150, or :9150", "--metrics %s: %v", e.address, err)
	}
	l, err := metrics.Listen(e.address, of)
	if err != nil {
		return nil, mistake("choose another port, and an address of this machine, or leave the address out", "--metrics %s: %v", e.address, err)
	}
	fmt.Fprintf(os.Stderr, "metrics on %s\n", l.URL())
	return func() { _ = l.Close() }, nil // what went wrong is who asked's
}

// sampling is how often it is looked at how things stand.
const sampling = 250 * time.Millisecond

// follow has a look again and again while metrics are exposed, until the function that it
// returns is called; then a last time.
func (e *exposing) follow(look func()) (end func()) {
	if e.address == "" {
		return func() {}
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticks := time.NewTicker(sampling)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				look()
			case <-stop:
				look()
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-done
	}
}
