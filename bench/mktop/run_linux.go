package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// inside tells the child that it has a network namespace of its own.
	inside = "MKTOP_INSIDE"
	looks  = 10
)

// run runs itself in a namespace, or does the work there.
func run(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: mktop FLOWLAB SS SOCKETS")
	}
	if os.Getenv(inside) == "" {
		self := exec.Command("/proc/self/exe", args...)
		self.Stdout, self.Stderr, self.Env = os.Stdout, os.Stderr, append(os.Environ(), inside+"=1")
		self.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
		return self.Run()
	}
	count, err := strconv.Atoi(args[2])
	if err != nil || count < 2 {
		return fmt.Errorf("%s: a number above 1 is expected", args[2])
	}
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		return fmt.Errorf("ip: %w: %s", err, out)
	}
	limit := unix.Rlimit{Cur: uint64(count + 1000), Max: uint64(count + 1000)}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("%d open files: %w", limit.Cur, err)
	}
	connections, err := open(count / 2)
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	defer close(stop)
	for i := 0; i < len(connections); i += 100 { // one in a hundred is busy
		go chat(connections[i], stop)
	}
	defer runtime.KeepAlive(connections) // or they are closed
	return compare(args[0], args[1], count)
}

// open opens connections to itself.
func open(n int) ([]net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go io.Copy(io.Discard, c)
		}
	}()
	list := make([]net.Conn, n)
	for i := range list {
		if list[i], err = net.Dial("tcp", l.Addr().String()); err != nil {
			return nil, fmt.Errorf("connection %d of %d: %w", i+1, n, err)
		}
	}
	return list, nil
}

func chat(c net.Conn, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(10 * time.Millisecond):
			_, _ = c.Write(make([]byte, 1000))
		}
	}
}

// compare has both look so often, a second apart.
func compare(flowlab, ss string, sockets int) error {
	fmt.Printf("%d sockets, looked at once a second for %d s\n", sockets, looks)
	fmt.Printf("%-28s %14s %16s\n", "", "CPU of a core", "CPU of a look")
	var each [4]time.Duration
	for i, row := range []struct {
		name string
		took func() (time.Duration, error)
	}{
		{"flowlab top", func() (time.Duration, error) { return watch(plainly, flowlab, "top") }},
		{"flowlab top --all --json", func() (time.Duration, error) { return watch(plainly, flowlab, "top", "--all", "--json") }},
		{"ss -tin", func() (time.Duration, error) { return repeat(ss, "-tin") }},
		{"flowlab top --all, on screen", func() (time.Duration, error) { return watch(onScreen, flowlab, "top", "--all") }},
	} {
		took, err := row.took()
		if err != nil {
			return err
		}
		each[i] = took / looks
		fmt.Printf("%-28s %12.1f %% %13.1f ms\n", row.name, 100*each[i].Seconds(), each[i].Seconds()*1e3)
	}
	fmt.Printf("flowlab top takes %.2f times what ss -tin takes, and %.2f times with --all --json\n",
		each[0].Seconds()/each[2].Seconds(), each[1].Seconds()/each[2].Seconds())
	return nil
}

// watch runs a program that looks once a second by itself, and returns what its
// looks took of a processor, without its beginning and end.
func watch(in func(string, ...string) *exec.Cmd, program string, args ...string) (time.Duration, error) {
	short, err := watchFor(1500*time.Millisecond, in, program, args...)
	if err != nil {
		return 0, err
	}
	long, err := watchFor((looks+1)*time.Second+500*time.Millisecond, in, program, args...)
	return long - short, err
}

// watchFor runs a program for some time, and then interrupts it.
func watchFor(length time.Duration, in func(string, ...string) *exec.Cmd, program string, args ...string) (time.Duration, error) {
	cmd := in("timeout", append([]string{"-s", "INT", fmt.Sprint(length.Seconds()), program}, args...)...)
	cmd.Stderr = os.Stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == timedOut) {
		return 0, fmt.Errorf("%s: %w", program, err)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// timedOut is the exit code of timeout(1) where it ended a program.
const timedOut = 124

// plainly has a program write to nobody.
func plainly(program string, args ...string) *exec.Cmd { return exec.Command(program, args...) }

// onScreen has a program draw on a terminal of 200x60.
func onScreen(program string, args ...string) *exec.Cmd {
	line := "stty rows 60 columns 200; TERM=xterm-256color LC_ALL=C.UTF-8 exec " + program + " " + strings.Join(args, " ")
	return exec.Command("script", "-qec", line, os.DevNull)
}

// repeat runs a program that looks once, and returns what its runs took of a
// processor.
func repeat(program string, args ...string) (took time.Duration, err error) {
	for range looks {
		cmd := exec.Command(program, args...)
		if err := cmd.Run(); err != nil {
			return 0, fmt.Errorf("%s: %w", program, err)
		}
		took += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return took, nil
}
