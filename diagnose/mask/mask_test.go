package mask

import (
	"fmt"
	"net/netip"
	"reflect"
	"testing"

	"flowlab/diagnose"
	"flowlab/diagnose/board"
	"flowlab/flow"
)

func end(text string) flow.Endpoint { return flow.EndpointOf(netip.MustParseAddrPort(text)) }

// An address has the same stand-in each time, with its port; loopback stays.
func TestEndpoint(t *testing.T) {
	m := New()
	for _, c := range []struct{ is, stands string }{
		{"10.0.0.7:443", "192.0.2.1:443"},
		{"10.0.0.8:80", "192.0.2.2:80"},
		{"[2001:db8::7]:1", "[2001:db8::1]:1"},
		{"[fe80::1]:2", "[2001:db8::2]:2"},
		{"10.0.0.7:9", "192.0.2.1:9"},
		{"192.0.2.1:5", "192.0.2.3:5"}, // also one that is a stand-in itself
		{"127.0.0.9:6", "127.0.0.9:6"},
		{"[::1]:7", "[::1]:7"},
		{"0.0.0.0:8", "0.0.0.0:8"},
		{"[::]:8", "[::]:8"},
	} {
		if got := m.Endpoint(end(c.is)).String(); got != c.stands {
			t.Errorf("%s is shown as %s, want %s", c.is, got, c.stands)
		}
	}
}

// However many addresses there are, no two have the same stand-in, and all of these are
// such as nobody has.
func TestStandInsAreUnique(t *testing.T) {
	m := New()
	var reserved []netip.Prefix
	for _, p := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "2001:db8::/32"} {
		reserved = append(reserved, netip.MustParsePrefix(p))
	}
	seen := map[flow.Endpoint]flow.Endpoint{}
	for i := range 3000 {
		for _, e := range []flow.Endpoint{end(fmt.Sprintf("10.1.%d.%d:1", i/250, i%250)), end(fmt.Sprintf("[fd00::%x]:1", i+1))} {
			s := m.Endpoint(e)
			if other, taken := seen[s]; taken {
				t.Fatalf("%v and %v are both shown as %v", e, other, s)
			}
			seen[s] = e
			within := 0
			for _, p := range reserved {
				if p.Contains(s.AddrPort().Addr()) {
					within++
				}
			}
			if within != 1 {
				t.Fatalf("%v is shown as %v", e, s)
			}
		}
	}
}

// Names have the same stand-in each time; of too many all are forgotten, and no number is
// given twice.
func TestNames(t *testing.T) {
	m := New()
	for _, c := range []struct{ is, stands string }{{"/a", "path-1"}, {"/b", "path-2"}, {"/a", "path-1"}, {"", ""}} {
		if got := m.Path(c.is); got != c.stands {
			t.Errorf("%q is shown as %q, want %q", c.is, got, c.stands)
		}
	}
	if got := m.Host("example.com"); got != "host-1" {
		t.Errorf("a host is shown as %q", got)
	}
	seen := map[string]bool{}
	for i := range 2 * mostNames {
		s := m.Path(fmt.Sprintf("/item/%d", i))
		if seen[s] || len(m.paths.given) > mostNames {
			t.Fatalf("%q is given twice, or %d are kept", s, len(m.paths.given))
		}
		seen[s] = true
	}
}

// secret is in every text, and the address in every end, of a view that is filled.
const secret = "secret"

var address = end("10.9.8.7:443")

// fill sets whatever v reaches, slices to two elements.
func fill(v reflect.Value) {
	switch {
	case !v.CanSet():
		return
	case v.Type() == reflect.TypeFor[flow.Endpoint]():
		v.Set(reflect.ValueOf(address))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(secret)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}

// shown finds what is not masked; told are the fields that say nothing of who talks.
func shown(v reflect.Value, name string, told map[string]bool) (leaks []string) {
	if v.Type() == reflect.TypeFor[flow.Endpoint]() {
		if v.Interface() == any(address) {
			return []string{name}
		}
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		if v.String() == secret && !told[name] {
			return []string{name}
		}
	case reflect.Pointer:
		return shown(v.Elem(), name, told)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			leaks = append(leaks, shown(v.Index(i), name, told)...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			leaks = append(leaks, shown(v.Field(i), name+"."+v.Type().Field(i).Name, told)...)
		}
	}
	return leaks
}

// Nothing of a snapshot is left as it was, whatever fields it has, and the snapshot that
// was masked stays as it is.
func TestNothingIsForgotten(t *testing.T) {
	told := map[string]bool{
		".Rows.Interface":           true, // eth0
		".Chosen.Layer.ALPN":        true, // h2
		".Chosen.Layer.Reason.What": true, // why TLS cannot be read: a text of tlsrec
	}
	var s board.Snapshot
	fill(reflect.ValueOf(&s).Elem())
	before := len(shown(reflect.ValueOf(s), "", told))
	if before < 10 {
		t.Fatalf("only %d fields are to be masked", before)
	}
	n := New().Snapshot(&s)
	if leaks := shown(reflect.ValueOf(*n), "", told); len(leaks) > 0 {
		t.Errorf("not masked: %v", leaks)
	}
	if after := len(shown(reflect.ValueOf(s), "", told)); after != before {
		t.Errorf("%d fields of what was masked have changed", before-after)
	}
}

// What is said of a masked connection names nobody.
func TestSentences(t *testing.T) {
	v := diagnose.View{ID: flow.Conn{Client: address, Server: end("10.9.8.6:80")}}
	m := New()
	got := m.View(&v).MustAct(&diagnose.Stall{Cause: flow.ReceiveWindow, HeldBy: flow.Reader}, flow.Client)
	if want := "The application at 192.0.2.2:80 must read what it is sent."; got != want {
		t.Errorf("says %q, want %q", got, want)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	s := board.Snapshot{Rows: make([]board.Row, 10_000)}
	for i := range s.Rows {
		s.Rows[i].Number = i + 1
		s.Rows[i].ID = flow.Conn{Client: end(fmt.Sprintf("10.0.%d.%d:1", i/250, i%250)), Server: address}
	}
	m := New()
	b.ReportAllocs()
	for b.Loop() {
		m.Snapshot(&s)
	}
}
