package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// inside tells the child that it has a network namespace of its own.
	inside = "MKLIVE_INSIDE"
	// step is how long a rate is kept.
	step = 3 * time.Second
)

// run runs itself in a namespace, or does the work there.
func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: mklive FLOWLAB TCPDUMP")
	}
	if os.Getenv(inside) == "" {
		self := exec.Command("/proc/self/exe", args...)
		self.Stdout, self.Stderr, self.Env = os.Stdout, os.Stderr, append(os.Environ(), inside+"=1")
		self.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
		return self.Run()
	}
	for _, command := range [][]string{
		{"link", "add", "veth0", "type", "veth", "peer", "name", "veth1"},
		{"link", "set", "veth0", "up"},
		{"link", "set", "veth1", "up"},
	} {
		if out, err := exec.Command("ip", command...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip: %w: %s", err, out)
		}
	}
	dir, err := os.MkdirTemp("", "mklive")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	g, err := newGenerator("veth0")
	if err != nil {
		return err
	}
	defer g.close()
	return table(args[0], args[1], dir, g)
}

// table measures each step and prints it.
func table(flowlab, tcpdump, dir string, g *generator) error {
	fmt.Println("both at the same time, headers of each packet into a file, flowlab analysing as well")
	for _, buffer := range []struct {
		name             string
		flowlab, tcpdump []string
	}{
		{"2 MiB of buffer each, 128 bytes of a packet", []string{"--snap", "128", "--buffer", "2MiB"}, []string{"-B", "2048"}},
		{"the buffer that each takes by itself, 128 bytes of a packet", []string{"--snap", "128"}, nil},
		{"the same, and flowlab looks for HTTP/2", nil, nil},
		{"the same, and flowlab takes packets whole", []string{"--snap", "0"}, nil},
	} {
		fmt.Printf("\n%s\n%7s %9s %9s | %9s %9s | %9s %9s | %s\n", buffer.name, "bytes", "packets/s", "sent",
			"tcpdump: lost", "ns each", "flowlab: lost", "ns each", "CPU ratio")
		for _, size := range []int{64, 1514} {
			for _, rate := range []int{10_000, 50_000, 100_000, 200_000, 0} {
				if err := measure(flowlab, tcpdump, dir, g, size, rate, buffer.flowlab, buffer.tcpdump); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// measure has both capture for one step.
func measure(flowlab, tcpdump, dir string, g *generator, size, rate int, more, moreTcpdump []string) error {
	theirs, err := startTcpdump(tcpdump, dir, moreTcpdump)
	if err != nil {
		return err
	}
	defer theirs.kill()
	ours, err := startFlowlab(flowlab, dir, more)
	if err != nil {
		return err
	}
	defer ours.kill()
	sent, err := g.send(size, rate, step)
	if err != nil {
		return err
	}
	time.Sleep(1500 * time.Millisecond) // what they have not read yet
	t, err := theirs.end()
	if err != nil {
		return err
	}
	o, err := ours.end()
	if err != nil {
		return err
	}
	asked := fmt.Sprint(rate)
	if rate == 0 {
		asked = "most"
	}
	fmt.Printf("%7d %9s %9d | %13d %9.0f | %13d %9.0f | %.2f\n",
		size, asked, sent, t.lost, t.each(), o.lost, o.each(), o.each()/t.each())
	return nil
}
