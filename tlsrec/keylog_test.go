package tlsrec

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

var (
	anyRandom = strings.Repeat("0a", 32)
	secret32  = strings.Repeat("0b", 32)
	secret48  = strings.Repeat("0C", 48)
)

func TestKeyLog(t *testing.T) {
	master := "CLIENT_RANDOM " + anyRandom + " " + secret48
	for _, c := range []struct {
		name     string
		log      string
		sessions int
		mistakes []string
	}{
		{"empty", "", 0, nil},
		{"a master secret", master + "\n", 1, nil},
		{"the last line has no end", master, 1, nil},
		{"CRLF", master + "\r\n\r\n" + master + "\r\n", 1, nil},
		{"comments and empty lines", "# a comment\n\n \n" + master + "\n", 1, nil},
		{"a long comment", "#" + strings.Repeat("x", 5000) + "\n" + master + "\n", 1, nil},
		{"TLS 1.3, both lengths", "CLIENT_TRAFFIC_SECRET_0 " + anyRandom + " " + secret32 +
			"\nSERVER_TRAFFIC_SECRET_0 " + anyRandom + " " + secret48 + "\n", 1, nil},
		{"labels for something else", "RSA 0011 2233\nEXPORTER_SECRET x\nECH_SECRET\nOF_THE_FUTURE_7\n", 0, nil},
		{"no label", "hello world\n" + master + "\n", 1, []string{"line 1: not a line of a key log: it begins with no label"}},
		{"no secret", "\nCLIENT_RANDOM " + anyRandom + "\n", 0, []string{"line 2: CLIENT_RANDOM has no secret"}},
		{"a random that is cut", "CLIENT_RANDOM 0a " + secret48, 0, []string{"line 1: the client random of CLIENT_RANDOM has 2 digits, want 64"}},
		{"a random that is no number", "CLIENT_RANDOM " + strings.Repeat("xy", 32) + " " + secret48, 0,
			[]string{"line 1: the client random of CLIENT_RANDOM is not hexadecimal"}},
		{"a master secret that is cut", "CLIENT_RANDOM " + anyRandom + " " + secret32, 0,
			[]string{"line 1: the secret of CLIENT_RANDOM has 64 digits, want 96"}},
		{"a secret that is cut", "CLIENT_TRAFFIC_SECRET_0 " + anyRandom + " 0b", 0,
			[]string{"line 1: the secret of CLIENT_TRAFFIC_SECRET_0 has 2 digits, want 64 or 96"}},
		{"a secret that is no number", "CLIENT_TRAFFIC_SECRET_0 " + anyRandom + " " + strings.Repeat("-", 64), 0,
			[]string{"line 1: the secret of CLIENT_TRAFFIC_SECRET_0 is not hexadecimal"}},
		{"too long", master + " " + strings.Repeat("x", 1000) + "\n" + master + "\n", 1, []string{"line 1: longer than 1024 bytes"}},
		{"a file that is something else", strings.Repeat("\x00\x01\x02 \n", 1000), 0,
			slices.Repeat([]string{"not a line"}, 100)},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1, 100, 1 << 20} {
				k := NewKeys()
				for b := range slices.Chunk([]byte(c.log), size) {
					if n, err := k.Write(b); n != len(b) || err != nil {
						t.Fatalf("Write returns %d, %v", n, err)
					}
				}
				k.Flush()
				mistakes := k.Mistakes()
				if k.Len() != c.sessions || !slices.EqualFunc(mistakes, c.mistakes, func(m Mistake, want string) bool { return strings.Contains(m.String(), want) }) {
					t.Errorf("in pieces of %d bytes: %d sessions, %v, want %d, %v", size, k.Len(), mistakes, c.sessions, c.mistakes)
				}
			}
		})
	}
}

func TestKeysForgetTheOldest(t *testing.T) {
	k := NewKeys()
	k.limit = 3
	random := func(i int) (r [32]byte) { r[0] = byte(i); return r }
	for i := range 10 {
		fmt.Fprintf(k, "CLIENT_RANDOM %x %s\n", random(i), secret48)
		fmt.Fprintf(k, "CLIENT_RANDOM %x %s\n", random(max(0, i-1)), secret48) // again: it grows no younger
	}
	for i := range 10 {
		r := random(i)
		if got, want := k.find(&r) != (secrets{}), i >= 7; got != want {
			t.Errorf("session %d is there: %v, want %v", i, got, want)
		}
	}
	if k.Len() != 3 {
		t.Errorf("%d sessions, want 3", k.Len())
	}
}

// Connections look again only if something was added.
func TestGeneration(t *testing.T) {
	k := NewKeys()
	line := "CLIENT_RANDOM " + anyRandom + " " + secret48 + "\n"
	for _, c := range []struct {
		write string
		want  uint64
	}{{"# nothing\n", 0}, {line[:50], 0}, {line[50:], 1}, {line, 1}, {"CLIENT_TRAFFIC_SECRET_0 " + anyRandom + " " + secret32 + "\n", 2}} {
		k.Write([]byte(c.write))
		if got := k.generation.Load(); got != c.want {
			t.Errorf("after %q: generation %d, want %d", c.write, got, c.want)
		}
	}
}

// One key log serves many connections while it grows.
func TestKeysConcurrently(t *testing.T) {
	c := converse(t, clientConfig(), serverConfig(), small)
	k := NewKeys()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			conn := NewConn(k)
			for _, piece := range c.chunks {
				conn.Write(piece.from, piece.b)
				conn.Next(piece.from)
			}
		})
	}
	for b := range slices.Chunk(c.keyLog.Bytes(), 10) {
		k.Write(b)
	}
	group.Wait()
}

func FuzzKeyLog(f *testing.F) {
	f.Add([]byte("CLIENT_RANDOM "+anyRandom+" "+secret48+"\r\n# \n"), 3)
	f.Add([]byte("SERVER_TRAFFIC_SECRET_0 "+anyRandom+" "+secret32), 100)
	f.Add([]byte("RSA 00 11\nhello world\n\n"), 1)
	f.Fuzz(func(t *testing.T, log []byte, size int) {
		size = max(1, size)
		whole, pieces := keysOf(log), NewKeys()
		for b := range slices.Chunk(log, size) {
			pieces.Write(b)
		}
		pieces.Flush()
		if whole.Len() != pieces.Len() || !slices.Equal(whole.Mistakes(), pieces.Mistakes()) {
			t.Errorf("%d sessions and %v, in pieces of %d bytes %d and %v", whole.Len(), whole.Mistakes(), size, pieces.Len(), pieces.Mistakes())
		}
		if n := bytes.Count(log, []byte{'\n'}) + 1; whole.Len()+len(whole.Mistakes()) > n {
			t.Errorf("%d sessions and %d mistakes in %d lines", whole.Len(), len(whole.Mistakes()), n)
		}
	})
}

// What is known of a session can be written as a key log, and read again.
func TestLines(t *testing.T) {
	random := [32]byte{1, 2, 3}
	text := fmt.Sprintf("CLIENT_RANDOM %x %096x\nSERVER_TRAFFIC_SECRET_0 %x %064x\n", random, 7, random, 8)
	k := NewKeys()
	_, _ = k.Write([]byte("CLIENT_RANDOM " + strings.Repeat("0", 64) + " " + strings.Repeat("1", 96) + "\n" + text))
	if got := string(k.Lines(&random)); got != text {
		t.Errorf("the lines are\n%swant\n%s", got, text)
	}
	if got := k.Lines(&[32]byte{9}); got != nil {
		t.Errorf("of a session that is not known there is %q", got)
	}
}
