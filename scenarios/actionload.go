package scenarios

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"golang.org/x/net/http2"
)

// actionKinds are the keys of a step that let applications act over HTTP/2, in the
// order in which they happen.
var actionKinds = []struct {
	key  string
	read func(*reader, object) Action
	keys []string
}{
	{"open", (*reader).open, []string{"path", "count", "sends", "rate", "message", "ends", "reads", "answer"}},
	{"read", (*reader).read, []string{"path", "by", "rate"}},
	{"send", (*reader).send, []string{"path", "from", "bytes", "message"}},
	{"reset", (*reader).reset, []string{"path", "from", "code"}},
	{"credit", (*reader).credit, []string{"path", "connection", "from", "bytes"}},
	{"goaway", (*reader).goAway, []string{"from", "last", "code"}},
}

func actionKeys() []string {
	var keys []string
	for _, k := range actionKinds {
		keys = append(keys, k.key)
	}
	return keys
}

// actions reads what applications do in a step.
func (r *reader) actions(step object) []Action {
	var all []Action
	for _, kind := range actionKinds {
		if !step.has(kind.key) {
			continue
		}
		if r.protocol != H2 {
			r.fail(step.keys[kind.key], mistake("begin with producer: {protocol: h2}", "%s is a step of HTTP/2, and the protocol is %s", kind.key, r.protocol))
			continue
		}
		if o, ok := r.object(step.values[kind.key], kind.key, kind.keys); ok {
			a := kind.read(r, o)
			if m := r.knobs.stockCannot(a); m != nil {
				r.fail(step.keys[kind.key], m)
			}
			all = append(all, a)
		}
	}
	return all
}

func (r *reader) open(o object) Action {
	a := Open{Count: 1, Reads: AsKnob, Answer: Answer{Reads: AsKnob, Body: Body{Rate: Unlimited, Ends: true}}}
	if o.has("path") {
		a.Path, _ = value(r, o.values["path"], parsePath)
		r.opened = append(r.opened, a.Path)
	} else {
		r.fail(o.node, mistake("add a path, such as path: /upload", "a stream without a path"))
	}
	if o.has("count") {
		a.Count, _ = value(r, o.values["count"], number(1))
		if a.Count > mostOpened {
			r.fail(o.values["count"], mistake("open at most 1000", "%d streams in one step", a.Count))
		}
	}
	a.Request = r.body(o)
	if o.has("reads") {
		a.Reads, _ = value(r, o.values["reads"], readRate)
	}
	if o.has("answer") {
		a.Answer = r.answer(o.values["answer"])
	}
	return a
}

// mostOpened is how many streams one step may open.
const mostOpened = 1000

func (r *reader) answer(n ast.Node) Answer {
	a := Answer{Reads: AsKnob}
	o, ok := r.object(n, "the answer", []string{"when", "sends", "rate", "message", "ends", "reads", "echo"})
	if !ok {
		return a
	}
	if o.has("when") {
		a.When, _ = value(r, o.values["when"], parseMoment)
	}
	if o.has("reads") {
		a.Reads, _ = value(r, o.values["reads"], readRate)
	}
	if o.has("echo") {
		a.Echo, _ = value(r, o.values["echo"], parseBool)
	}
	if a.Echo && o.has("when") {
		r.fail(o.keys["when"], mistake("leave one of them out", "an echo answers as it reads"))
	}
	a.Body = r.body(o)
	for _, key := range []string{"sends", "rate", "message", "ends"} {
		switch {
		case !o.has(key):
		case a.Echo:
			r.fail(o.keys[key], mistake("leave one of them out", "an echo sends what it reads, and has no %s of its own", key))
		case a.When == Never:
			r.fail(o.keys[key], mistake("leave it out, or answer at-once or at-end", "%s of an answer that never comes", key))
		}
	}
	return a
}

// body reads what is sent on a stream. What ends does so by itself, unless it is told
// not to.
func (r *reader) body(o object) Body {
	b := Body{Rate: Unlimited}
	if o.has("sends") {
		b.Sends, _ = value(r, o.values["sends"], orUnlimited(bytesUnit).read)
	}
	if o.has("rate") {
		var ok bool
		if b.Rate, ok = value(r, o.values["rate"], readRate); ok && b.Rate == 0 {
			r.fail(o.values["rate"], mistake("write a rate, or leave it out", "a body that is never sent"))
		}
	}
	b.Message = r.message(o)
	b.Ends = b.Sends != Unlimited
	if o.has("ends") {
		ends, ok := value(r, o.values["ends"], parseBool)
		if ok && ends && b.Sends == Unlimited {
			r.fail(o.values["ends"], mistake("leave it out, or send so many bytes", "what is unlimited does not end"))
		}
		b.Ends = ends
	}
	return b
}

// message reads how long gRPC messages are; 0 if nothing is said of it.
func (r *reader) message(o object) Bytes {
	if !o.has("message") {
		return 0
	}
	n, ok := value(r, o.values["message"], bytesUnit.read)
	if ok && (n == 0 || n > mostChunk) {
		r.fail(o.values["message"], mistake("a message has 1B to 16MiB", "messages of %s", n))
	}
	return n
}

func (r *reader) read(o object) Action {
	a := Read{Path: r.path(o, "path", "read"), Role: r.role(o, "by", "read")}
	if o.has("rate") {
		a.Rate, _ = value(r, o.values["rate"], readRate)
	} else {
		r.fail(o.node, mistake("add a rate, such as rate: unlimited, or rate: 0 to stop", "read without a rate"))
	}
	return a
}

func (r *reader) send(o object) Action {
	a := Send{Path: r.path(o, "path", "send"), From: r.role(o, "from", "send")}
	a.Bytes = r.amount(o, "send", 1, mostTotal)
	a.Message = r.message(o)
	return a
}

func (r *reader) reset(o object) Action {
	a := Reset{Path: r.path(o, "path", "reset"), From: r.role(o, "from", "reset"), Code: http2.ErrCodeCancel}
	if o.has("code") {
		a.Code, _ = value(r, o.values["code"], parseCode)
	}
	return a
}

func (r *reader) credit(o object) Action {
	a := Credit{Path: r.account(o, "path", "credit"), From: r.role(o, "from", "credit")}
	a.Bytes = r.amount(o, "credit", 0, largestWindow)
	return a
}

func (r *reader) goAway(o object) Action {
	a := GoAway{From: r.role(o, "from", "goaway"), Code: http2.ErrCodeNo}
	if o.has("last") {
		if text, ok := r.word(o.values["last"]); ok && text != "none" {
			a.Last = r.path(o, "last", "goaway")
		}
	}
	if o.has("code") {
		a.Code, _ = value(r, o.values["code"], parseCode)
	}
	return a
}

// account reads which window something is about: that of a path, or with
// connection: true the connection's, for which it is empty.
func (r *reader) account(o object, key, kind string) string {
	switch {
	case o.has("connection"):
		yes, ok := value(r, o.values["connection"], parseBool)
		if ok && !yes {
			r.fail(o.values["connection"], mistake("leave it out, and name a stream by its path", "connection: false"))
		}
		if o.has(key) {
			r.fail(o.keys[key], mistake("leave one of them out", "%s does not go with connection", key))
		}
		return ""
	case !o.has(key):
		r.fail(o.node, mistake("add "+key+": PATH or connection: true", "%s without a window", kind))
		return ""
	}
	return r.path(o, key, kind)
}

// path reads the path of streams that a step before has opened.
func (r *reader) path(o object, key, kind string) string {
	if !o.has(key) {
		r.fail(o.node, mistake("add "+key+", the path of a stream that is open", "%s without %s", kind, key))
		return ""
	}
	path, ok := value(r, o.values[key], parsePath)
	if ok && !slices.Contains(r.opened, path) {
		hint := "open it in a step before"
		if near := nearest(path, r.opened); len(near) > 0 {
			hint = hintName("paths", path, r.opened)
		}
		r.fail(o.values[key], mistake(hint, "no stream %s is opened before", quote(path)))
	}
	return path
}

// amount reads the bytes that a step must have.
func (r *reader) amount(o object, kind string, low, high Bytes) Bytes {
	if !o.has("bytes") {
		r.fail(o.node, mistake("add bytes, such as bytes: 1000", "%s without bytes", kind))
		return 0
	}
	n, ok := value(r, o.values["bytes"], bytesUnit.read)
	if ok && (n < low || n > high) {
		r.fail(o.values["bytes"], mistake("the range is "+low.String()+" to "+high.String(), "%s of %s", kind, n))
	}
	return n
}

// readRate parses the rate of an application that reads.
func readRate(text string) (ByteRate, error) {
	rate, err := orUnlimited(byteRateUnit).read(text)
	if err == nil && rate > mostByteRate && rate != Unlimited {
		err = mistake("write a rate up to 12.5GB/s, or unlimited", "%s is out of range", quote(text))
	}
	return rate, err
}

func parsePath(text string) (string, error) {
	if !strings.HasPrefix(text, "/") || len(text) > 255 || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return text, mistake("write a path such as /upload, of at most 255 plain characters", "%s is not a path", quote(text))
	}
	return text, nil
}

func parseBool(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, mistake("write true or false", "%s is neither true nor false", quote(text))
	}
	return text == "true", nil
}

func parseMoment(name string) (Moment, error) {
	if i := slices.Index(momentNames, name); i >= 0 {
		return Moment(i), nil
	}
	return 0, unknown("moment", name, momentNames)
}

// parseCode reads an error code by its name (RFC 9113 7).
func parseCode(name string) (http2.ErrCode, error) {
	var names []string
	for code := http2.ErrCodeNo; code <= http2.ErrCodeHTTP11Required; code++ {
		if code.String() == name {
			return code, nil
		}
		names = append(names, code.String())
	}
	return 0, unknown("code", name, names)
}
