package filter

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// token is a word of an expression.
type token struct {
	kind   tokenKind
	text   string
	value  uint32 // of a numeral
	column int    // in bytes, from 1
}

type tokenKind uint8

const (
	end tokenKind = iota
	symbol
	word    // a keyword or a name
	escaped // a name after a backslash, which is never a keyword
	numeral
	dotted // an IPv4 address or the beginning of one
	ipv6
	mac
)

// The forms are libpcap's. Of those that fit, the longest wins, and of the
// longest the first: so "80-90" is a word, and "100-40" is no subtraction.
var (
	symbolForm  = regexp.MustCompile(`^(>=|<=|!=|==|<<|>>|&&|\|\||[-+*/%:\[\]!<>()&|^=])`)
	escapedForm = regexp.MustCompile(`^\\[^ !()\n\t]+`)
	forms       = []struct {
		kind tokenKind
		form *regexp.Regexp
	}{
		{mac, regexp.MustCompile(`^(` + sixOctets(":") + `|` + sixOctets("-") + `|` + sixOctets(`\.`) + `|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12})`)},
		{numeral, regexp.MustCompile(`^(0[xX][0-9A-Fa-f]+|[0-9]+)`)},
		{dotted, regexp.MustCompile(`^[0-9]+(\.[0-9]+){1,3}`)},
		{word, regexp.MustCompile(`^[A-Za-z0-9]([-_.A-Za-z0-9]*[.A-Za-z0-9])?`)},
	}
)

func sixOctets(separator string) string {
	return `[0-9A-Fa-f]{1,2}(` + separator + `[0-9A-Fa-f]{1,2}){5}`
}

// scan splits an expression into its tokens, the last of which is the end.
func scan(expression string) ([]token, error) {
	var tokens []token
	for at := 0; ; {
		rest := expression[at:]
		trimmed := strings.TrimLeft(rest, " \t\r\n")
		at += len(rest) - len(trimmed)
		t := token{column: at + 1}
		if trimmed == "" {
			return append(tokens, t), nil
		}
		t.kind, t.text = next(trimmed)
		if t.text == "" {
			return nil, failAt(t, "%q does not belong in an expression", firstRune(trimmed))
		}
		at += len(t.text)
		if err := t.finish(); err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
	}
}

func next(rest string) (kind tokenKind, text string) {
	text = ipv6Prefix(rest)
	kind = ipv6
	for _, f := range forms {
		if m := f.form.FindString(rest); len(m) > len(text) {
			kind, text = f.kind, m
		}
	}
	if text != "" {
		return kind, text
	}
	if m := symbolForm.FindString(rest); m != "" {
		return symbol, m
	}
	return escaped, escapedForm.FindString(rest)
}

// ipv6Prefix returns the longest IPv6 address that the text begins with.
func ipv6Prefix(text string) string {
	const longest = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
	run := text[:min(len(text), longest)]
	if i := strings.IndexFunc(run, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF:.", r) }); i >= 0 {
		run = run[:i]
	}
	for ; strings.Count(run, ":") >= 2; run = run[:len(run)-1] {
		if _, err := netip.ParseAddr(run); err == nil {
			return run
		}
	}
	return ""
}

func (t *token) finish() error {
	switch t.kind {
	case escaped:
		t.text = t.text[1:]
	case numeral:
		value, err := strconv.ParseUint(t.text, 0, 32) // 010 is eight, as in C
		if err != nil {
			return failAt(*t, "%s is no number of 32 bits", t.text)
		}
		t.value = uint32(value)
	case word:
		if value, ok := constants[t.text]; ok {
			t.kind, t.value = numeral, value
		}
	case symbol:
		switch t.text {
		case "&&":
			t.kind, t.text = word, "and"
		case "||":
			t.kind, t.text = word, "or"
		case "==":
			t.text = "="
		}
	}
	if t.kind == word && t.text == "not" {
		t.kind, t.text = symbol, "!"
	}
	return nil
}

func (t token) is(text string) bool { return (t.kind == symbol || t.kind == word) && t.text == text }

func (t token) String() string {
	switch t.kind {
	case end:
		return "the end"
	case escaped:
		return `"\` + t.text + `"`
	}
	return `"` + t.text + `"`
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

func failAt(t token, format string, args ...any) error {
	return fmt.Errorf("column %d: %s", t.column, fmt.Sprintf(format, args...))
}
