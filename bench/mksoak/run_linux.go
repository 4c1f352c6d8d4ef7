package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// inside tells the child that it has a network namespace of its own.
const inside = "MKSOAK_INSIDE"

// run runs itself in a namespace, or does the work there.
func run(args []string) error {
	if len(args) != 4 {
		return errors.New("usage: mksoak FLOWLAB SECONDS SHORT LONG")
	}
	if os.Getenv(inside) == "" {
		self := exec.Command("/proc/self/exe", args...)
		self.Stdout, self.Stderr, self.Env = os.Stdout, os.Stderr, append(os.Environ(), inside+"=1")
		self.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
		return self.Run()
	}
	var numbers [3]int
	for i, text := range args[1:] {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("%s: a number above 0 is expected", text)
		}
		numbers[i] = n
	}
	if err := loopbackUp(); err != nil {
		return err
	}
	return soak(args[0], time.Duration(numbers[0])*time.Second, numbers[1], numbers[2])
}

// loopbackUp brings the namespace's loopback interface up.
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}

// soak generates connections while flowlab watches, and compares.
func soak(program string, length time.Duration, short, long int) error {
	w, err := startWatch(program)
	if err != nil {
		return err
	}
	defer w.kill()
	stop := make(chan struct{})
	memory := make(chan []int)
	go func() { memory <- w.memory(stop) }()
	made, err := generate(length, short, long)
	close(stop)
	used := <-memory
	if err != nil {
		return err
	}
	seen, err := w.end()
	if err != nil {
		return err
	}
	fmt.Printf("generated  %d connections in %v, %d of HTTP/2 with %d streams\n", made.connections, length, made.http2, made.streams)
	fmt.Printf("seen       %d, %d of HTTP/2 with %d streams, in %d packets; %d lost by the kernel\n",
		seen.Connections, seen.HTTP2, seen.HTTP2Streams, seen.Packets, seen.Dropped)
	early, late := mean(used[len(used)/4:len(used)/2]), mean(used[3*len(used)/4:])
	fmt.Printf("memory     %d KiB of its own in the second quarter of the time, %d KiB in the last\n", early, late)
	switch {
	case seen.Connections != made.connections:
		return fmt.Errorf("%d connections were seen, %d were made", seen.Connections, made.connections)
	case seen.HTTP2 != made.http2 || seen.HTTP2Streams != made.streams:
		return fmt.Errorf("%d connections of HTTP/2 with %d streams were seen, %d with %d were made",
			seen.HTTP2, seen.HTTP2Streams, made.http2, made.streams)
	case late > early+early/4+4096:
		return errors.New("memory grew")
	}
	return nil
}

func mean(list []int) int {
	sum := 0
	for _, n := range list {
		sum += n
	}
	return sum / max(1, len(list))
}

// watching is flowlab watch, whose lines are read as they come: a program that has to
// wait for its reader does not watch.
type watching struct {
	cmd  *exec.Cmd
	last chan line // the last line, and then it is closed
}

// line is what is of interest of a line of docs/schema/watch-1.json.
type line struct {
	Type                          string
	Connections, Packets, Dropped int
	HTTP2                         int
	HTTP2Streams                  int `json:"http2_streams"`
}

// startWatch starts flowlab, and returns when it watches.
func startWatch(program string) (*watching, error) {
	cmd := exec.Command(program, "watch", "-i", "lo", "--json", "tcp")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	w := &watching{cmd: cmd, last: make(chan line, 1)}
	lines := bufio.NewScanner(out)
	if !lines.Scan() { // the first second is over
		return nil, errors.Join(errors.New("flowlab said nothing"), cmd.Wait())
	}
	go w.read(lines)
	return w, nil
}

// read reads what flowlab says until it ends.
func (w *watching) read(lines *bufio.Scanner) {
	defer close(w.last)
	for lines.Scan() {
		var last line
		if json.Unmarshal(lines.Bytes(), &last) == nil && last.Type == "end" {
			w.last <- last
			return
		}
	}
}

func (w *watching) kill() { _ = w.cmd.Process.Kill() }

// memory reads each half a second how many KiB the program has of its own.
func (w *watching) memory(stop <-chan struct{}) (kib []int) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	path := fmt.Sprintf("/proc/%d/status", w.cmd.Process.Pid)
	for {
		select {
		case <-stop:
			return kib
		case <-tick.C:
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return kib
		}
		for l := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(l, "RssAnon:"); ok {
				n, _ := strconv.Atoi(strings.Fields(rest)[0])
				kib = append(kib, n)
			}
		}
	}
}

// end stops flowlab and returns what it saw in all.
func (w *watching) end() (line, error) {
	if err := w.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return line{}, err
	}
	last, said := <-w.last
	if err := w.cmd.Wait(); err != nil {
		return line{}, fmt.Errorf("flowlab: %w", err)
	}
	if !said {
		return line{}, errors.New("flowlab did not say what it saw in all")
	}
	return last, nil
}
