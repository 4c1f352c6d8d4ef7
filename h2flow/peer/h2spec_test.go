package peer

import (
	"bytes"
	"encoding/xml"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flowlab/internal/need"
)

const h2spec = "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible"

// h2specDeviations are the cases of h2spec, which checks RFC 7540, that RFC 9113
// decides in another way.
var h2specDeviations = map[string]string{
	"http2/5.3.1/Sends HEADERS frame that depend on itself":  "9113 5.3.2: the priority of RFC 7540 means nothing",
	"http2/5.3.1/Sends PRIORITY frame that depend on itself": "9113 5.3.2: the priority of RFC 7540 means nothing",
}

// TestH2spec runs h2spec against the server. The program is built where it leaves no
// trace in this module.
func TestH2spec(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program of another project")
	}
	t.Parallel()
	program := buildH2spec(t)
	host, port, _ := net.SplitHostPort(serve(t, Config{Settings: streams(100)}, AnswerAfter(100)))
	report := filepath.Join(t.TempDir(), "report.xml")
	run := exec.CommandContext(t.Context(), program, "-h", host, "-p", port, "--timeout", "1", "--junit-report", report)
	out, _ := run.CombinedOutput() // it fails where a case does
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var suites struct {
		Suite []struct {
			Package string `xml:"package,attr"`
			Case    []struct {
				Name    string    `xml:"classname,attr"`
				Failure *struct{} `xml:"failure"`
				Error   *struct{} `xml:"error"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &suites); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	passed, skipped, deviated := 0, 0, 0
	for _, s := range suites.Suite {
		for _, c := range s.Case {
			name := s.Package + "/" + c.Name
			why, known := h2specDeviations[name]
			switch failed := c.Failure != nil || c.Error != nil; {
			case c.Skipped != nil:
				skipped++
				t.Logf("skipped: %s", name)
			case failed && known:
				deviated++
				t.Logf("deviates: %s: %s", name, why)
			case failed:
				t.Errorf("failed: %s", name)
			case known:
				t.Errorf("passed, though it was to deviate: %s", name)
			default:
				passed++
			}
		}
	}
	t.Logf("%d passed, %d skipped, %d deviate", passed, skipped, deviated)
	if passed < 140 {
		t.Errorf("%d cases passed, want at least 140\n%s", passed, out)
	}
}

// buildH2spec builds the program, or skips the test where it cannot be had.
func buildH2spec(t *testing.T) (path string) {
	t.Helper()
	dir := t.TempDir()
	install := exec.CommandContext(t.Context(), "go", "install", h2spec)
	install.Dir = dir // outside the module
	install.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	var stderr bytes.Buffer
	install.Stderr = &stderr
	if err := install.Run(); err != nil {
		what := "h2spec cannot be built: " + strings.TrimSpace(stderr.String())
		if need.Required() {
			t.Fatal(what)
		}
		t.Skip(what)
	}
	return filepath.Join(dir, "h2spec")
}
