package scenarios

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestSet(t *testing.T) {
	for _, c := range []struct {
		knob, value, want string
	}{
		{"network.rtt", "0.1s", "100ms"},
		{"network.rate", "50000kbit/s", "50Mbit/s"},
		{"network.rate", "unlimited", "unlimited"},
		{"network.queue", "256KiB", "256KiB"},
		{"network.loss", "0.5%", "0.5%"},
		{"network.mtu", "9000", "9kB"},
		{"network.ip", "6", "6"},
		{"producer.protocol", "tcp", "tcp"},
		{"producer.rate", "0", "0"},
		{"producer.chunk", "100", "100B"},
		{"producer.nagle", "true", "true"},
		{"producer.congestion", "bbr", "bbr"},
		{"producer.total", "10MB", "10MB"},
		{"consumer.window", "128KiB", "128KiB"},
		{"consumer.read-rate", "unlimited", "unlimited"},
		{"consumer.chunk", "1KiB", "1KiB"},
		{"consumer.delayed-ack", "40ms", "40ms"},
	} {
		t.Run(c.knob+"="+c.value, func(t *testing.T) {
			k := DefaultKnobs()
			if err := k.Set(c.knob, c.value); err != nil {
				t.Fatal(err)
			}
			if got := k.Get(c.knob); got != c.want {
				t.Errorf("Get: %s, want %s", got, c.want)
			}
		})
	}
}

func TestSetHTTP2(t *testing.T) {
	for _, c := range []struct {
		knob, value, want string
	}{
		{"producer.read-rate", "1MB/s", "1MB/s"},
		{"consumer.stream-window", "0", "0"},
		{"producer.stream-window", "2147483647", "2147483647B"},
		{"consumer.connection-window", "1MiB", "1MiB"},
		{"consumer.max-streams", "100", "100"},
		{"consumer.max-streams", "unlimited", "unlimited"},
		{"consumer.credit-stream", "after-message", "after-message"},
		{"consumer.credit-connection", "on-receipt", "on-receipt"},
		{"consumer.credit-bytes", "4KiB", "4KiB"},
		{"consumer.credit-share", "50%", "50%"},
		{"consumer.max-update", "50", "50B"},
		{"consumer.leak-resets", "true", "true"},
		{"producer.padding", "256", "256B"},
		{"producer.frame-size", "1000", "1kB"},
		{"consumer.read-socket", "false", "false"},
		{"producer.hold-settings", "true", "true"},
		{"producer.break", "send-beyond-window", "send-beyond-window"},
		{"producer.break", "none", "none"},
	} {
		t.Run(c.knob+"="+c.value, func(t *testing.T) {
			k := DefaultKnobs()
			k.Producer.Protocol = H2
			if err := k.Set(c.knob, c.value); err != nil {
				t.Fatal(err)
			}
			if got := k.Get(c.knob); got != c.want {
				t.Errorf("Get: %s, want %s", got, c.want)
			}
		})
	}
}

func TestSetHTTP2Refuses(t *testing.T) {
	for _, c := range []struct {
		knob, value, problem string
	}{
		{"consumer.stream-window", "2GiB", `"2GiB" is out of range`},
		{"consumer.connection-window", "65534", `"65534" is out of range`},
		{"consumer.max-streams", "-1", `"-1" is not a whole number`},
		{"consumer.max-streams", "4294967295", `"4294967295" is out of range`},
		{"consumer.credit-stream", "sometimes", `unknown time of credit "sometimes"`},
		{"producer.padding", "257", `"257" is out of range`},
		{"producer.break", "everything", `unknown rule "everything"`},
		{"producer.rate", "1MB/s", "producer.rate means nothing where the protocol is h2"},
		{"consumer.chunk", "1KiB", "consumer.chunk means nothing where the protocol is h2"},
	} {
		t.Run(c.knob+"="+c.value, func(t *testing.T) {
			k := DefaultKnobs()
			k.Producer.Protocol = H2
			before := k
			m, ok := errors.AsType[*Mistake](k.Set(c.knob, c.value))
			if !ok || m.Problem != c.problem || m.Hint == "" || !reflect.DeepEqual(k, before) {
				t.Errorf("got %+v, want the problem %q, and nothing set", m, c.problem)
			}
		})
	}
}

func TestSetRefuses(t *testing.T) {
	for _, c := range []struct {
		name, knob, value string
		problem, hint     string
	}{
		{"short name", "rtt", "20ms", `unknown knob "rtt"`, "did you mean network.rtt?"},
		{"misspelt", "consumer.raed-rate", "0", `unknown knob "consumer.raed-rate"`, "did you mean consumer.read-rate?"},
		{"nothing like it", "colour", "red", `unknown knob "colour"`, "flowlab run --help has the knobs"},
		{"no unit", "network.rtt", "20", `"20" is not a duration`, "write a number with ns, us, ms, s, m or h, such as 20ms"},
		{"unlimited is said", "network.rate", "fast", `"fast" is not a number with its unit`, `such as 50Mbit/s, or "unlimited"`},
		{"below the range", "network.mtu", "100", `"100" is out of range`, "the range of network.mtu is 576B to 65535B"},
		{"above the range", "network.loss", "101%", `"101%" is out of range`, "the range of network.loss is 0% to 100%"},
		{"a rate of nothing", "network.rate", "0", `"0" is out of range`, "the range of network.rate is 1kbit/s to 100Gbit/s"},
		{"delayed beyond RFC 1122", "consumer.delayed-ack", "1s", `"1s" is out of range`, "0s to 500ms"},
		{"no window at all", "consumer.window", "unlimited", `"unlimited" is not a number with its unit`, "such as 64KiB"},
		{"protocol", "producer.protocol", "quic", `unknown protocol "quic"`, "the protocols are: tcp, h2"},
		{"of another protocol", "consumer.stream-window", "1MiB", "consumer.stream-window means nothing where the protocol is tcp", "it goes with producer.protocol h2"},
		{"version", "network.ip", "5", `unknown version "5"`, "the versions are: 4, 6"},
		{"yes", "producer.nagle", "yes", `unknown value "yes"`, "the values are: false, true"},
		{"no name", "producer.congestion", "BBR v3", `"BBR v3" is not a name`, "such as cubic"},
		{"empty", "producer.nagle", "", `unknown value ""`, "the values are: false, true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := DefaultKnobs()
			err := k.Set(c.knob, c.value)
			m, ok := errors.AsType[*Mistake](err)
			if !ok {
				t.Fatalf("error %v is not a Mistake", err)
			}
			if m.Problem != c.problem || !strings.Contains(m.Hint, c.hint) {
				t.Errorf("got %q, hint %q\nwant %q, hint with %q", m.Problem, m.Hint, c.problem, c.hint)
			}
			if !reflect.DeepEqual(k, DefaultKnobs()) {
				t.Error("the knobs have changed")
			}
		})
	}
}

func TestIPv6NeedsItsMTU(t *testing.T) {
	k := DefaultKnobs()
	if err := k.Set("network.mtu", "1279"); err != nil {
		t.Fatal(err)
	}
	if err := k.Set("network.ip", "6"); err == nil {
		t.Error("IPv6 with an MTU of 1279 bytes is accepted")
	}
	if k.Network.IP != 4 {
		t.Error("the refused version is set")
	}
	if err := k.Set("network.mtu", "1280"); err != nil {
		t.Fatal(err)
	}
	if err := k.Set("network.ip", "6"); err != nil {
		t.Error(err)
	}
}

func TestDefaults(t *testing.T) {
	k := DefaultKnobs()
	if k.Network.RTT != 20*time.Millisecond || k.Consumer.Window != 256<<10 {
		t.Errorf("defaults: %+v", k)
	}
	for _, knob := range AllKnobs() {
		t.Run(knob.Name, func(t *testing.T) {
			k, again := k, DefaultKnobs()
			if knob.Protocol != "" {
				k.Producer.Protocol, again.Producer.Protocol = knob.Protocol, knob.Protocol
			}
			if err := again.Set(knob.Name, k.Get(knob.Name)); err != nil || !cmp.Equal(again, k, cmpopts.IgnoreUnexported(Knobs{})) {
				t.Errorf("its default %s cannot be set: %v", k.Get(knob.Name), err)
			}
			if knob.Doc == "" || knob.Accepts == "" || knob.Range == "" {
				t.Errorf("something is not said: %+v", knob)
			}
		})
	}
}

func TestGetUnknown(t *testing.T) {
	k := DefaultKnobs()
	if got := k.Get("network.colour"); got != "" {
		t.Errorf("got %q", got)
	}
}
