package diagnose

import "flowlab/h2flow"

// FindingRules returns the names of the rules that findings can have, in the order in
// which a connection is asked.
func FindingRules() []string {
	rules := []string{
		"reader-slow", "window-too-small", "lost-window-update", "nagle", "loss", "window-shrunk",
		"stream-limit-reached", "stream-limit-lowered", "refused-before-settings",
		"connection-credit-held", "connection-credit-leaked", "connection-credit-owed",
		"http2-open-tcp-shut", "both-sockets-unread", "goaway-error", "goaway-unanswered",
		"both-sides-send", "stream-not-read", "zero-initial-window", "message-larger-than-window",
		"upload-abandoned", "http2-window-too-small", "window-below-zero", "padding-not-credited",
		"tiny-updates", "credit-not-used", "stream-starved", "settings-ignored",
	}
	for k := range h2flow.NumKinds {
		if kind := h2flow.Kind(k); kind.Violation() {
			rules = append(rules, brokenPrefix+kind.String())
		}
	}
	return rules
}

// brokenPrefix is what the findings of broken rules of RFC 9113 begin with.
const brokenPrefix = "broken-"
