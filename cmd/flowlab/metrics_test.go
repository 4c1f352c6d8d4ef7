package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWatchMetrics: what is watched can be asked for after privileges are given up, while
// packets may still come.
func TestWatchMetrics(t *testing.T) {
	t.Parallel()
	program, file := built(t), filepath.Join(t.TempDir(), "stop.pcapng")
	if out, err := exec.Command(program, "run", "testdata/stop.yaml", "--headless", "--write", file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packets, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	watch := exec.Command(program, "watch", "-r", "-", "--metrics", ":0", "--metrics-connections", "3")
	in, err := watch.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := watch.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	first, err := bufio.NewReader(said).ReadString('\n')
	address, found := strings.CutPrefix(strings.TrimSpace(first), "metrics on ")
	if err != nil || !found {
		t.Fatalf("it says %q, %v", first, err)
	}
	if _, err := in.Write(packets); err != nil {
		t.Fatal(err)
	}
	text := awaitMetric(t, address, `flowlab_stalls_total{cause="receive-window",from="client"}`)
	for _, want := range []string{
		"\nflowlab_connections{state=",
		"\nflowlab_limited_seconds_total{cause=\"receive-window\",from=\"client\"}",
		"\nflowlab_packets_total ",
		"\nflowlab_sent_bytes_total{from=\"client\"}",
		"\nflowlab_wire_bytes_total ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	in.Close()
	if err := watch.Wait(); err != nil {
		t.Error(err)
	}
}

// awaitMetric asks until a metric is not 0, and returns all that there are then.
func awaitMetric(t *testing.T, address, name string) (text string) {
	t.Helper()
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	for range 300 {
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if text = string(all); strings.Contains(text, "\n"+name+" ") && !strings.Contains(text, "\n"+name+" 0\n") {
			return text
		}
		<-ticks.C
	}
	t.Fatalf("no %s after half a minute, but\n%s", name, text)
	return ""
}
