package scenarios

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

// reader walks the nodes of one YAML document and notes what is wrong with
// them. Its methods return ok false for what they have noted, so that reading
// goes on and finds the rest.
type reader struct {
	file     string
	errs     []*FileError
	protocol string   // of the scenario
	knobs    *Knobs   // at the start, once they are read
	given    []given  // those of them that the file sets
	opened   []string // the paths of the streams that its steps open, so far
}

// mostTokens is far above what a scenario needs, about 500. The parser's depth
// grows with the tokens of a hostile file, and its time with their square.
const mostTokens = 8192

// document parses the one document of a file. It returns nil if there is
// none; an empty one has been noted too.
func (r *reader) document(data []byte) ast.Node {
	if !utf8.Valid(data) {
		r.failAt(0, 0, mistake("a scenario is a text file", "not UTF-8 text"))
		return nil
	}
	tokens := lexer.Tokenize(strings.TrimPrefix(string(data), "\ufeff"))
	if len(tokens) > mostTokens {
		r.failAt(0, 0, mistake("a scenario has a few dozen lines", "too many words for a scenario: %d", len(tokens)))
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.CommentType:
		case body == nil:
			body = doc.Body
		default:
			r.fail(doc.Body, mistake("keep one scenario in each file", "a second document"))
			return nil
		}
	}
	if body == nil {
		r.failAt(0, 0, mistake("begin with a title, such as title: The reader stops", "no scenario in the file"))
	}
	return body
}

// syntax notes an error of the YAML parser, whose own text shows the source
// around it and is not one line.
func (r *reader) syntax(err error) {
	const hint = "put quotes around text that has a colon or a comma, close every bracket, indent with spaces"
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		r.failAt(0, 0, mistake(hint, "not YAML: %s", quote(err.Error())))
		return
	}
	pos := at.GetToken().Position
	// The parser's message may quote a character as it is.
	message := strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '�'
		}
		return c
	}, at.GetMessage())
	r.failAt(pos.Line, pos.Column, mistake(hint, "not YAML: %s", message))
}

// fail notes that something is wrong with the node.
func (r *reader) fail(n ast.Node, err error) {
	// The token of a mapping in block style is the first colon: its beginning
	// is the first key.
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	pos := n.GetToken().Position
	r.failAt(pos.Line, pos.Column, err)
}

func (r *reader) failAt(line, column int, err error) {
	m, ok := errors.AsType[*Mistake](err)
	if !ok {
		panic("not a mistake of the file's author: " + err.Error())
	}
	r.errs = append(r.errs, &FileError{File: r.file, Line: line, Column: column, Mistake: m})
}

// err joins what was noted, in the order of the file. It is nil if nothing was.
func (r *reader) err() error {
	slices.SortStableFunc(r.errs, func(a, b *FileError) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	var errs []error
	for _, e := range r.errs {
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

// object is a mapping whose keys are known.
type object struct {
	node   ast.Node
	values map[string]ast.Node
	keys   map[string]ast.Node
}

// has tells whether the mapping has a value for the key.
func (o object) has(key string) bool { return o.values[key] != nil }

// object reads a mapping that may have the given keys and no others. What says
// where that is: "a step", "the network section".
func (r *reader) object(n ast.Node, what string, known []string) (o object, ok bool) {
	o = object{node: n, values: map[string]ast.Node{}, keys: map[string]ast.Node{}}
	pairs, ok := r.pairs(n, what)
	for _, p := range pairs {
		name := p.name
		if !slices.Contains(known, name) {
			r.fail(p.key, mistake(hintKey(p, known), "unknown key %s in %s", quote(name), what))
			continue
		}
		o.values[name], o.keys[name] = p.value, p.key
	}
	return o, ok
}

// hintKey tells what an unknown key should have been.
func hintKey(p pair, known []string) string {
	if strings.Contains(p.name, " ") && p.value.Type() == ast.NullType {
		return `put quotes around text that has a comma, such as say: "One, two."`
	}
	if near := nearest(p.name, known); len(near) > 0 {
		return hintName("keys", p.name, known)
	}
	// It may be a knob of another section.
	if near := nearest(p.name, KnobNames()); len(near) > 0 {
		return hintName("knobs", p.name, KnobNames())
	}
	return hintName("keys", p.name, known)
}

// pair is one key of a mapping with its value.
type pair struct {
	name       string
	key, value ast.Node
}

// pairs reads a mapping, in the order of the file, without repeated keys.
func (r *reader) pairs(n ast.Node, what string) (pairs []pair, ok bool) {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		r.fail(n, mistake("write {key: value, …}, or one key: value on each line", "%s must be a mapping, not %s", what, describe(n)))
		return nil, false
	}
	seen := map[string]bool{}
	for _, v := range m.Values {
		key, isName := v.Key.(*ast.StringNode)
		switch {
		case !isName:
			r.fail(v.Key, mistake("keys are plain words", "%s is not a key", describe(v.Key)))
		case seen[key.Value]:
			r.fail(key, mistake("keep one of them", "the key %s stands twice in %s", quote(key.Value), what))
		default:
			seen[key.Value] = true
			pairs = append(pairs, pair{key.Value, key, v.Value})
		}
	}
	return pairs, true
}

// list reads a sequence.
func (r *reader) list(n ast.Node, what string) []ast.Node {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fail(n, mistake(`begin each entry with "- "`, "%s must be a list, not %s", what, describe(n)))
		return nil
	}
	return s.Values
}

// word reads a scalar as it is written, whatever YAML takes it for: 0x10, 1.0
// and true are texts until a knob or an expectation reads them.
func (r *reader) word(n ast.Node) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		text = n.Value
	case *ast.LiteralNode:
		text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		text = n.GetToken().Value
	case *ast.NullNode:
	default:
		r.fail(n, mistake("write one value", "a value must stand here, not %s", describe(n)))
		return "", false
	}
	if text = strings.TrimSpace(text); text == "" {
		r.fail(n, mistake("write a value, or leave the key out", "no value"))
		return "", false
	}
	return text, true
}

// line reads a text that is shown to people: one line, and nothing that a
// terminal would obey.
func (r *reader) line(n ast.Node) (text string, ok bool) {
	text, ok = r.word(n)
	if ok && strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }) {
		r.fail(n, mistake("write one line; > folds several into one", "line breaks or control characters in the text"))
		return "", false
	}
	return text, ok
}

// value reads a scalar with a parser whose errors are Mistakes.
func value[T any](r *reader, n ast.Node, parse func(string) (T, error)) (v T, ok bool) {
	text, ok := r.word(n)
	if !ok {
		return v, false
	}
	v, err := parse(text)
	if err != nil {
		r.fail(n, err)
		return v, false
	}
	return v, true
}

// describe says what a node is, with its article.
func describe(n ast.Node) string {
	switch n.Type() {
	case ast.MappingType, ast.MappingValueType:
		return "a mapping"
	case ast.SequenceType:
		return "a list"
	case ast.AnchorType:
		return "an anchor"
	case ast.AliasType:
		return "an alias"
	case ast.TagType:
		return "a tag"
	case ast.MergeKeyType:
		return "a merge key"
	case ast.NullType:
		return "nothing"
	}
	return quote(n.GetToken().Value)
}
