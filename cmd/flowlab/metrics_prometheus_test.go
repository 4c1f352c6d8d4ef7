package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flowlab/internal/need"
)

// TestAlertRules: promtool finds the alert rules to be rules, that do what their tests say.
func TestAlertRules(t *testing.T) {
	t.Parallel()
	promtool := need.Program(t, "promtool")
	for _, args := range [][]string{
		{"check", "rules", "flowlab.rules.yml"},
		{"check", "config", "prometheus.yml"},
		{"test", "rules", "flowlab.rules.test.yml"},
	} {
		check := exec.Command(promtool, args...)
		check.Dir = "../../deploy"
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// TestScrape: a real Prometheus that asks a run whose reader stops can tell the stall: that
// it was, who could end it, and for how long it lasted.
func TestScrape(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	t.Parallel()
	program := need.Program(t, "prometheus")
	target, web := freeAddress(t), freeAddress(t)
	startPrometheus(t, program, web, target)

	run := exec.Command(built(t), "run", "reader-stops", "--headless", "--metrics", target)
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for question, least := range map[string]float64{
		`max_over_time(flowlab_held_seconds{cause="receive-window",held_by="reader"}[5m])`:         1,
		`increase(flowlab_stalls_total{cause="receive-window",from="client"}[5m])`:                 1,
		`increase(flowlab_limited_seconds_total{cause="receive-window",from="client"}[5m])`:        1,
		`increase(flowlab_stall_duration_seconds_count{cause="receive-window",from="client"}[5m])`: 1,
		`max_over_time(flowlab_sent_bytes_total{from="client"}[5m])`:                               100_000,
		`1 - min_over_time(flowlab_receive_window_bytes{from="client"}[5m])`:                       1,
	} {
		if got := ask(t, web, question); got < least {
			t.Errorf("%s is %v, want %v or more", question, got, least)
		}
	}
}

// freeAddress is an address of this machine on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startPrometheus starts a Prometheus that asks target four times a second, and waits until
// it does. It ends with the test, with all that it wrote.
func startPrometheus(t *testing.T, program, web, target string) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 250ms, scrape_timeout: 250ms}\nscrape_configs: [{job_name: flowlab, static_configs: [{targets: [%q]}]}]\n", target)
	if err := os.WriteFile(config, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+web)
	p.Stdout, p.Stderr = log, log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-ended
	})
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	for range 600 {
		if scrapes(web) {
			return
		}
		select {
		case err := <-ended:
			ended <- err
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("prometheus: %v\n%s", err, said)
		case <-ticks.C:
		}
	}
	t.Fatal("prometheus asks nobody after a minute")
}

// scrapes tells whether a Prometheus has begun to ask: it is ready some seconds before. Nobody
// answers yet.
func scrapes(web string) bool {
	answer, err := http.Get("http://" + web + "/api/v1/targets")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return err == nil && strings.Contains(string(text), `"health":"down"`)
}

// ask asks a Prometheus for one number, 0 where it has none.
func ask(t *testing.T, web, question string) float64 {
	t.Helper()
	answer, err := http.Get("http://" + web + "/api/v1/query?query=" + url.QueryEscape(question))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var is struct {
		Data struct {
			Result []struct {
				Value [2]any // when, and the number as text
			}
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&is); err != nil {
		t.Fatal(err)
	}
	if len(is.Data.Result) != 1 {
		return 0
	}
	var number float64
	if _, err := fmt.Sscan(fmt.Sprint(is.Data.Result[0].Value[1]), &number); err != nil {
		t.Fatal(err)
	}
	return number
}
