package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/capture"
	"flowlab/internal/need"
)

// TestKilled ends flowlab capture by SIGKILL at random moments. The file must be
// readable, by tshark too, and miss no more than the last second.
func TestKilled(t *testing.T) {
	need.Root(t)
	need.Program(t, "ip")
	tshark := need.Program(t, "tshark")
	if testing.Short() {
		t.Skip("it takes long")
	}
	name := fmt.Sprintf("flowlab-kill-%d", os.Getpid())
	for _, args := range [][]string{{"netns", "add", name}, {"-n", name, "link", "set", "lo", "up"}} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip: %v: %s", err, out)
		}
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	chatter(t, name, stop)

	program := built(t, "")
	random := rand.New(rand.NewPCG(1, 2))
	need.Majority(t, func() (wrong []string) {
		const kills, atOnce = 50, 10
		var most time.Duration
		for range kills / atOnce {
			ended := make(chan kill, atOnce)
			for range atOnce {
				after := time.Duration(1200+random.IntN(1500)) * time.Millisecond
				go func() { ended <- killed(t, program, name, tshark, after) }()
			}
			for range atOnce {
				k := <-ended
				most = max(most, k.missing)
				if k.err != nil {
					wrong = append(wrong, k.err.Error())
				}
			}
		}
		t.Logf("at most the last %v of a capture were missing", most.Round(time.Millisecond))
		// A second until it is written, and what the kernel holds back.
		if most > 1500*time.Millisecond {
			wrong = append(wrong, fmt.Sprintf("%v were missing", most))
		}
		return wrong
	})
}

// kill is what a capture that was killed left.
type kill struct {
	missing time.Duration // from the last packet of the file to the end
	err     error
}

// killed captures for a time, and reads the file.
func killed(t *testing.T, program, namespace, tshark string, after time.Duration) kill {
	path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.pcapng", after))
	cmd := exec.Command(program, "capture", "-i", "lo", "--netns", namespace, "-w", path, "--snap", "0")
	if err := cmd.Start(); err != nil {
		return kill{err: err}
	}
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) { // until it captures
		if _, err := os.Stat(path); err == nil || time.Since(begun) > 20*time.Second {
			break
		}
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		return kill{err: err}
	}
	end := time.Now()
	_ = cmd.Wait() // killed
	packets, last, err := packetsOf(path)
	if err != nil {
		return kill{err: err}
	}
	if packets == 0 {
		return kill{err: fmt.Errorf("no packet in the file of %v", after)}
	}
	// A file that ends within a block makes tshark say so, after all packets.
	out, err := exec.Command(tshark, "-r", path, "-T", "fields", "-e", "frame.number").Output()
	if got := strings.Count(string(out), "\n"); got != packets {
		return kill{err: fmt.Errorf("tshark reads %d packets of %d: %v", got, packets, err)}
	}
	return kill{missing: end.Sub(last)}
}

// packetsOf counts the packets of a file that may be cut, and tells when the last passed.
func packetsOf(path string) (n int, last time.Time, err error) {
	r, err := capture.Open(path)
	if err != nil {
		return 0, last, err
	}
	defer r.Close()
	for {
		p, err := r.Next()
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return n, last, nil
		}
		if err != nil {
			return n, last, err
		}
		n, last = n+1, time.Unix(0, int64(p.Time))
	}
}

// chatter has packets pass on the loopback interface of a namespace until stop.
func chatter(t *testing.T, namespace string, stop chan struct{}) {
	t.Helper()
	var c net.Conn
	err := onThread(namespace, func() (err error) {
		c, err = net.Dial("udp", "127.0.0.1:9")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer c.Close()
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				_, _ = c.Write(make([]byte, 10)) // nobody listens
			}
		}
	}()
}

// onThread calls f on a thread in a namespace, which ends with it.
func onThread(namespace string, f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: no other goroutine may get this thread
		done <- func() error {
			file, err := os.Open(filepath.Join("/run/netns", namespace))
			if err != nil {
				return err
			}
			defer file.Close()
			if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			return f()
		}()
	}()
	return <-done
}
