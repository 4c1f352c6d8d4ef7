package report

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"flowlab/scenarios"
	"flowlab/scenarios/play"
)

// TestJSONKeepsToItsSchema holds the JSON of all sorts of results to what is
// published.
func TestJSONKeepsToItsSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../docs/schema/run-1.json")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		result *play.Result
		passed bool
	}{
		{"stopped", stopped(), true},
		{"unmet", unmet(), false},
		{"interrupted", interrupted(), false},
		{"moved", moved(), true},
		{"nothing seen", &play.Result{Network: play.Kernel, Notes: []string{"something"}, Scenario: &scenarios.Scenario{Name: "none"}, Passed: true}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := RunJSON(&out, test.result); err != nil {
				t.Fatal(err)
			}
			var got struct{ Passed bool }
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if got.Passed != test.passed {
				t.Errorf("passed is %v, want %v", got.Passed, test.passed)
			}
			document, err := jsonschema.UnmarshalJSON(&out)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestExact: no nanosecond is lost, on either side of zero.
func TestExact(t *testing.T) {
	tests := []struct {
		time time.Duration
		want string
	}{
		{0, "0.000000000"},
		{1, "0.000000001"},
		{-1, "-0.000000001"},
		{-2500 * time.Millisecond, "-2.500000000"},
		{math.MaxInt64, "9223372036.854775807"},
	}
	for _, test := range tests {
		got, err := json.Marshal(exact(test.time))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != test.want {
			t.Errorf("%d ns is %s, want %s", test.time, got, test.want)
		}
	}
}
