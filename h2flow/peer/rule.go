package peer

import "fmt"

// Rule is something that RFC 9113 asks of a side, or that every sound
// implementation does, and that a side can be told to break.
type Rule uint8

const (
	// SendBeyondWindow: DATA is sent whatever the windows are (6.9.1).
	SendBeyondWindow Rule = iota
	// IgnoreInitialWindow: streams are sent on as if the other side's
	// SETTINGS_INITIAL_WINDOW_SIZE were 65,535, higher or lower (6.9.2).
	IgnoreInitialWindow
	// IgnoreStreamLimit: more streams are opened than the other side's
	// SETTINGS_MAX_CONCURRENT_STREAMS allows (5.1.2).
	IgnoreStreamLimit
	// WindowUpdateZero: each WINDOW_UPDATE that is due is sent with an increment of
	// 0; by hand, 0 can be sent too (6.9).
	WindowUpdateZero
	// WindowOverflow: each WINDOW_UPDATE that is due is sent with the largest
	// increment, which takes the window above 2^31-1; by hand, any increment can be
	// sent, on any stream (6.9.1).
	WindowOverflow
	// NoSettingsAck: the other side's SETTINGS are obeyed and never acknowledged
	// (6.5.3).
	NoSettingsAck
	// IgnoreWindowUpdate: credit from a WINDOW_UPDATE is accounted for and not used
	// until the rule is kept again. No rule of the RFC asks a sender to send: this is
	// the wake-up that a library loses.
	IgnoreWindowUpdate
	// AssignCreditToUnopened: streams that wait for the stream limit are given the
	// connection's credit before those that are open. This is a client's library at
	// fault, within the RFC.
	AssignCreditToUnopened
	// NeverCreditPadding: the bytes of padding are debited and never credited
	// (6.1: they are subject to flow control).
	NeverCreditPadding

	// NumRules is how many rules there are.
	NumRules = int(NeverCreditPadding) + 1
)

var ruleNames = [NumRules]string{
	"send-beyond-window", "ignore-initial-window", "ignore-stream-limit",
	"window-update-zero", "window-overflow", "no-settings-ack", "ignore-window-update",
	"assign-credit-to-unopened", "never-credit-padding",
}

func (r Rule) String() string { return ruleNames[r] }

// ParseRule returns the rule of that name.
func ParseRule(name string) (Rule, error) {
	for i, n := range ruleNames {
		if n == name {
			return Rule(i), nil
		}
	}
	return 0, fmt.Errorf("unknown rule %q", name)
}

// MarshalText writes the rule's name.
func (r Rule) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a rule's name.
func (r *Rule) UnmarshalText(name []byte) (err error) {
	*r, err = ParseRule(string(name))
	return err
}

// RuleNames returns the names of all rules.
func RuleNames() []string { return ruleNames[:] }

// rules is the set of those that are broken.
type rules uint16

func (b rules) has(r Rule) bool { return b&(1<<r) != 0 }
