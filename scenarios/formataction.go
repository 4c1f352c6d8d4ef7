package scenarios

import "golang.org/x/net/http2"

// actionFields writes what an application does, under the key of a step that says so.
func actionFields(a Action) (key string, f fields) {
	switch a := a.(type) {
	case Open:
		return "open", openFields(a)
	case Read:
		f.addText("path", a.Path)
		f.add("by", a.Role)
		f.add("rate", a.Rate)
		return "read", f
	case Send:
		f.addText("path", a.Path)
		f.add("from", a.From)
		f.add("bytes", amount(a.Bytes))
		f.message(a.Message)
		return "send", f
	case Reset:
		f.addText("path", a.Path)
		f.add("from", a.From)
		f.code(a.Code, http2.ErrCodeCancel)
		return "reset", f
	case Credit:
		f.account("path", a.Path)
		f.add("from", a.From)
		f.add("bytes", amount(a.Bytes))
		return "credit", f
	case GoAway:
		f.add("from", a.From)
		f.addText("last", a.Last)
		f.code(a.Code, http2.ErrCodeNo)
		return "goaway", f
	}
	panic("an action of no kind: " + a.String())
}

func openFields(o Open) (f fields) {
	f.addText("path", o.Path)
	if o.Count != 1 {
		f.add("count", o.Count)
	}
	f.body(o.Request)
	f.reads(o.Reads)
	var answer fields
	if o.Answer.When != AtEnd {
		answer.add("when", o.Answer.When)
	}
	answer.body(o.Answer.Body)
	answer.reads(o.Answer.Reads)
	if o.Answer.Echo {
		answer.add("echo", true)
	}
	if len(answer) > 0 {
		f.add("answer", answer)
	}
	return f
}

func (f *fields) body(b Body) {
	if b.Sends != 0 {
		f.add("sends", amount(b.Sends))
	}
	if b.Rate != Unlimited {
		f.add("rate", b.Rate)
	}
	f.message(b.Message)
	if usual := b.Sends != Unlimited; b.Ends != usual {
		f.add("ends", b.Ends)
	}
}

func (f *fields) message(size Bytes) {
	if size != 0 {
		f.add("message", amount(size))
	}
}

func (f *fields) reads(rate ByteRate) {
	if rate != AsKnob {
		f.add("reads", rate)
	}
}

func (f *fields) code(code, usual http2.ErrCode) {
	if code != usual {
		f.add("code", code)
	}
}

// account names a window: that of the streams of a path, or the connection's.
func (f *fields) account(key, path string) {
	if path == "" {
		f.add("connection", true)
	}
	f.addText(key, path)
}
