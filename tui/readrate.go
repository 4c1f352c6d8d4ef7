package tui

import "flowlab/scenarios"

// readRateKnob is what the keys turn.
const readRateKnob = "consumer.read-rate"

// readRates are the steps of the consumer's read rate, from stopped to
// unlimited.
var readRates = []scenarios.ByteRate{0, 100e3, 1e6, 5e6, 20e6, scenarios.Unlimited}

// turned returns the read rate that a key chooses where it is rate now; false
// if the key is not for that, or there is no further step.
func turned(rate scenarios.ByteRate, key string) (scenarios.ByteRate, bool) {
	switch key {
	case "0":
		return 0, true
	case "u":
		return scenarios.Unlimited, true
	case "+", "=":
		for _, r := range readRates {
			if r > rate {
				return r, true
			}
		}
	case "-":
		for i := len(readRates) - 1; i >= 0; i-- {
			if readRates[i] < rate {
				return readRates[i], true
			}
		}
	}
	return rate, false
}
