package filter

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"flowlab/capture"
)

// plainly compiles an expression as it was written.
func plainly(t testing.TB, expression string, link capture.LinkType) *Filter {
	t.Helper()
	p := &parser{link: links[link]}
	root, err := p.parse(expression)
	if err != nil {
		t.Fatalf("%q: %v", expression, err)
	}
	f := &Filter{link: links[link], inTheWay: p.inTheWay}
	f.start = f.place(root, accept, reject)
	return f
}

// TestShorten holds shortened filters to those that were not, also in whether
// they look at what was cut away.
func TestShorten(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for _, link := range []capture.LinkType{0, 1, 101, 276} {
		g := &generator{random: rand.New(rand.NewPCG(seed, 3)), ethernet: link == capture.Ethernet}
		list := expressionsOf(link)
		for range 300 {
			list = append(list, g.expression(4))
		}
		frames := every(29, madeFrames(link))
		before, after := 0, 0
		for _, e := range list {
			plain := plainly(t, e, link)
			short, err := Compile(e, link)
			if err != nil {
				t.Fatalf("%q: %v", e, err)
			}
			before, after = before+reachedTests(plain), after+reachedTests(short)
			for _, fr := range frames {
				want, whole := plain.run(fr.data, uint32(fr.length))
				if got, wholeToo := short.run(fr.data, uint32(fr.length)); got != want || wholeToo != whole {
					t.Errorf("link type %d, %q: shortened, %v (whole: %v), as written %v (%v): %x", link, e, got, wholeToo, want, whole, fr.data)
					break
				}
			}
		}
		if after > before*9/10 {
			t.Errorf("link type %d: %d tests of %d are left", link, after, before)
		}
		t.Logf("link type %d: %d tests of %d are left", link, after, before)
	}
}

func reachedTests(f *Filter) (n int) {
	for _, r := range f.registers() {
		if r.reached {
			n++
		}
	}
	return n
}

func BenchmarkCompile(b *testing.B) {
	var ports, hosts []string
	for i := range 600 {
		ports = append(ports, fmt.Sprintf("port %d", i))
		hosts = append(hosts, fmt.Sprintf("10.1.%d.%d", i>>8, i&0xFF))
	}
	for name, e := range map[string]string{
		"short": "tcp port 443 and host 192.0.2.1", "600 ports": strings.Join(ports, " or "), "600 hosts": "host " + strings.Join(hosts, " or "),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Compile(e, capture.Ethernet); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
