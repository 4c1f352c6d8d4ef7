package live

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/net/bpf"

	"flowlab/capture"
	"flowlab/flow"
)

// packetOf makes a packet of a tuple.
func packetOf(link capture.LinkType, t *flow.Tuple, protocol byte, options int) []byte {
	var p []byte
	if t.Src.IPv4 {
		p = make([]byte, 20+options, 200)
		p[0], p[9] = 0x40|byte(len(p)/4), protocol
		copy(p[12:], t.Src.IP[:4])
		copy(p[16:], t.Dst.IP[:4])
	} else {
		p = make([]byte, 40, 200)
		p[0], p[6] = 0x60, protocol
		copy(p[8:], t.Src.IP[:])
		copy(p[24:], t.Dst.IP[:])
	}
	p = binary.BigEndian.AppendUint16(p, t.Src.Port)
	p = binary.BigEndian.AppendUint16(p, t.Dst.Port)
	p = append(p, make([]byte, 100)...)
	if link != capture.Ethernet {
		return p
	}
	kind := []byte{0x86, 0xdd}
	if t.Src.IPv4 {
		kind = []byte{8, 0}
	}
	return append(append(make([]byte, 12), kind...), p...)
}

func randomTuple(r *rand.Rand) (t flow.Tuple) {
	t.Src.IPv4 = r.IntN(2) == 0
	t.Dst.IPv4 = t.Src.IPv4
	length := 16
	if t.Src.IPv4 {
		length = 4
	}
	for i := range length { // few values, so that tuples are alike
		t.Src.IP[i], t.Dst.IP[i] = byte(r.IntN(2)), byte(r.IntN(2))
	}
	t.Src.Port, t.Dst.Port = uint16(40000+r.IntN(300)), uint16(443+r.IntN(2))
	return t
}

// Of the connections that are spared the headers are taken, in both directions, and of
// all others everything, whatever chose the packets before.
func TestSparedConnections(t *testing.T) {
	const headers, whole = 256, 2000
	for _, link := range []capture.LinkType{capture.Ethernet, capture.LinuxCooked2, capture.RawIP} {
		for _, expression := range []string{"", "dst port 443"} {
			if link == capture.LinuxCooked2 && expression != "" {
				continue // it uses what only the kernel has
			}
			for _, count := range []int{0, 1, 2, 3, 100, MostSpared} {
				t.Run(fmt.Sprint(link, expression, count), func(t *testing.T) {
					r := rand.New(rand.NewPCG(uint64(link), uint64(count)))
					o := Options{SnapLen: whole, Headers: headers, Filter: expression}
					chosen, _, err := compile(&o, link)
					if err != nil {
						t.Fatal(err)
					}
					spared := map[flow.Tuple]bool{}
					var list []flow.Tuple
					for len(list) < count {
						if c := randomTuple(r); !spared[c] {
							spared[c], spared[c.Reverse()] = true, true
							list = append(list, c)
						}
					}
					program, err := newSparing(&o, link, chosen).compile(list)
					if err != nil {
						t.Fatal(err)
					}
					if len(program) > 4096 {
						t.Fatalf("%d instructions: the kernel takes 4096", len(program))
					}
					instructions, _ := bpf.Disassemble(program)
					vm, err := bpf.NewVM(instructions)
					if err != nil {
						t.Fatal(err)
					}
					check := func(what string, p []byte, want int) {
						t.Helper()
						// The machine says how many bytes of the packet it would keep.
						got, err := vm.Run(append(p, make([]byte, whole-len(p))...))
						if err != nil || got != want {
							t.Errorf("%s: %d bytes are taken, want %d; %v", what, got, want, err)
						}
					}
					all := list
					for range 200 {
						all = append(all, randomTuple(r))
					}
					for _, c := range all {
						want := whole
						if spared[c] {
							want = headers
						}
						back := want
						if expression != "" && c.Dst.Port != 443 {
							want = 0
						}
						if expression != "" {
							back = 0
						}
						options := 4 * r.IntN(11)
						check(fmt.Sprint(c), packetOf(link, &c, protocolTCP, options), want)
						reverse := c.Reverse()
						check(fmt.Sprint(reverse), packetOf(link, &reverse, protocolTCP, options), back)
					}
				})
			}
		}
	}
}

// What may hold TCP is taken whole: fragments and tunnels. Of other UDP the headers are.
func TestSparedProtocols(t *testing.T) {
	const headers, whole = 256, 2000
	for _, four := range []bool{true, false} {
		of := func(from, to uint16, protocol byte) []byte {
			c := flow.Tuple{Src: flow.Endpoint{IPv4: four, Port: from}, Dst: flow.Endpoint{IPv4: four, Port: to}}
			return packetOf(capture.Ethernet, &c, protocol, 0)
		}
		fragment := of(1, 2, protocolTCP)
		if four {
			fragment[14+6] = 0x20 // more fragments
		} else {
			fragment[14+6] = 44 // a fragment's header
		}
		arp := make([]byte, 42)
		arp[12], arp[13] = 8, 6
		for _, c := range []struct {
			name   string
			packet []byte
			want   int
		}{
			{"TCP", of(1, 2, protocolTCP), whole},
			{"QUIC", of(443, 5000, protocolUDP), headers},
			{"VXLAN", of(5000, portVXLAN, protocolUDP), whole},
			{"VXLAN, the other way", of(portVXLAN, 5000, protocolUDP), whole},
			{"Geneve", of(5000, portGeneve, protocolUDP), whole},
			{"Geneve, the other way", of(portGeneve, 5000, protocolUDP), whole},
			{"GRE", of(0, 0, 47), whole},
			{"fragment", fragment, whole},
			{"ARP", arp, whole},
		} {
			o := Options{SnapLen: whole, Headers: headers}
			program, err := newSparing(&o, capture.Ethernet, all(&o)).compile(nil)
			if err != nil {
				t.Fatal(err)
			}
			instructions, _ := bpf.Disassemble(program)
			vm, err := bpf.NewVM(instructions)
			if err != nil {
				t.Fatal(err)
			}
			got, err := vm.Run(append(c.packet, make([]byte, whole-len(c.packet))...))
			if err != nil || got != c.want {
				t.Errorf("%s, IPv4 %v: %d bytes are taken, want %d; %v", c.name, four, got, c.want, err)
			}
		}
	}
}

// The kernel takes the same packets so: of connections that are spared the headers, from
// then on, and of the others all of each.
func TestSpareInTheKernel(t *testing.T) {
	p := newPair(t)
	for _, iface := range []string{"eth0", Any} {
		for _, expression := range []string{"tcp src port 40000", ""} {
			t.Run(iface+" "+expression, func(t *testing.T) {
				const payload, headers = 1000, 100
				s := opened(t, Options{Interface: iface, Namespace: p.two, Filter: expression, Headers: headers})
				out := newSender(t, p.one, "eth0")
				ends := func(port uint16) flow.Tuple {
					return flow.Tuple{
						Src: flow.Endpoint{IP: [16]byte{10, 78, 0, 2}, Port: port, IPv4: true},
						Dst: flow.Endpoint{IP: [16]byte{10, 78, 0, 1}, Port: 40000, IPv4: true},
					}
				}
				var n uint32
				for _, step := range []struct {
					spared []flow.Tuple
					whole  [2]bool // of port 9, and 10
				}{
					{nil, [2]bool{true, true}},
					{[]flow.Tuple{ends(9)}, [2]bool{false, true}},
					{[]flow.Tuple{ends(9), ends(10)}, [2]bool{false, false}},
					{[]flow.Tuple{ends(10)}, [2]bool{true, false}},
					{nil, [2]bool{true, true}},
				} {
					if err := s.Spare(step.spared); err != nil {
						t.Fatal(err)
					}
					for i, whole := range step.whole {
						n++
						if err := out.send(frame(n, uint16(9+i), payload)); err != nil {
							t.Fatal(err)
						}
						got := nextOf(t, s, n)
						if kept := len(got.Data); whole != (kept == got.Length) || !whole && kept > headers+Headroom {
							t.Errorf("with %d spared, port %d: %d bytes of %d were kept, whole should be %v", len(step.spared), 9+i, kept, got.Length, whole)
						}
					}
				}
			})
		}
	}
	var s Source
	if err := s.Spare(make([]flow.Tuple, MostSpared+1)); err == nil {
		t.Error("more can be spared than are")
	}
}

// As many connections can be spared as are said to be.
func TestSpareMost(t *testing.T) {
	p := newPair(t)
	s := opened(t, Options{Interface: "lo", Namespace: p.one, Headers: 100, Filter: "tcp"})
	list := make([]flow.Tuple, MostSpared)
	for i := range list {
		list[i].Src.Port = uint16(i)
	}
	if err := s.Spare(list); err != nil {
		t.Error(err)
	}
}

// nextOf returns the packet of that number.
func nextOf(t *testing.T, s *Source, n uint32) capture.Packet {
	t.Helper()
	for {
		p, err := s.Next(2 * time.Second)
		if err != nil {
			t.Fatalf("packet %d: %v", n, err)
		}
		if got, ok := number(p.Data); ok && got == n {
			return p
		}
	}
}
