package main

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"flowlab/capture"
	"flowlab/capture/filter"
	"flowlab/diagnose/survey"
	"flowlab/flow"
)

// choice is which packets and connections to analyse; all if it is zero.
type choice struct {
	expression string
	host       string
	port       uint16
}

// apply has a survey choose. What is found wrong later, at the first packet of
// another link type, goes to fail.
func (c *choice) apply(s *survey.Survey, fail context.CancelCauseFunc) error {
	if c.expression != "" {
		f := filters{expression: c.expression, byLink: map[capture.LinkType]*filter.Filter{}}
		// Wrong ones are told before anything is read.
		if _, err := f.of(capture.Ethernet); err != nil {
			return err
		}
		s.Match = func(link capture.LinkType, p *capture.Packet) bool {
			chosen, err := f.of(link)
			if err != nil {
				fail(err)
				return false
			}
			return chosen.Match(p.Data, p.Length)
		}
	}
	if c.host == "" && c.port == 0 {
		return nil
	}
	var network netip.Prefix
	if c.host != "" {
		var err error
		if network, err = parseHost(c.host); err != nil {
			return err
		}
	}
	s.Keep = func(t *flow.Tuple) bool {
		return (c.port == 0 || t.Src.Port == c.port || t.Dst.Port == c.port) &&
			(c.host == "" || network.Contains(t.Src.AddrPort().Addr()) || network.Contains(t.Dst.AddrPort().Addr()))
	}
	return nil
}

// filters are the filters of one expression, by how packets begin.
type filters struct {
	expression string
	byLink     map[capture.LinkType]*filter.Filter
	last       *filter.Filter
	lastLink   capture.LinkType
}

// of returns the filter for packets of a link type.
func (f *filters) of(link capture.LinkType) (*filter.Filter, error) {
	if f.last != nil && f.lastLink == link {
		return f.last, nil
	}
	chosen, ok := f.byLink[link]
	if !ok {
		var err error
		if chosen, err = filter.Compile(f.expression, link); err != nil {
			return nil, mistake("docs/filters.md has what an expression is made of, such as 'tcp port 443 and host 192.0.2.7'", "--filter %q: %v", f.expression, err)
		}
		f.byLink[link] = chosen
	}
	f.last, f.lastLink = chosen, link
	return chosen, nil
}

// parseHost reads an address, or a network as its address and length.
func parseHost(text string) (netip.Prefix, error) {
	if network, err := netip.ParsePrefix(text); err == nil {
		return network.Masked(), nil
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, mistake("write an address such as 192.0.2.7 or 2001:db8::7, or a network such as 10.0.0.0/8; names are not looked up", "--host %s: no address", text)
	}
	return address.Prefix(address.BitLen())
}

// parseSpan reads FROM,TO.
func parseSpan(text string) (survey.Span, error) {
	const hint = "write two times from the first packet, such as --between 10s,20s or --between 500ms,1.5s"
	from, to, ok := strings.Cut(text, ",")
	if !ok {
		return survey.Span{}, mistake(hint, "--between %s: one time", text)
	}
	var span survey.Span
	for _, end := range []struct {
		text string
		time *time.Duration
	}{{from, &span.Start}, {to, &span.End}} {
		t, err := time.ParseDuration(strings.TrimSpace(end.text))
		if err != nil {
			return span, mistake(hint, "--between %s: %q is no time", text, end.text)
		}
		*end.time = t
	}
	if span.Start < 0 || span.End <= span.Start {
		return span, mistake(hint, "--between %s: it ends before it begins", text)
	}
	return span, nil
}

// list joins names as a sentence does.
func list(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
