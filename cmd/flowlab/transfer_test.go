package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// transfer is a program for scripts: transfer TIME. On the loopback interface it
// opens a connection, writes for as long as it is let while nobody reads, reads all
// after that time, writes a little more after a pause, and closes it.
func transfer() {
	if err := stallFor(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func stallFor(text string) error {
	pause, err := time.ParseDuration(text)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:5201")
	if err != nil {
		return err
	}
	defer l.Close()
	writing, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	reading, err := l.Accept()
	if err != nil {
		return err
	}
	written := make(chan error, 1)
	go func() {
		_, err := writing.Write(make([]byte, 16<<20)) // more than any buffer takes
		time.Sleep(100 * time.Millisecond)
		_, more := writing.Write([]byte("more, after a pause"))
		written <- errors.Join(err, more, writing.Close())
	}()
	time.Sleep(pause)
	_, err = io.Copy(io.Discard, reading)
	return errors.Join(err, reading.Close(), <-written)
}

var namespaces atomic.Int32

// netns makes a network namespace with a loopback interface that is up, and a
// pair of interfaces eth0 and eth1, and leaves its name in $netns. It is removed at
// the end of the script.
func netns(ts *testscript.TestScript, _ bool, _ []string) {
	name := fmt.Sprintf("flowlab-cmd-%d-%d", os.Getpid(), namespaces.Add(1))
	ts.Defer(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	for _, args := range [][]string{
		{"netns", "add", name},
		{"-n", name, "link", "set", "lo", "up"},
		{"-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"},
		{"-n", name, "link", "set", "eth0", "up"},
		{"-n", name, "link", "set", "eth1", "up"},
	} {
		ts.Check(ts.Exec("ip", args...))
	}
	ts.Setenv("netns", name)
}

// machines sets up the client, the router and the server as namespaces, whose names
// begin with $hosts; the folder of the scripts is $machines. They are removed at the
// end of the script.
func machines(ts *testscript.TestScript, _ bool, _ []string) {
	folder, err := filepath.Abs("../../machines")
	ts.Check(err)
	hosts := fmt.Sprintf("flowlab-%d-%d-", os.Getpid(), namespaces.Add(1))
	ts.Setenv("machines", folder)
	ts.Setenv("hosts", hosts)
	ts.Setenv("FLOWLAB_HOSTS", hosts)
	script := filepath.Join(folder, "namespaces.sh")
	ts.Defer(func() { ts.Check(ts.Exec("sh", script, "down")) })
	ts.Check(ts.Exec("sh", script, "up"))
}
