package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// program is one that captures.
type program struct {
	cmd     *exec.Cmd
	out     bytes.Buffer
	err     bytes.Buffer
	counted func(*program) (captured, lost int, err error)
}

// outcome is what it said at its end, and what it took.
type outcome struct {
	captured, lost int
	took           time.Duration // of processors
}

// each is the processor time of a packet, in nanoseconds.
func (o outcome) each() float64 { return float64(o.took) / float64(max(1, o.captured)) }

func startTcpdump(path, dir string, more []string) (*program, error) {
	args := append([]string{"-i", "veth1", "-s", "128", "-Z", "root", "-w", filepath.Join(dir, "tcpdump.pcap")}, append(more, "tcp")...)
	p := &program{cmd: exec.Command(path, args...), counted: countedByTcpdump}
	return p, p.start(func() bool { return strings.Contains(p.err.String(), "listening on") })
}

func startFlowlab(path, dir string, more []string) (*program, error) {
	file := filepath.Join(dir, "flowlab.pcapng")
	args := append([]string{"capture", "-i", "veth1", "--json", "--force", "-w", file}, append(more, "tcp")...)
	p := &program{cmd: exec.Command(path, args...), counted: countedByFlowlab}
	_ = os.Remove(file) // of the step before
	return p, p.start(func() bool {
		_, err := os.Stat(file)
		return err == nil
	})
}

// start starts the program and waits until it captures.
func (p *program) start(ready func() bool) error {
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	for range 100 {
		time.Sleep(50 * time.Millisecond)
		if ready() {
			time.Sleep(200 * time.Millisecond)
			return nil
		}
	}
	return fmt.Errorf("%s does not capture: %s", p.cmd.Path, p.err.String())
}

func (p *program) kill() { _ = p.cmd.Process.Kill() }

// end has the program end and say what it captured.
func (p *program) end() (outcome, error) {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return outcome{}, err
	}
	if err := p.cmd.Wait(); err != nil {
		return outcome{}, fmt.Errorf("%s: %w: %s", p.cmd.Path, err, p.err.String())
	}
	captured, lost, err := p.counted(p)
	state := p.cmd.ProcessState
	return outcome{captured, lost, state.UserTime() + state.SystemTime()}, err
}

var tcpdumpSays = regexp.MustCompile(`(\d+) packets? captured\n(?s:.*)\n(\d+) packets? dropped by kernel`)

func countedByTcpdump(p *program) (captured, lost int, err error) {
	found := tcpdumpSays.FindStringSubmatch(p.err.String())
	if found == nil {
		return 0, 0, errors.New("tcpdump said: " + p.err.String())
	}
	captured, _ = strconv.Atoi(found[1])
	lost, _ = strconv.Atoi(found[2])
	return captured, lost, nil
}

func countedByFlowlab(p *program) (captured, lost int, err error) {
	var report struct {
		Source struct{ Packets, Dropped int }
	}
	err = json.Unmarshal(p.out.Bytes(), &report)
	return report.Source.Packets, report.Source.Dropped, err
}
