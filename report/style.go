package report

// Style is how a text looks.
type Style struct {
	Color bool // by the escape sequences of ECMA-48 (SGR)
}

func (s Style) bold(text string) string  { return s.sgr("1", text) }
func (s Style) red(text string) string   { return s.sgr("31", text) }
func (s Style) green(text string) string { return s.sgr("32", text) }

func (s Style) sgr(code, text string) string {
	if !s.Color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
