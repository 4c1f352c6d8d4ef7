package main

import (
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/peers/nstest"
)

// TestSlowTerminal: a terminal that takes a kilobyte a second, or nothing, delays no
// packet: all are counted, as many as the kernel counts on the interface. The program ends
// as it is told to, and leaves the terminal as it was.
func TestSlowTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a slow terminal")
	}
	t.Parallel()
	for _, c := range []struct {
		name  string
		every int // bytes that the terminal takes in 100 ms
	}{{"fast", -1}, {"1 kB a second", 100}, {"frozen", 0}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			space, tty := nstest.New(t), newPTY(t, c.every)
			before := tty.settings(t)
			watch := exec.Command(built(t), "watch", "-i", "lo")
			watch.Stdin, watch.Stdout, watch.Stderr = tty.slave, tty.slave, tty.slave
			watch.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8")
			watch.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			if err := space.Do(watch.Start); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- watch.Wait() }()
			t.Cleanup(func() { _ = watch.Process.Kill() })
			await(t, "capture", func() bool { return isCapturing(t, space) })

			talk(t, space)
			await(t, "end of the packets", func() bool {
				n := passed(t, space)
				time.Sleep(300 * time.Millisecond)
				return passed(t, space) == n
			})
			want := passed(t, space)
			asked := time.Now()
			if err := watch.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if c.every == 0 {
				close(tty.thaw)
			}
			select {
			case err := <-ended:
				t.Logf("ended after %v: %v", time.Since(asked), err)
			case <-time.After(60 * time.Second):
				t.Fatal("it does not end")
			}
			if after := tty.settings(t); after != before {
				t.Errorf("the terminal's settings are %+v, and were %+v", after, before)
			}
			if c.every > 0 {
				close(tty.thaw)
			}
			tty.slave.Close()
			<-tty.ended
			text := tty.text()
			report := text[strings.LastIndex(text, "\x1b[?1049l")+1:]
			if m := reported.FindStringSubmatch(report); m == nil || m[1] != flow.Grouped(want) {
				t.Errorf("the kernel counts %d packets, and the report ends with %q", want, report[max(0, len(report)-600):])
			}
			t.Logf("%d packets, %d bytes to the terminal", want, len(text))
		})
	}
}

// table reads a table of the kernel for the namespace.
func table(t *testing.T, space *nstest.Space, name string) (text string) {
	t.Helper()
	err := space.Do(func() error {
		b, err := os.ReadFile("/proc/thread-self/net/" + name)
		text = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// isCapturing tells whether a packet socket captures.
func isCapturing(t *testing.T, space *nstest.Space) bool {
	for _, line := range strings.Split(table(t, space, "packet"), "\n")[1:] {
		if f := strings.Fields(line); len(f) > 5 && f[5] == "1" { // it runs
			return true
		}
	}
	return false
}

var (
	counted  = regexp.MustCompile(`lo:\s*\d+\s+(\d+)`)   // in the kernel's table of interfaces
	reported = regexp.MustCompile(`packets +([0-9,]+),`) // in the report
)

// passed is how many packets the kernel counts on the loopback interface.
func passed(t *testing.T, space *nstest.Space) int64 {
	t.Helper()
	m := counted.FindStringSubmatch(table(t, space, "dev"))
	if m == nil {
		t.Fatal("no loopback interface")
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// talk has sixty connections send something fifty times a second, for some seconds.
func talk(t *testing.T, space *nstest.Space) {
	const connections, rounds = 60, 150
	l := space.Listen(0)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(io.Discard, c)
				c.Close()
			}()
		}
	}()
	var all sync.WaitGroup
	for i := range connections {
		c, err := space.Dial(t.Context(), l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() { chat(c, rounds, 100*(i+1)) })
	}
	all.Wait()
}

func chat(c net.Conn, rounds, bytes int) {
	defer c.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range rounds {
		<-tick.C
		if _, err := c.Write(make([]byte, bytes)); err != nil {
			return
		}
	}
}
