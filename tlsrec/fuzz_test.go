package tlsrec

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowlab/flow"
)

var update = flag.Bool("update", false, "record testdata/*.session anew")

// sessionFiles are recorded, so that what a fuzzer finds can be repeated.
var sessionFiles = []struct {
	name    string
	version uint16
}{{"tls12", tls.VersionTLS12}, {"tls13", tls.VersionTLS13}}

// TestRecordedSessions reads the sessions that the fuzzer plays with.
func TestRecordedSessions(t *testing.T) {
	for _, s := range sessionFiles {
		path := filepath.Join("testdata", s.name+".session")
		if *update {
			client := clientConfig()
			client.MaxVersion = s.version
			c := converse(t, client, serverConfig(), []turn{
				{flow.Client, 10}, {flow.Server, 100}, {flow.Server, 3000}, {flow.Client, 200}, {flow.Client, 1}, {flow.Server, 400}, {flow.Server, 5},
			})
			if err := os.WriteFile(path, c.format(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		checkAll(t, loadSession(t, path))
	}
}

// format writes a capture as text: a line for each write, what was sent, and the
// key log.
func (c *capture) format() []byte {
	var out bytes.Buffer
	for _, k := range c.chunks {
		fmt.Fprintf(&out, "%v %x\n", k.from, k.b)
	}
	for _, side := range []flow.Side{flow.Client, flow.Server} {
		fmt.Fprintf(&out, "%v-sent %x\n", side, c.sent[side].Bytes())
	}
	out.Write(c.keyLog.Bytes())
	return out.Bytes()
}

func loadSession(t testing.TB, path string) *capture {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &capture{}
	for line := range strings.Lines(string(text)) {
		word, digits, _ := strings.Cut(strings.TrimSpace(line), " ")
		side := flow.Client
		if strings.HasPrefix(word, "server") {
			side = flow.Server
		}
		b, err := hex.DecodeString(digits)
		switch word {
		case "client", "server":
			c.chunks = append(c.chunks, chunk{side, b})
		case "client-sent", "server-sent":
			c.sent[side].Write(b)
		default:
			c.keyLog.WriteString(line)
			err = nil
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return c
}

// An operation of a script is a byte, of which the lowest bit is the side and the
// next three are what is done, and a count of two bytes.
const (
	opWrite   = iota // as many of the bytes that the side really sent
	opGap            // as many of them are missing
	opFlip           // write as many, one bit flipped
	opInvent         // write as many bytes of the script itself
	opPretend        // a gap that is none
	opKeys           // as many bytes of the key log
	opNext           // ask, instead of only writing
	opRest           // write all that is left
)

func op(what int, side flow.Side, n int) []byte {
	return binary.BigEndian.AppendUint16([]byte{byte(what<<1) | byte(side)}, uint16(n))
}

func FuzzConn(f *testing.F) {
	var sessions []*capture
	for _, s := range sessionFiles {
		sessions = append(sessions, loadSession(f, filepath.Join("testdata", s.name+".session")))
	}
	const c, s = flow.Client, flow.Server
	for session := range byte(len(sessionFiles)) {
		for _, ops := range [][][]byte{
			{op(opKeys, 0, 60000), op(opRest, c, 0), op(opRest, s, 0), op(opNext, c, 0), op(opNext, s, 0)},
			{op(opRest, c, 0), op(opRest, s, 0), op(opNext, c, 0), op(opKeys, 0, 60000), op(opNext, c, 0), op(opNext, s, 0)},
			{op(opKeys, 0, 60000), op(opRest, c, 0), op(opWrite, s, 1200), op(opGap, s, 900), op(opRest, s, 0), op(opNext, s, 0)},
			{op(opKeys, 0, 60000), op(opRest, c, 0), op(opWrite, s, 1200), op(opFlip, s, 300), op(opRest, s, 0), op(opNext, s, 0)},
			{op(opKeys, 0, 60000), op(opRest, c, 0), op(opWrite, s, 1200), op(opPretend, s, 65535), op(opRest, s, 0), op(opNext, s, 0)},
			{op(opWrite, c, 5), append(op(opInvent, c, 6), 23, 3, 3, 0, 17, 1), op(opNext, c, 0)},
		} {
			f.Add(append([]byte{session}, bytes.Join(ops, nil)...))
		}
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) == 0 {
			return
		}
		truth := sessions[int(script[0])%len(sessionFiles)]
		script = script[1:]
		left, log := [2][]byte{truth.of(c), truth.of(s)}, truth.keyLog.Bytes()
		keys := NewKeys()
		conn := NewConn(keys)
		r := &reading{conn: conn, truth: truth}
		for len(script) >= 3 {
			side, what := flow.Side(script[0]&1), int(script[0]>>1&7)
			n := int(binary.BigEndian.Uint16(script[1:]))
			script = script[3:]
			real := left[side][:min(n, len(left[side]))]
			switch what {
			case opWrite:
				conn.Write(side, real)
			case opGap:
				conn.Gap(side, int64(len(real)))
			case opFlip:
				flipped := bytes.Clone(real)
				if len(flipped) > 0 {
					flipped[n*7%len(flipped)] ^= 1 << (n % 8)
				}
				conn.Write(side, flipped)
			case opRest:
				real = left[side]
				conn.Write(side, real)
			case opInvent:
				n = min(n, len(script))
				conn.Write(side, script[:n])
				script = script[n:]
			case opPretend:
				conn.Gap(side, int64(n)*int64(n)*int64(n)*int64(n))
			case opKeys:
				n = min(n, len(log))
				keys.Write(log[:n])
				log = log[n:]
			case opNext:
				r.drain(t)
			}
			if what <= opFlip || what == opRest {
				left[side] = left[side][len(real):]
			}
			for i := range conn.dirs {
				if held := conn.dirs[i].held(); held > MaxHeld+1<<16 {
					t.Fatalf("%d bytes are held", held)
				}
				if gaps := len(conn.dirs[i].gaps); gaps > maxGaps+1 {
					t.Fatalf("%d gaps are held", gaps)
				}
				_ = conn.Problem(flow.Side(i)).String()
				_ = conn.State(flow.Side(i)).String()
			}
		}
		r.drain(t)
		// Nothing is read that was not sent, nor in another order.
		for _, side := range []flow.Side{c, s} {
			if got, sent := len(r.plain[side]), truth.sent[side].Len(); got > sent {
				t.Errorf("%v: %d bytes are read, of %d", side, got, sent)
			}
			if r.lost[side] == 0 && !bytes.HasPrefix(truth.sent[side].Bytes(), r.plain[side]) {
				t.Errorf("%v: what is read is not what was sent, and nothing is said to be lost", side)
			}
		}
	})
}
