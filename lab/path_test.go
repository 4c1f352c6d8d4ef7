package lab

import (
	"math"
	"testing"
)

func TestPathValidate(t *testing.T) {
	tests := []struct {
		name string
		path Path
		want string
	}{
		{"zero", Path{}, ""},
		{"all set", Path{Delay: 1, Rate: 1, Queue: 1, Loss: 1}, ""},
		{"delay", Path{Delay: -1}, "delay -1ns is negative"},
		{"rate", Path{Rate: -5}, "rate -5 bit/s is negative"},
		{"queue", Path{Queue: -5}, "queue of -5 bytes is negative"},
		{"loss above", Path{Loss: 1.5}, "loss 1.5 is not between 0 and 1"},
		{"loss not a number", Path{Loss: math.NaN()}, "loss NaN is not between 0 and 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := text(tt.path.Validate()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
