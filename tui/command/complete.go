// What may stand at the end of a line.

package command

import (
	"slices"
	"strings"

	"flowlab/diagnose/board"
	"flowlab/flow"
	"flowlab/tui/parts"
)

// Complete returns, for what stands before the cursor of a line, the words that may stand
// at its end, and from which byte on, as [parts.Input] asks for them. Which knobs,
// interfaces and streams there are is asked of words, which may be nil.
func Complete(v View, before string, words func(kind string) []string) (from int, list []string) {
	line := strings.TrimLeft(before, " ")
	name, rest, ended := strings.Cut(line, " ")
	if !ended {
		return len(before) - len(name), begin(name, namesOf(of(v)))
	}
	e, err := find(v, name)
	if err != nil || e.kind == "" {
		return len(before), nil
	}
	if e.kind == filters {
		return CompleteFilter(before, len(before)-len(rest), words)
	}
	argument := strings.TrimLeft(rest, " ")
	return len(before) - len(argument), begin(argument, known(e.kind, words))
}

// CompleteFilter does the same of a filter that begins at a byte of what stands before the
// cursor.
func CompleteFilter(before string, begins int, words func(kind string) []string) (from int, list []string) {
	from = max(begins, strings.LastIndexByte(before, ' ')+1)
	word := before[from:]
	said := strings.Fields(before[begins:from])
	if len(said) > 0 {
		switch last := said[len(said)-1]; last {
		case "cause", "held-by", "state", "protocol", Interfaces, "number", "port", "address":
			return from, begin(word, known(last, words))
		}
	}
	return from, begin(word, board.FilterWords())
}

// known are the words of a kind.
func known(kind string, words func(kind string) []string) (list []string) {
	switch kind {
	case columns:
		return board.ByNames()
	case themes:
		for _, t := range parts.Themes() {
			list = append(list, t.Name)
		}
	case plots:
		for _, g := range []*parts.Glyphs{&parts.Braille, &parts.Block, &parts.ASCII} {
			list = append(list, g.Name)
		}
	case switches:
		return []string{"on", "off"}
	case moments:
		return []string{"end"}
	case "cause":
		return flow.CauseNames()
	case "held-by":
		for by := range flow.HeldBy(flow.NumHeldBy) {
			list = append(list, by.String())
		}
	case "state":
		for _, s := range []board.State{board.Held, board.Flowing, board.Idle, board.Closed} {
			list = append(list, s.String())
		}
	case "protocol":
		for _, p := range []board.Protocol{board.TCP, board.TLS, board.HTTP2} {
			list = append(list, p.String())
		}
	case Knobs, Interfaces, Streams:
		if words != nil {
			return words(kind)
		}
	}
	return list
}

// begin are those of words that begin so, each once; none of them if there is only the
// word itself.
func begin(so string, words []string) (list []string) {
	for _, w := range words {
		if strings.HasPrefix(w, so) && !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	if len(list) == 1 && list[0] == so {
		return nil
	}
	return list
}
