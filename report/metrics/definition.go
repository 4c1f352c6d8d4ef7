// All metrics there are, and how they are made.

package metrics

import (
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// kind is a type of Prometheus' data model.
type kind string

const (
	counter   kind = "counter"
	gauge     kind = "gauge"
	histogram kind = "histogram"
)

// definition is one metric. Names follow Prometheus' conventions: base units, and _total
// for counters.
type definition struct {
	name   string
	kind   kind
	labels string // separated by spaces
	by     string // who exposes it: verbs, separated by spaces
	help   string
}

var definitions = []definition{
	{"flowlab_limited_seconds_total", counter, "cause from", "run watch", "How long each cause held the senders of a side. The rate by cause is the share of time, added up over connections."},
	{"flowlab_stalls_total", counter, "cause from", "run watch", "Stalls that began. The cause is unknown where one was over before it was looked at."},
	{"flowlab_stall_duration_seconds", histogram, "cause from", "run watch", "How long stalls lasted that are over."},
	{"flowlab_held_seconds", gauge, "cause held_by", "run watch", "For how long a stall of that cause has held a sender that held_by can let go by now: of several the longest. 0 while there is none."},
	{"flowlab_sent_bytes_total", counter, "from", "run watch", "Payload that a side sent, each byte counted once."},
	{"flowlab_packets_total", counter, "", "run watch", "Packets that were analysed; of a run, those at the first host that saw the connection."},
	{"flowlab_resent_bytes_total", counter, "from", "run", "Payload that a side sent again."},
	{"flowlab_receive_window_bytes", gauge, "from", "run", "Window that is advertised to the senders of a side."},
	{"flowlab_in_flight_bytes", gauge, "from", "run", "Payload that a side has sent and that is not acknowledged."},
	{"flowlab_written_bytes_total", counter, "", "run", "What the producer has written. Less what was read, it is the consumer's lag."},
	{"flowlab_read_bytes_total", counter, "", "run serve", "What the consumer has read."},
	{"flowlab_consumer_queue_bytes", gauge, "", "run", "What waits in the consumer's socket to be read."},
	{"flowlab_connections", gauge, "state", "watch", "Connections that are held, flowing, idle or closed."},
	{"flowlab_receive_windows_shut", gauge, "from", "watch", "Senders of open connections to which a receive window of zero was advertised last."},
	{"flowlab_wire_bytes_total", counter, "", "watch", "Bytes of all packets on the wire."},
	{"flowlab_capture_dropped_packets_total", counter, "", "watch", "Packets that the kernel could not hand over."},
	{"flowlab_connection_held_seconds", gauge, "client server from cause held_by", "watch", "For how long a stall has held a sender by now: the connections that are held the longest, as many as --metrics-connections says."},
	{"flowlab_served_connections", gauge, "", "serve", "Connections that are being served."},
	{"flowlab_advertised_window_bytes", gauge, "", "serve", "Windows that the kernel advertised last, of all connections that are being served (Linux)."},
}

// durations are the buckets of stalls, in seconds: from what is called a stall on.
var durations = []float64{0.2, 0.5, 1, 2, 5, 10, 30, 60, 300}

// exposed is a registry of the metrics that one verb exposes.
type exposed struct {
	verb     string
	registry *prometheus.Registry
}

func newExposed(verb string) exposed { return exposed{verb, prometheus.NewRegistry()} }

// options are those of a metric that the verb exposes.
func (e *exposed) options(name string, k kind) (prometheus.Opts, []string) {
	for _, d := range definitions {
		if d.name == name && d.kind == k && strings.Contains(" "+d.by+" ", " "+e.verb+" ") {
			return prometheus.Opts{Name: d.name, Help: d.help}, strings.Fields(d.labels)
		}
	}
	panic(fmt.Sprintf("no %s %s is defined for %s", k, name, e.verb))
}

func (e *exposed) counter(name string) *prometheus.CounterVec {
	o, labels := e.options(name, counter)
	v := prometheus.NewCounterVec(prometheus.CounterOpts(o), labels)
	e.registry.MustRegister(v)
	return v
}

func (e *exposed) gauge(name string) *prometheus.GaugeVec {
	o, labels := e.options(name, gauge)
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts(o), labels)
	e.registry.MustRegister(v)
	return v
}

func (e *exposed) histogram(name string) *prometheus.HistogramVec {
	o, labels := e.options(name, histogram)
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: o.Name, Help: o.Help, Buckets: durations}, labels)
	e.registry.MustRegister(v)
	return v
}
