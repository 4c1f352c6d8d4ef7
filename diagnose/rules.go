package diagnose

import "flowlab/h2flow"

// FindingRules returns the names of the rules that findings can have, in the order in
// which a connection is asked.
func FindingRules() []string {
	rules := []string{
		"reader-slow", "window-too-small", "lost-window-update", "nagle", "loss", "window-shrunk",
		"connection-credit-held", "connection-credit-leaked", "stream-limit-reached",
		"http2-open-tcp-shut", "both-sockets-unread", "both-sides-send", "stream-not-read",
		"message-larger-than-window", "http2-window-too-small", "window-below-zero",
		"padding-not-credited", "tiny-updates", "credit-not-used", "settings-ignored",
		"connection-credit-owed", "upload-abandoned", "goaway-error", "goaway-unanswered", "refused-before-settings", "stream-limit-lowered", "stream-starved", "zero-initial-window",
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
