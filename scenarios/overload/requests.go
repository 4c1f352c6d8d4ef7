// A link on which each message is a request of HTTP/2, and is answered.

package overload

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"flowlab/backpressure"
	"flowlab/flow"
)

// answerer is a link whose producer is told what became of each message: retry is 0 for
// one that was processed, and otherwise when it is worth to come again.
type answerer interface {
	Answer(m backpressure.Message, retry time.Duration)
}

// requests sends each message as a request of its own, and does not wait for the answer:
// 200 if it was processed, 503 with Retry-After if it was refused (RFC 9110 15.6.4).
type requests struct {
	client  *http.Transport
	arrived chan backpressure.Message
	ending  chan struct{} // no more answers will come
	sent    sync.WaitGroup
	context context.Context

	mu      sync.Mutex
	waiting map[int64]chan time.Duration
	refused error

	processed, shed atomic.Int64 // by their answers, as the producer counts them
}

// Requests returns a link on the connection of a hop on which each message is a request.
// What it returns besides ends it.
func (w *Wire) Requests(ctx context.Context, hop int) (Link, func()) {
	r := &requests{
		arrived: make(chan backpressure.Message), ending: make(chan struct{}), waiting: map[int64]chan time.Duration{},
		context: context.WithoutCancel(ctx), // an interrupted run, too, has all requests answered
	}
	var end func()
	r.client, end = serveHTTP2(w.hops[hop].near, w.hops[hop].far, r.serve)
	r.ask(backpressure.Message{Number: -1}) // who comes first opens the connection; it is refused
	return r, end
}

// What a request has besides its body.
const (
	numberField    = "Flowlab-Number"
	scheduledField = "Flowlab-Scheduled" // nanoseconds of the run
	priorityField  = "Flowlab-Priority"
)

func (r *requests) Send(m backpressure.Message, stop <-chan struct{}) error {
	select {
	case <-stop:
		return ErrStopped
	default:
	}
	r.mu.Lock()
	err := r.refused
	r.mu.Unlock()
	if err != nil {
		return err
	}
	r.sent.Go(func() { r.ask(m) })
	return nil
}

// ask sends one request, and counts its answer. One that fails is one that was not
// answered: its connection was there when the run began, and is until its end.
func (r *requests) ask(m backpressure.Message) {
	request, err := http.NewRequestWithContext(r.context, http.MethodPost, url, bytes.NewReader(m.Body))
	if err != nil {
		return
	}
	request.Header.Set(numberField, strconv.FormatInt(m.Number, 10))
	request.Header.Set(scheduledField, strconv.FormatInt(int64(m.Scheduled), 10))
	request.Header.Set(priorityField, strconv.Itoa(int(m.Priority)))
	response, err := r.client.RoundTrip(request)
	if err != nil {
		return
	}
	_ = response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		r.processed.Add(1)
	case http.StatusServiceUnavailable:
		if response.Header.Get("Retry-After") != "" {
			r.shed.Add(1)
		}
	}
}

// serve hands a request over, and answers when it is known what became of it. At the end
// of a run what is not known stays so.
func (r *requests) serve(w http.ResponseWriter, request *http.Request) {
	m, err := messageOf(request)
	if err == nil && m.Number < 0 {
		err = errors.New("a message without a number")
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := make(chan time.Duration, 1)
	r.mu.Lock()
	r.waiting[m.Number] = answer
	r.mu.Unlock()
	r.arrived <- m
	select {
	case retry := <-answer:
		tell(w, retry)
	case <-r.ending:
		select { // what is known by now is told
		case retry := <-answer:
			tell(w, retry)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
}

// tell answers a request that was processed, or refused if there is a time to come again.
func tell(w http.ResponseWriter, retry time.Duration) {
	if retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((retry+time.Second-1)/time.Second)))
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func messageOf(r *http.Request) (m backpressure.Message, err error) {
	number, err := strconv.ParseInt(r.Header.Get(numberField), 10, 64)
	if err != nil {
		return m, err
	}
	scheduled, err := strconv.ParseInt(r.Header.Get(scheduledField), 10, 64)
	if err != nil {
		return m, err
	}
	priority, err := strconv.ParseUint(r.Header.Get(priorityField), 10, 8)
	if err != nil {
		return m, err
	}
	body, err := io.ReadAll(r.Body)
	return backpressure.Message{Number: number, Scheduled: flow.Time(scheduled), Priority: backpressure.Priority(priority), Body: body}, err
}

func (r *requests) Answer(m backpressure.Message, retry time.Duration) {
	r.mu.Lock()
	answer := r.waiting[m.Number]
	delete(r.waiting, m.Number)
	r.mu.Unlock()
	if answer != nil {
		answer <- retry
	}
}

func (r *requests) Waited() time.Duration { return 0 } // a sender of requests waits for none

// End has what is not answered yet answered, so that all requests are over.
func (r *requests) End() {
	close(r.ending)
	r.sent.Wait()
	close(r.arrived)
}

func (r *requests) Receive() (backpressure.Message, error) {
	m, ok := <-r.arrived
	if !ok {
		return m, io.EOF
	}
	return m, nil
}

func (r *requests) Signal(Signal)          {}
func (r *requests) Signals() <-chan Signal { return nil }

func (r *requests) Refuse(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = err
}
